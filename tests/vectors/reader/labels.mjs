// FORMAT.md, The list: a dossier's label, which one of the member's own devices has sealed.
import { lp, refuse, toHex, utf8 } from "./bytes.mjs";
import { unbox } from "./boxes.mjs";

const BLOCK = 64;

export function openLabel(key, dossier, member, sealed) {
  const raw = unbox(key, lp(...["vault/v1/label", dossier, member].map(utf8)), sealed);
  let at = 0;
  const take = (size) => (at + size > raw.length ? refuse("cut off") : raw.subarray(at, (at += size)));
  const number = () => take(4).reduce((sum, byte) => sum * 256 + byte, 0);
  const text = () => {
    const bytes = take(number());
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return refuse("not UTF-8");
    }
  };
  const label = { version: number(), head: toHex(take(32)), profile: number(), kind: text(), name: text(), purpose: text() };
  const rest = raw.subarray(at);
  if (rest.length >= BLOCK || rest.some((byte) => byte !== 0)) refuse("more than padding");
  if (!label.version || !label.profile || !label.kind || !label.name) refuse("no name, no kind, or no versions");
  return label;
}
