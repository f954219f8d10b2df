/** A file of vectors, for the test file that answers for it. */
import { afterAll, expect } from "vitest";
import { vectors } from "./vectors.ts";

/** What stands in a file for people, or for other readers of it. */
const ASIDE = new Set(["about", "name"]);

/** The file; its tests look at every case, and at every part of a case, or the last of them fails. */
export function everyCase<T extends object>(name: string, aside: readonly string[] = []): T {
  const whole = vectors<T>(name), seen = new Set<string>();
  afterAll(() => {
    const left = [...new Set(pathsOf(whole))].filter((path) => !seen.has(path) && !aside.includes(path));
    expect(left, `parts of ${name}.json that no test here looks at`).toEqual([]);
  });
  return watched(whole, "", seen);
}

/** A file, its families, their cases, and the parts of a case: deeper nobody looks. */
const isInside = (path: string): boolean => path.split("/").length <= 3;

/** Cases of a family are told apart by nothing: the first one stands for all, and a part counts where any has it. */
function pathsOf(value: unknown, path = ""): string[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, each]) => {
    if (ASIDE.has(key)) return [];
    const inner = `${path}/${Array.isArray(value) ? "[]" : key}`;
    return [inner, ...(isInside(inner) ? pathsOf(each, inner) : [])];
  });
}

function watched<T extends object>(value: T, path: string, seen: Set<string>): T {
  return new Proxy(value, {
    get(target, key, receiver) {
      const found: unknown = Reflect.get(target, key, receiver);
      if (typeof key !== "string" || !Object.hasOwn(target, key) || (Array.isArray(target) && key === "length")) return found;
      const inner = `${path}/${Array.isArray(target) ? "[]" : key}`;
      seen.add(inner);
      return found !== null && typeof found === "object" && isInside(inner) ? watched(found, inner, seen) : found;
    },
  });
}
