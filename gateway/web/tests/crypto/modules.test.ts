import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

const CRYPTO = new URL("../../src/crypto/", import.meta.url), BUILT = new URL("../../built/", import.meta.url);
const PACKAGES = new Set(["@noble/ciphers/chacha.js", "@noble/hashes/argon2.js", "@scure/base", "age-encryption", "hash-wasm"]);
const modules = readdirSync(CRYPTO, { recursive: true }).map(String).filter((name) => name.endsWith(".ts"));
const textOf = (name: string): string => readFileSync(new URL(name, CRYPTO), "utf8");

describe("src/crypto", () => {
  test("imports itself, the frozen lists, and libraries of cryptography", () => {
    for (const name of modules) {
      const named = [...textOf(name).matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, from = ""]) => from);
      for (const from of named.filter((one) => !PACKAGES.has(one))) {
        const inside = from.startsWith(".") && !normalize(join(dirname(name), from)).startsWith("..");
        expect(inside || /\/vault\/sdk\/keys\/\w+\.txt\?raw$/.test(from), `${name} imports ${from}`).toBe(true);
      }
    }
  });

  test("knows no page, no storage and no network", () => {
    for (const name of modules) {
      const code = textOf(name).replace(/\/\*[\s\S]*?\*\/|\/\/.*|"[^"\n]*"/g, "");
      expect(code, name).not.toMatch(/\b(?:window|globalThis|self|navigator|location|localStorage|indexedDB|fetch|WebSocket|XMLHttpRequest)\b|\bdocument\.(?:body|cookie|create|get|query)/);
    }
  });

  test("is cut into modules so that a pick-up takes none of the rules along", () => {
    const built = (() => {
      try {
        return readdirSync(new URL("assets/", BUILT)).filter((name) => name.endsWith(".js"));
      } catch {
        return [];
      }
    })();
    for (const name of built) expect(readFileSync(new URL(`assets/${name}`, BUILT), "utf8"), name).not.toMatch(/roster_invalid|evidence_invalid|wrap_invalid/);
  });
});
