import { describe, expect, test } from "vitest";
import { fromHex, lp, toHex, utf8 } from "../../src/crypto/bytes.ts";
import { box, hkdf, unbox } from "../../src/crypto/boxes.ts";
import { fromBase64url, parseDay, parseInstant, parseObject, toBase64url } from "../../src/crypto/records/encoding.ts";
import { verify } from "../../src/crypto/records/ed25519.ts";
import * as read from "../../src/crypto/records/read.ts";
import { everyCase } from "./every_case.ts";
import { outcome } from "./vectors.ts";

interface Family {
  accept: { text: never; bytes?: string; second?: number; day?: number }[];
  refuse: unknown[];
  limit?: number;
}
const basics = everyCase<Record<"base64url" | "id" | "instant" | "day" | "integer" | "text", Family> & { lp: { parts: string[]; bytes: string }[] }>("2-basics");

const asDay = (value: unknown): number => parseDay(typeof value === "string" ? value : "");
const readers: Record<string, (value: never) => unknown> = {
  base64url: (value) => ({ bytes: toHex(fromBase64url(value)) }),
  id: (value) => (read.identifier({ value }, "value"), {}),
  instant: (value) => ({ second: read.instant({ value }, "value") }),
  day: (value) => ({ day: asDay(value) }),
  integer: (value) => (read.integer({ value }, "value", Number.MIN_SAFE_INTEGER), {}),
  text: (value) => (read.text({ value }, "value", basics.text.limit), {}),
};

describe("2-basics", () => {
  for (const [family, reader] of Object.entries(readers)) {
    test(family, async () => {
      const { accept, refuse } = basics[family as "id"];
      for (const { text, ...wanted } of accept) expect(await outcome(() => reader(text)), JSON.stringify(text)).toEqual(wanted);
      for (const text of refuse) expect(await outcome(() => reader(text as never)), JSON.stringify(text)).toBe("record_invalid");
    });
  }

  test("lp", () => {
    for (const { parts, bytes } of basics.lp) expect(toHex(lp(...parts.map(fromHex)))).toBe(bytes);
  });

  test("base64url is written as it is read", () => {
    for (const { text } of basics.base64url.accept) expect(toBase64url(fromBase64url(text))).toBe(text);
  });

  test("an instant is its day and its time", () => expect(parseInstant("1970-01-02T00:00:01Z")).toBe(86_401));
});

interface Said {
  name: string;
  text?: string;
  hex?: string;
}

const strict = everyCase<{ accept: Said[]; refuse: Said[]; limit: number }>("2-strict-json", ["/refuse/[]/why"]);

test("2-strict-json", async () => {
  const { accept, refuse, limit } = strict;
  const bytesOf = (one: Said) => (one.hex === undefined ? utf8(one.text ?? "") : fromHex(one.hex));
  for (const one of accept) {
    const parsed = parseObject(bytesOf(one), limit);
    expect(pairs(parsed), one.name).toEqual(pairs(JSON.parse(new TextDecoder().decode(bytesOf(one)))));
  }
  for (const one of refuse) expect(await outcome(() => parseObject(bytesOf(one), limit)), one.name).toBe("record_invalid");
});

/** Pairs in their order, so that no key means anything to the language. */
function pairs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pairs);
  return value !== null && typeof value === "object" ? Object.entries(value).map(([key, each]) => [key, pairs(each)]) : value;
}

const sealed = everyCase<{
  hkdf: { ikm: string; label: string; key: string }[];
  box: { name: string; key: string; aad: string; box: string; plaintext?: string }[];
}>("2-boxes");

test("2-boxes", async () => {
  for (const { ikm, label, key } of sealed.hkdf) expect(toHex(await hkdf(fromHex(ikm), label))).toBe(key);
  for (const one of sealed.box) {
    const read = () => toHex(unbox(fromHex(one.key), fromHex(one.aad), fromHex(one.box)));
    expect(await outcome(read), one.name).toBe(one.plaintext ?? "box_invalid");
  }
});

test("a box opens again, and no two are the same", () => {
  const key = new Uint8Array(32).fill(7), aad = utf8("here"), plain = utf8("words");
  const made = box(key, aad, plain);
  expect(unbox(key, aad, made)).toEqual(plain);
  expect(box(key, aad, plain)).not.toEqual(made);
});

const signatures = everyCase<{ cases: { name: string; key: string; message: string; signature: string; verdict: string }[] }>("2-ed25519");

test("2-ed25519", async () => {
  for (const { name, key, message, signature, verdict } of signatures.cases) {
    const holds = await verify(fromHex(key), fromHex(message), fromHex(signature));
    expect(holds ? "accepted" : "refused", name).toBe(verdict);
  }
});
