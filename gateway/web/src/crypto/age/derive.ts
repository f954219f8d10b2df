/** The keys derived from a file key (FORMAT.md, "Keys" and "Documents"; age v1, "Payload"). */
import { type Bytes, same } from "../bytes.ts";
import { hkdf } from "../boxes.ts";
import { refuse } from "../refusal.ts";

/** The key of the STREAM. */
export const payloadKey = (fileKey: Uint8Array, nonce: Uint8Array): Promise<Bytes> => hkdf(fileKey, "payload", nonce);

export const commitment = (fileKey: Uint8Array): Promise<Bytes> => hkdf(fileKey, "vault/v1/commitment");

/**
 * The key of the STREAM for a file key that the record commits to.
 *
 * ChaCha20-Poly1305 does not commit to its key: unchecked, one body could open as two texts for two readers.
 */
export async function committedPayloadKey(fileKey: Uint8Array, nonce: Uint8Array, expected: Uint8Array): Promise<Bytes> {
  if (!same(await commitment(fileKey), expected)) refuse("the record commits to another file key", "document_damaged");
  return payloadKey(fileKey, nonce);
}
