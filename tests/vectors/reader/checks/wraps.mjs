import { fromHex, toHex } from "../bytes.mjs";
import { openSymmetric, wrapPlace } from "../wraps.mjs";

export function check(vectors, expect, outcome) {
  const key = fromHex(vectors.wrap_key);
  for (const { name, dossier, epoch, member, aad, box, verdict } of vectors.symmetric) {
    expect(`${name}: its place`, toHex(wrapPlace(dossier, epoch, member)), aad);
    const found = outcome(() => openSymmetric(key, dossier, epoch, member, fromHex(box)).map(toHex));
    const wanted = verdict === "allowed" ? [vectors.dossier_identity, vectors.record_hash] : verdict;
    expect(name, found, wanted);
  }
}
