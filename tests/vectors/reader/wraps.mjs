// FORMAT.md, Wraps: the symmetric one.
import { lp, refuse, utf8 } from "./bytes.mjs";
import { unbox } from "./boxes.mjs";

export const wrapPlace = (dossier, epoch, member) => lp(...["vault/v1/wrap", dossier, String(epoch), member].map(utf8));

/** The dossier's identity and the hash of the wrap record, 32 bytes each. */
export function openSymmetric(wrapKey, dossier, epoch, member, sealed) {
  const opened = unbox(wrapKey, wrapPlace(dossier, epoch, member), sealed);
  if (opened.length !== 64) refuse("another length", "wrap_invalid");
  return [opened.subarray(0, 32), opened.subarray(32)];
}
