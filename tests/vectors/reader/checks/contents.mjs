import { fromHex, toHex } from "../bytes.mjs";
import { openContent, parseLink, place } from "../links.mjs";

export function check(vectors, expect, outcome) {
  const read = (one) => outcome(() => {
    const { base, share, secret } = parseLink(one);
    return { base, share, secret: secret === null ? null : toHex(secret) };
  });
  for (const { text, ...wanted } of vectors.links.accept) expect(text, read(text), wanted);
  for (const text of vectors.links.incomplete) expect(text, read(text), "link_incomplete");
  for (const text of vectors.links.rewritten) expect(text, read(text), "link_rewritten");
  for (const text of vectors.links.refuse) expect(text, read(text), "link_unavailable");
  const { share, document } = vectors;
  for (const { name, kind, box, verdict } of vectors.cases) {
    const key = fromHex(kind === "capsule" ? vectors.keys.capsule : vectors.keys.cover);
    const aad = kind === "cover" ? place(kind, share) : place(kind, share, document);
    expect(name, outcome(() => (openContent(kind, key, aad, fromHex(box)), "allowed")), verdict);
  }
}
