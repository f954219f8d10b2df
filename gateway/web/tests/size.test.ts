import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const BUILT = new URL("../built/", import.meta.url);
const files = (() => {
  try {
    return Object.keys((JSON.parse(readFileSync(new URL("manifest.json", BUILT), "utf8")) as { files: object }).files);
  } catch {
    return [];
  }
})();

test.skipIf(files.length === 0)("to the first action it takes so much, compressed", () => {
  const page = readFileSync(new URL("s/index.html", BUILT), "utf8");
  const named = [...page.matchAll(/assets\/[\w.-]+/g)].map(([path]) => path);
  const needed = new Set([...named, ...files.filter((path) => /assets\/(?:nl|pickup\.worker)-/.test(path)), "s/index.html"]);
  const size = [...needed].reduce((sum, path) => sum + gzipSync(readFileSync(new URL(path, BUILT)), { level: 9 }).length, 0);
  expect(size).toBeLessThan(45_000);
});
