/** The head of a document: an age header to one hybrid recipient, and the payload's nonce (FORMAT.md, "Documents"). */
import { Decrypter, type Identity, type Stanza } from "age-encryption";
import type { Bytes } from "../bytes.ts";
import { refuse } from "../refusal.ts";
import { TYPE, identityOf } from "./hybrid.ts";

const NONCE = 16;
// The line of the MAC ends the header: nothing before it begins like it.
const MAC_LINE = "\n--- ", MAC_SIZE = 49;

export interface OpenHead {
  readonly fileKey: Bytes;
  readonly nonce: Bytes;
}

/** Opens nothing: refuses a file with another stanza, or more than one. */
export const ONE_HYBRID: Identity = {
  unwrapFileKey(stanzas: Stanza[]): null {
    return stanzas.length === 1 && stanzas[0]?.args[0] === TYPE ? null : refuse("not one stanza of the hybrid type", "age_invalid");
  },
};

/** File key and nonce; any other head is refused as `age_invalid`. */
export async function openHead(seed: Uint8Array, head: Uint8Array): Promise<OpenHead> {
  const cut = head.length - NONCE, reader = new Decrypter();
  const text = Array.from(head, (byte) => String.fromCharCode(byte)).join("");
  if (text.indexOf(MAC_LINE) !== cut - MAC_SIZE) refuse("the header does not end before the nonce", "age_invalid");
  try {
    reader.addIdentity(ONE_HYBRID);
    reader.addIdentity(identityOf(seed));
    return { fileKey: (await reader.decryptHeader(head.slice(0, cut))) as Bytes, nonce: head.slice(cut) };
  } catch (error) {
    return refuse(error instanceof Error ? error.message : "no head", "age_invalid");
  }
}
