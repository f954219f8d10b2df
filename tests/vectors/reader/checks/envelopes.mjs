import { fromHex, utf8 } from "../bytes.mjs";
import { readEnvelope, verifyEnvelope } from "../envelopes.mjs";

export function check(vectors, expect, outcome) {
  const keys = new Map(Object.entries(vectors.keys).map(([signer, key]) => [signer, fromHex(key)]));
  for (const { name, type, envelope, required, verdict } of vectors.cases) {
    expect(name, outcome(() => (verifyEnvelope(readEnvelope(utf8(envelope), type), keys, required), "allowed")), verdict);
  }
}
