import { fromHex, toHex } from "../bytes.mjs";
import { envelopeOf } from "../envelopes.mjs";
import { digestOf, readEvidence } from "../evidence.mjs";
import { card, ledgerObject, ofAddress, openShredKey, openValue, retentionId } from "../sealing.mjs";

export function check(vectors, expect, outcome) {
  const key = fromHex(vectors.shred_key), generationKey = fromHex(vectors.generation_key);
  for (const { name, field, subject, row, box, opened } of vectors.values) {
    const found = outcome(() => new TextDecoder().decode(openValue(key, field, subject, row, fromHex(box))));
    expect(name, found, opened ?? "box_invalid");
  }
  for (const { name, subject, generation, box, opened } of vectors.keys) {
    expect(name, outcome(() => toHex(openShredKey(generationKey, subject, generation, fromHex(box)))), opened ?? "box_invalid");
  }
  const [lookup, parameters] = [vectors.secrets.lookup, vectors.secrets.parameters].map(fromHex);
  for (const one of vectors.addresses) {
    expect(one.email, [ofAddress(lookup, one.email), ofAddress(parameters, one.email).slice(0, 32)], [one.lookup, one.salt]);
  }
  for (const one of vectors.cards) expect(one.name, card(fromHex(one.salt), one.name, one.email), one.card);
  for (const { dossier, erasure } of vectors.retention) expect(dossier, retentionId(dossier), erasure);
  for (const { sequence, object, text, hash } of vectors.ledger) {
    expect(`number ${sequence}`, ledgerObject(sequence), object);
    if (text === null) continue;
    const { tombstone, evidence } = JSON.parse(text), stone = envelopeOf(tombstone, "tombstone");
    expect(object, [stone.hash, stone.fields.evidence], [hash, digestOf(readEvidence(evidence))]);
  }
}
