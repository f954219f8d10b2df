import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const BUILT = new URL("../built/", import.meta.url);
const BUDGET = 30_000;
const assets = (() => {
  try {
    return readdirSync(new URL("assets/", BUILT)).filter((name) => /\.(?:js|css)$/.test(name));
  } catch {
    return [];
  }
})();
const read = (path: string): string => readFileSync(new URL(path, BUILT), "utf8");

/** A file with all that it cannot run without. */
function withImports(name: string, found: Set<string>): void {
  if (found.has(name)) return;
  found.add(name);
  for (const [, imported = ""] of read(`assets/${name}`).matchAll(/(?:\bfrom|^import|[;}]import)\s*["'`]\.\/([\w.-]+)["'`]/g)) withImports(imported, found);
}

test.skipIf(assets.length === 0)("to the first action it takes so much, compressed", () => {
  const page = read("s/index.html"), needed = new Set<string>();
  const named = [...page.matchAll(/assets\/([\w.-]+)/g)].map(([, name = ""]) => name);
  for (const name of [...named, ...assets.filter((one) => one.startsWith("nl-"))]) withImports(name, needed);
  const compressed = (content: string): number => gzipSync(content, { level: 9 }).length;
  const sizes = [...needed].map((name) => compressed(read(`assets/${name}`)));
  expect(needed.size).toBe(named.length + 1); // all but the texts stand in the page, so that they come at once
  expect([...needed].some((name) => name.startsWith("pickup.worker-"))).toBe(true);
  expect(sizes.reduce((sum, size) => sum + size, compressed(page))).toBeLessThanOrEqual(BUDGET);
});
