import { Places } from "../names.mjs";

export function check(vectors, expect) {
  for (const { about, there, given, saved } of vectors.cases) {
    const places = new Places(there);
    expect(about, given.map((one) => places.take(one)), saved);
  }
}
