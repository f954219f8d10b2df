/** A document that fits the memory: it opens whole, and is what was signed, or nothing of it is released (FORMAT.md, "Documents"). */
import { committedPayloadKey } from "../age/derive.ts";
import { openHead } from "../age/head.ts";
import { plainSize } from "../age/sizes.ts";
import { OpenStream, opener } from "../age/stream.ts";
import { type Bytes, same, sha256 } from "../bytes.ts";
import { type Document, SEGMENT_SIZE, treeDigest } from "../records/types/document.ts";
import { refuse, refusedAs } from "../refusal.ts";

const MAX_HEAD = 4096;

/** What is signed of a body. */
export type Stated = Pick<Document, "nonce" | "commitment" | "size" | "digest">;

/** The plaintext by the dossier's identity; `content` is the digest of the plaintext that the text states. */
export async function openDocument(identity: Uint8Array, head: Uint8Array, body: Bytes, stated: Stated, content: string): Promise<Bytes> {
  if (head.length > MAX_HEAD) damaged("a head that is too long");
  const { fileKey, nonce } = await refusedAs("document_damaged", () => openHead(identity, head));
  if (!same(nonce, stated.nonce)) damaged("the head of another document");
  return openReleased(fileKey, body, stated, content);
}

/** The same by a file key that came without a head. */
export async function openReleased(fileKey: Uint8Array, body: Bytes, stated: Stated, content: string): Promise<Bytes> {
  const key = await committedPayloadKey(fileKey, stated.nonce, stated.commitment);
  if (body.length !== stated.size || (await digestOf(body)) !== stated.digest) damaged("another body than was signed");
  const plain = new Uint8Array(plainSize(body.length)), stream = new OpenStream(await opener(key), body.length);
  await stream.update(body, plain);
  if (!stream.ended) damaged("no last chunk");
  return (await digestOf(plain)) === content ? plain : damaged("another content than the text states");
}

/** SHA-256 over the SHA-256 of each piece, hex. */
export async function digestOf(bytes: Bytes): Promise<string> {
  const pieces: Bytes[] = [];
  for (let at = 0; at < bytes.length; at += SEGMENT_SIZE) pieces.push(await sha256(bytes.subarray(at, at + SEGMENT_SIZE)));
  return treeDigest(pieces);
}

function damaged(why: string): never {
  return refuse(why, "document_damaged");
}
