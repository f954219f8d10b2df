import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { folder } from "./vectors.ts";

const HERE = new URL("./", import.meta.url);
const tests = readdirSync(HERE).filter((name) => name.endsWith(".test.ts"));
const answered = tests.flatMap((name) =>
  [...readFileSync(new URL(name, HERE), "utf8").matchAll(/everyCase(?:<[\s\S]*?>)?\(\s*"([\w-]+)"/g)].map(([, file = ""]) => file),
);
const files = readdirSync(folder()).filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -5));

test("a test answers for every file of vectors, and looks at every part of it", () => {
  expect(files.length).toBeGreaterThan(30);
  expect([...new Set(answered)].sort()).toEqual(files.sort());
});
