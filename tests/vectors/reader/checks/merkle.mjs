import { includes, root } from "../merkle.mjs";

export function check(vectors, expect) {
  for (const one of vectors.roots) expect(`${one.records.length} records`, root(one.records), one.root);
  for (const one of vectors.proofs) {
    expect(one.name, includes(one.record, one.position, one.count, one.path, one.root), one.holds);
  }
}
