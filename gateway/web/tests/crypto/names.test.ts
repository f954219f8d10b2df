import { expect, test } from "vitest";
import { type Named, places, safeName } from "../../src/crypto/documents/names.ts";
import { everyCase } from "./every_case.ts";

const names = everyCase<{ cases: { about: string; there: string[]; given: Named[]; saved: string[] }[] }>("6-names");

test("6-names", () => {
  for (const { about, there, given, saved } of names.cases) {
    // A browser's folder cannot be looked into: what is there is told as if it had been given before.
    const before = there.map((path) => (path.endsWith("/") ? { folder: path.slice(0, -1), name: "here" } : { folder: "", name: path }));
    expect(places([...before, ...given]).slice(before.length), about).toEqual(saved);
  }
});

test("a safe name stays as it is", () => {
  for (const name of ["verslag.pdf", "_CON", "a (2).txt", "\u00e9"]) expect(safeName(name)).toBe(name);
});
