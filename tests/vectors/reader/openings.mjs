// FORMAT.md, Documents: a document opens whole, and is what its record and its text say, or nothing of it is released.
import { openHead } from "./age.mjs";
import { fromHex, refuse, toHex } from "./bytes.mjs";
import { commitment, digest, openBody, payloadKey } from "./documents.mjs";

const MOST = 4096;

const refused = (why) => refuse(why, "document_damaged");

/** What fails below is the damage of this document. */
function held(read) {
  try {
    return read();
  } catch (error) {
    if (error.word !== "damaged") throw error;
    return refused(error.message);
  }
}

/** The plaintext by the dossier's identity. */
export function openDocument(seed, head, body, stated) {
  if (head.length > MOST) refused("a head that is too long");
  const { fileKey, nonce, payload } = held(() => openHead(seed, head));
  if (payload.length > 0 || toHex(nonce) !== stated.nonce) refused("the head of another document");
  return openReleased(fileKey, body, stated);
}

/** Likewise by a file key that came without a head. */
export function openReleased(fileKey, body, stated) {
  if (toHex(commitment(fileKey)) !== stated.commitment) refused("another key");
  if (body.length !== stated.size || toHex(digest(body)) !== stated.digest) refused("another body");
  const plain = held(() => openBody(payloadKey(fileKey, fromHex(stated.nonce)), body));
  return toHex(digest(plain)) === stated.content ? plain : refused("another plaintext");
}
