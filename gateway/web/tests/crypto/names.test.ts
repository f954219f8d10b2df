import { expect, test } from "vitest";
import { type Named, places, safeName } from "../../src/crypto/documents/names.ts";
import { vectors } from "./vectors.ts";

test("6-names", () => {
  const { cases } = vectors<{ cases: { about: string; there: string[]; given: Named[]; saved: string[] }[] }>("6-names");
  const fresh = cases.filter(({ there }) => there.length === 0); // a browser's folder of downloads cannot be looked into
  expect(fresh.length).toBeGreaterThan(6);
  for (const { about, given, saved } of fresh) expect(places(given), about).toEqual(saved);
});

test("a safe name stays as it is", () => {
  for (const name of ["verslag.pdf", "_CON", "a (2).txt", "\u00e9"]) expect(safeName(name)).toBe(name);
});
