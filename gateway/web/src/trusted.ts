/** The one policy for what may run (Trusted Types): files of this page's own folder of assets. */
const own = new URL(import.meta.url);
const folder = own.pathname.slice(0, own.pathname.lastIndexOf("/") + 1);

function checked(url: string): string {
  const found = new URL(url, own.href);
  if (found.origin !== own.origin || !found.pathname.startsWith(folder)) throw new TypeError("a script from elsewhere");
  return found.href;
}

const policy = window.trustedTypes?.createPolicy("dossier", { createScriptURL: checked });

/** A worker of ours. */
export function worker(url: string): Worker {
  return new Worker(policy === undefined ? checked(url) : policy.createScriptURL(url), { type: "module" });
}
