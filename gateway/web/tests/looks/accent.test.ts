import { expect, test } from "vitest";
import { accents, contrast } from "../../src/looks/accent.ts";

const colour = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as readonly [number, number, number];

test("any colour becomes one that can be read, on both papers", () => {
  for (const own of ["#ffffff", "#000000", "#ffee00", "#1f6f63", "#ff00ff", "#777777"]) {
    const found = accents(own);
    expect(contrast(colour(found?.light ?? "#ffffff"), [255, 255, 255]), own).toBeGreaterThan(4.5);
    expect(contrast(colour(found?.dark ?? "#000000"), [30, 35, 39]), own).toBeGreaterThan(4.5);
  }
  expect(accents("#1f6f63")?.light).toBe("#1f6f63");
  for (const none of ["red", "#12345", "url(x)"]) expect(accents(none)).toBeNull();
});
