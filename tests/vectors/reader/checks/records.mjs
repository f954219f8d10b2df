import { concat, fromHex, toHex, utf8 } from "../bytes.mjs";
import { commitmentOf } from "../certificates.mjs";
import { sha256 } from "../documents.mjs";
import { publicKeyOf } from "../ed25519.mjs";
import { envelopeOf, recordHash, verifyEnvelope } from "../envelopes.mjs";
import { parseObject } from "../json.mjs";
import { digestOf } from "../texts.mjs";
import { readRecord } from "../types.mjs";

export function check(vectors, expect, outcome) {
  const keys = Object.values(vectors.keys).map((seed) => publicKeyOf(fromHex(seed)));
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
