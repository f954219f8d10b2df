import { readFileSync, readdirSync } from "node:fs";
import { beforeEach, expect, test, vi } from "vitest";

const ROOT = new URL("../../src/", import.meta.url);
const sources = (readdirSync(ROOT, { recursive: true }) as string[])
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => readFileSync(new URL(path, ROOT), "utf8"))
  .join("\n");
const catalogue = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../vault/texts/${name}.json`, import.meta.url), "utf8")) as Record<string, Record<string, unknown>>;

beforeEach(() => {
  vi.stubGlobal("navigator", { languages: ["nl"] });
});

test.each(["home_page", "pickup_page", "pickup_states"])("every text of %s is shown somewhere", (room) => {
  for (const key of Object.keys(catalogue("nl")[room] ?? {})) {
    const said = sources.includes(`"${key}"`) || (key.endsWith("_why") && sources.includes(`"${key.slice(0, -4)}"`));
    expect(said, key).toBe(true);
  }
});

test("both languages have the same keys", () => {
  for (const room of ["home_page", "pickup_page", "pickup_states"]) {
    expect(Object.keys(catalogue("nl")[room] ?? {})).toEqual(Object.keys(catalogue("en")[room] ?? {}));
  }
});

test("moments, sizes and durations as people say them", async () => {
  const { language } = await import("../../src/texts/texts.ts");
  const { duration, instant, size } = await import("../../src/texts/wording.ts");
  const at = Date.UTC(2026, 11, 4, 16, 0) / 1000;
  language.value = "nl";
  expect(instant(at)).toBe("vrijdag 4 december 2026, 17:00");
  expect([size(999), size(1_500_000), size(999_950)]).toEqual(["999 bytes", "1,5 MB", "1,0 MB"]);
  expect([duration(40), duration(200), duration(7200)]).toEqual(["40 seconden", "3 minuten", "2 uur"]);
  language.value = "en";
  expect(instant(at)).toBe("Friday 4 December 2026, 17:00");
  expect([size(1_500_000), duration(1)]).toEqual(["1.5 MB", "1 second"]);
});
