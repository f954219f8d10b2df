import { fromHex } from "../bytes.mjs";
import { payloadKey } from "../documents.mjs";
import { openDocument } from "../openings.mjs";
import { sealChunks } from "./sealing.mjs";

export function check(vectors, expect, outcome) {
  const seed = fromHex(vectors.identity), key = payloadKey(fromHex(vectors.file_key), fromHex(vectors.nonce));
  for (const { name, head, chunks, behind, flip, stated, verdict } of vectors.cases) {
    const body = sealChunks(key, chunks, fromHex(behind), flip);
    expect(name, outcome(() => (openDocument(seed, fromHex(head), body, stated), "allowed")), verdict);
  }
}
