import { openFile } from "../age.mjs";
import { fromHex, toHex } from "../bytes.mjs";
import { envelopeOf } from "../envelopes.mjs";
import { chainOf as headsOf } from "../heads.mjs";
import { chainOf } from "../rosters.mjs";
import { openAge, openSymmetric, wrapPlace } from "../wraps.mjs";

export function check(vectors, expect, outcome) {
  const rosters = chainOf(vectors.rosters.map((one) => envelopeOf(one, "roster")));
  const heads = headsOf(vectors.heads.map((one) => envelopeOf(one, "dossier")), rosters), seed = fromHex(vectors.identity);
  for (const { name, text, file, verdict } of vectors.age) {
    expect(`${name}: its text`, new TextDecoder().decode(openFile(seed, fromHex(file))), text);
    expect(name, outcome(() => (openAge(seed, fromHex(file), vectors.member, rosters, heads), "allowed")), verdict);
  }
  const key = fromHex(vectors.wrap_key);
  for (const { name, dossier, epoch, member, aad, box, verdict } of vectors.symmetric) {
    expect(`${name}: its place`, toHex(wrapPlace(dossier, epoch, member)), aad);
    const found = outcome(() => openSymmetric(key, dossier, epoch, member, fromHex(box)).map(toHex));
    const wanted = verdict === "allowed" ? [vectors.dossier_identity, vectors.record_hash] : verdict;
    expect(name, found, wanted);
  }
}
