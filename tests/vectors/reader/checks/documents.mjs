import { openHead } from "../age.mjs";
import { recipientOf } from "../hybrid.mjs";
import { concat, fromHex, toHex } from "../bytes.mjs";
import { digest, commitment, openBody, payloadKey, sha256 } from "../documents.mjs";
import { plaintext, sealChunk } from "./sealing.mjs";

export function check(vectors, expect, outcome) {
  const key = payloadKey(fromHex(vectors.file_key), fromHex(vectors.nonce));
  expect("the key", toHex(key), vectors.payload_key);
  expect("the commitment", toHex(commitment(fromHex(vectors.file_key))), vectors.commitment);
  expect("the recipient", recipientOf(fromHex(vectors.identity)), vectors.recipient);
  for (const one of vectors.cases) {
    const head = openHead(fromHex(vectors.identity), fromHex(one.head));
    expect("the head", [head.fileKey, head.nonce, head.payload].map(toHex), [vectors.file_key, vectors.nonce, ""]);
    const plain = plaintext(one.plain_size), body = seal(key, plain);
    expect("the body", [body.length, toHex(sha256(body)), toHex(digest(body))], [one.size, one.body_sha256, one.digest]);
    expect("what it holds", toHex(digest(openBody(key, one.body === null ? body : fromHex(one.body)))), one.content);
    const damaged = (changed) => outcome(() => (openBody(key, changed), "opened"));
    expect("cut off", damaged(body.subarray(0, -1)), "damaged");
    expect("without its last chunk", damaged(body.subarray(0, Math.max(0, Math.ceil(body.length / 65_552) - 1) * 65_552)), "damaged");
    expect("with another chunk behind", damaged(concat(body, body.subarray(-17))), "damaged");
    expect("a flipped bit", damaged(body.map((byte, place) => (place === body.length - 1 ? byte ^ 1 : byte))), "damaged");
  }
  const two = new Uint8Array(8_388_609).fill(1);
  two[8_388_608] = 2;
  expect("two segments", toHex(digest(two)), vectors.two_segments.digest);
  expect("two pieces", vectors.two_segments.content, vectors.two_segments.digest);
}

/** A whole plaintext, in its chunks. */
function seal(key, plain) {
  const count = Math.max(1, Math.ceil(plain.length / 65_536));
  return concat(...Array.from({ length: count }, (_, number) =>
    sealChunk(key, number, number === count - 1, plain.subarray(number * 65_536, (number + 1) * 65_536))));
}
