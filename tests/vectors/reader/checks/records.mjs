import { createPublicKey, createPrivateKey } from "node:crypto";
import { concat, fromHex, toHex, utf8 } from "../bytes.mjs";
import { commitmentOf } from "../certificates.mjs";
import { sha256 } from "../documents.mjs";
import { envelopeOf, recordHash, verifyEnvelope } from "../envelopes.mjs";
import { parseObject } from "../json.mjs";
import { digestOf } from "../texts.mjs";
import { readRecord } from "../types.mjs";

/** The public key of a seed. */
function publicKey(seed) {
  const key = concat(fromHex("302e020100300506032b657004220420"), fromHex(seed));
  const made = createPublicKey(createPrivateKey({ key: Buffer.from(key), format: "der", type: "pkcs8" }));
  return Uint8Array.from(made.export({ format: "der", type: "spki" })).subarray(-32);
}

export function check(vectors, expect, outcome) {
  const keys = Object.values(vectors.keys).map(publicKey);
  for (const { type, hash, text, envelope } of vectors.records) {
    const read = envelopeOf(envelope, type), { signer } = read.fields;
    expect(`${type}: its bytes`, new TextDecoder().decode(read.record), text);
    expect(`${type}: its hash`, [recordHash(type, utf8(text)), read.hash], [hash, hash]);
    expect(`${type}: its fields`, outcome(() => readRecord(read).hash), hash);
    const signed = keys.some((key) => outcome(() => (verifyEnvelope(read, new Map([[signer, key]])), "signed")) === "signed");
    expect(`${type}: its signature`, signed, true);
  }
  const { nonce, name, commitment } = vectors.certificate_commitment;
  expect("the commitment of a certificate", commitmentOf(fromHex(nonce), name), commitment);
  const { type, text, digest } = vectors.text_digest;
  expect("the digest of a text", digestOf(type, utf8(text)), digest);
  const { segments, digest: body } = vectors.body_digest;
  expect("the digest of a body", toHex(sha256(concat(...segments.map(fromHex)))), body);
  for (const one of vectors.refused) expect(one, outcome(() => parseObject(utf8(one), 65_536)), "record_invalid");
}
