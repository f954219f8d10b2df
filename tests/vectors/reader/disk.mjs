// FORMAT.md, On the client's disk: the keys and places of what a device keeps.
import { argon2id, passwordKeys, readParameters, saltOf } from "./argon2id.mjs";
import { fromBase64url, lp, refuse, utf8 } from "./bytes.mjs";
import { hkdf, unbox } from "./boxes.mjs";

const LINE = 4 + 41 + 32;

/** Which key of a keyring seals a file, and under which place; a session's key is random. */
export function sealOf(file, { wrap, dossier, document, index, sessionKey }) {
  const own = (label, ...ids) => [hkdf(wrap, label), ids.length === 0 ? utf8(label) : lp(...[label, ...ids].map(utf8))];
  if (file === "pins") return own("vault/v1/pins");
  if (file === "seen") return [hkdf(wrap, "vault/v1/pins"), utf8("vault/v1/seen")];
  if (file === "list") return own("vault/v1/cache");
  if (file === `names/${dossier}.${index.slice(0, 16)}`) return own("vault/v1/names", dossier, index);
  if (file === `spool/${document}/sealed`) return own("vault/v1/spool", document);
  return file === "session" ? [sessionKey, utf8("vault/v1/session")] : refuse("no file of a device");
}

/** The digests of the claimed blocks, in order; a line that is cut off is none. */
export function claimsOf(key, document, content) {
  const count = Math.floor(content.length / LINE);
  return Array.from({ length: count }, (_, line) => {
    const bytes = content.subarray(line * LINE, (line + 1) * LINE);
    const block = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    const place = lp(...["vault/v1/spool/block", document, String(block)].map(utf8));
    return [block, unbox(key, place, bytes.subarray(4))];
  });
}

/** The set-up that waits for its answer. */
export function openInit({ parameters, email, request }, normalised) {
  const { memory, passes, salt } = readParameters(parameters);
  const { keyring } = passwordKeys(argon2id(normalised, saltOf(salt, email), memory, passes));
  return unbox(keyring, utf8("vault/v1/init"), fromBase64url(request));
}
