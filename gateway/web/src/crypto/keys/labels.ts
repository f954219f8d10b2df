/** A dossier's label: what one of the member's own devices verified of it, for the lists of all of them (FORMAT.md, "The list"). */
import { type Bytes, lp, toHex, utf8 } from "../bytes.ts";
import { hkdf, unbox } from "../boxes.ts";
import { refuse } from "../refusal.ts";

const BLOCK = 64, HASH = 32;

export interface Label {
  /** The version of the newest head when it was made, and its hash. */
  readonly version: number;
  readonly head: string;
  /** The version of the profile that it repeats. */
  readonly profile: number;
  readonly kind: string;
  readonly name: string;
  readonly purpose: string;
}

export const labelKey = (wrapKey: Uint8Array): Promise<Bytes> => hkdf(wrapKey, "vault/v1/label");

export function openLabel(key: Uint8Array, dossier: string, member: string, sealed: Uint8Array): Label {
  const plain = unbox(key, lp(...["vault/v1/label", dossier, member].map(utf8)), sealed);
  let at = 0;
  const take = (size: number): Uint8Array => {
    if (at + size > plain.length) refuse("a label is cut off");
    at += size;
    return plain.subarray(at - size, at);
  };
  const number = (): number => take(4).reduce((sum, byte) => sum * 256 + byte, 0);
  const text = (): string => decoded(take(number()));
  const label = { version: number(), head: toHex(take(HASH)), profile: number(), kind: text(), name: text(), purpose: text() };
  const rest = plain.subarray(at);
  if (rest.length >= BLOCK || rest.some((byte) => byte !== 0)) refuse("it ends with less than 64 zero bytes");
  if (label.version === 0 || label.profile === 0 || label.kind === "" || label.name === "") refuse("no versions, no kind or no name");
  return label;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse("not UTF-8");
  }
}
