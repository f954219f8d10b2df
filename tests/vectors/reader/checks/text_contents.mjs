import { fromHex } from "../bytes.mjs";
import { openText, place, readMetadata } from "../texts.mjs";

export function check(vectors, expect, outcome) {
  const { kind, dossier, epoch, subject } = vectors;
  const key = fromHex(vectors.text_key), aad = place(kind, dossier, epoch, subject);
  for (const { name, box, digest, verdict } of vectors.cases) {
    expect(name, outcome(() => (readMetadata(openText(kind, key, aad, fromHex(box), digest)), "allowed")), verdict);
  }
}
