import { openDocument, openHead } from "../age_heads.mjs";
import { fromHex, toHex } from "../bytes.mjs";
import { payloadKey } from "../documents.mjs";
import { sealChunks } from "./sealing.mjs";

export function check(vectors, expect, outcome) {
  const { stanza } = vectors, fileKey = fromHex(vectors.file_key), key = payloadKey(fileKey, fromHex(vectors.nonce));
  const unwrap = (argument, body) => (argument === stanza.argument && toHex(body) === stanza.body ? fileKey : null);
  for (const { name, head, chunks, behind, flip, stated, verdict } of vectors.cases) {
    const body = sealChunks(key, chunks, fromHex(behind), flip);
    expect(name, outcome(() => (openDocument(openHead(fromHex(head), unwrap), body, stated), "allowed")), verdict);
  }
}
