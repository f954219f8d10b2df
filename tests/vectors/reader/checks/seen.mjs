import { isHeld, seen } from "../seen.mjs";

export function check(vectors, expect, outcome) {
  for (const one of vectors.cases) {
    const found = outcome(() => {
      const { ledger, checkpoint } = seen(one.seen);
      return [isHeld(ledger, []), isHeld(checkpoint, vectors.chain)].find((word) => word !== "allowed") ?? "allowed";
    });
    expect(one.name, found, one.verdict);
  }
}
