import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { bech32 } from "@scure/base";
import { describe, expect, test } from "vitest";
import { decrypt, encrypt } from "../../src/crypto/age/whole.ts";
import { concat, fromHex, sha256, toHex, utf8 } from "../../src/crypto/bytes.ts";
import { outcome, vectors } from "./vectors.ts";

// C2SP/CCTV's vectors for age, of the package that the project's other tests read, too.
const MODULE = new URL("../../../../node_modules/cctv-age/index.js", import.meta.url);
const VECTOR = /^\/\/ \S*testdata\/(\S+)\nvar \S+ = [^"\n]*\("([A-Za-z0-9+/=]*)"\);$/gm;

interface Vector {
  name: string;
  file: Uint8Array;
  fields: Map<string, string[]>;
}

function parse(name: string, content: Buffer): Vector {
  const end = content.indexOf("\n\n"), fields = new Map<string, string[]>();
  for (const line of content.subarray(0, end).toString().split("\n")) {
    const [key = "", value = ""] = line.split(/: (.*)/s);
    fields.set(key, [...(fields.get(key) ?? []), value]);
  }
  const rest = content.subarray(end + 2);
  return { name, fields, file: new Uint8Array(fields.get("compressed")?.[0] === "zlib" ? inflateSync(rest) : rest) };
}

function all(): Vector[] {
  try {
    const found = [...readFileSync(MODULE, "utf8").matchAll(VECTOR)];
    return found.map(([, name = "", text = ""]) => parse(name, Buffer.from(text, "base64")));
  } catch {
    return [];
  }
}

const found = all();

describe.skipIf(found.length === 0)("the 143 vectors of CCTV (npm ci in the project's folder brings them)", () => {
  test("all are here", () => expect(found).toHaveLength(143));

  for (const { name, file, fields } of found) {
    test(name, async () => {
      const secrets = { identities: fields.get("identity") ?? [], passphrases: fields.get("passphrase") ?? [] };
      const opened = await outcome(() => decrypt(file, secrets, fields.get("armored")?.[0] === "yes"));
      if (fields.get("expect")?.[0] === "success" && typeof opened !== "string") {
        expect(toHex(await sha256(opened))).toBe(fields.get("payload")?.[0]);
      } else {
        expect([fields.get("expect")?.[0], opened]).toEqual([expect.not.stringMatching("success"), "age_invalid"]);
      }
    });
  }
});

test("6-documents: head and body are an age file, and one of ours opens", async () => {
  const { identity, recipient, cases } = vectors<{ identity: string; recipient: string; cases: { head: string; body: string | null; content: string }[] }>("6-documents");
  const secret = bech32.encodeFromBytes("AGE-SECRET-KEY-PQ-", fromHex(identity)).toUpperCase();
  for (const { head, body, content } of cases) {
    if (body === null) continue;
    const opened = await decrypt(concat(fromHex(head), fromHex(body)), { identities: [secret] });
    expect(toHex(await sha256(opened.length === 0 ? opened : await sha256(opened)))).toBe(content);
  }
  expect(await decrypt(await encrypt(utf8("words"), [recipient]), { identities: [secret] })).toEqual(utf8("words"));
});
