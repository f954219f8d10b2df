/** What this browser is and can. */

/** Whether everything that a pick-up needs is here. */
export const suffices = (): boolean =>
  window.isSecureContext && typeof crypto.subtle === "object" && typeof Worker === "function" && "fromEntries" in Object && "at" in Array.prototype;

const APPS = /\b(?:FBAN|FBAV|FB_IAB|Instagram|Line|LinkedInApp|Snapchat|Twitter|WhatsApp|MicroMessenger|GSA|Teams)\b|; wv\)/;

/** Whether the page is shown within another app, which drops what is saved without a word. */
export function isWebview(agent: string): boolean {
  const apple = /\b(?:iPhone|iPad|iPod)\b/.test(agent) && /AppleWebKit/.test(agent) && !/\bSafari\//.test(agent);
  return APPS.test(agent) || apple;
}

/** Whether files can be handed to other apps, and a finger is what points here. */
export function canShare(files: readonly File[]): boolean {
  try {
    return matchMedia("(pointer: coarse)").matches && typeof navigator.canShare === "function" && navigator.canShare({ files: [...files] });
  } catch {
    return false;
  }
}
