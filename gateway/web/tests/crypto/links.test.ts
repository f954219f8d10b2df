import { describe, expect, test } from "vitest";
import { unbox } from "../../src/crypto/boxes.ts";
import { fromHex, toHex, utf8 } from "../../src/crypto/bytes.ts";
import { argon2id } from "../../src/crypto/keys/argon2id.ts";
import { openCapsule } from "../../src/crypto/shares/capsules.ts";
import { openCover, openEntry, place } from "../../src/crypto/shares/covers.ts";
import { NO_PASSPHRASE, authorization, derive, verifiers } from "../../src/crypto/shares/link_keys.ts";
import { parseLink } from "../../src/crypto/shares/links.ts";
import { publicKeyOf } from "./makers.ts";
import { everyCase } from "./every_case.ts";
import { outcome } from "./vectors.ts";

interface Sealed {
  kind: string;
  aad: string;
  plaintext: string;
  box: string;
}
interface Case {
  link: string;
  share: string;
  secret: string;
  passphrase: string;
  passphrase_key: string;
  keys: Record<string, string>;
  proofs: { possess: string; open: string };
  verification_key: string;
  authorization: string;
  document: string;
  boxes: Sealed[];
}

function open(kind: string, key: Uint8Array, share: string, document: string, box: Uint8Array): void {
  if (kind === "cover") openCover(key, share, box);
  else if (kind === "entry") openEntry(key, share, document, box);
  else openCapsule(key, share, document, box);
}

const links = everyCase<{ cases: Case[] }>("7-links");

test("7-links", async () => {
  for (const one of links.cases) {
    const { share, secret } = parseLink(one.link);
    expect([share, toHex(secret ?? new Uint8Array())]).toEqual([one.share, one.secret]);
    const stretched = one.passphrase === "" ? NO_PASSPHRASE : await argon2id(utf8(one.passphrase), fromHex(one.share));
    expect(toHex(stretched)).toBe(one.passphrase_key);
    const keys = await derive(fromHex(one.secret), stretched);
    expect(Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, toHex(key as Uint8Array)]))).toEqual(one.keys);
    const { possess, open: opened } = await verifiers(keys);
    expect({ possess: toHex(possess), open: toHex(opened) }).toEqual(one.proofs);
    expect(authorization(keys)).toBe(one.authorization);
    expect(toHex(publicKeyOf(keys.sign))).toBe(one.verification_key);
    for (const { kind, aad, plaintext, box } of one.boxes) {
      const key = kind === "capsule" ? keys.capsule : keys.cover;
      expect(toHex(kind === "cover" ? place(kind, share) : place(kind, share, one.document))).toBe(aad);
      expect(new TextDecoder().decode(unbox(key, fromHex(aad), fromHex(box)))).toBe(plaintext);
      open(kind, key, share, one.document, fromHex(box));
    }
  }
});

describe("7-contents", () => {
  const all = everyCase<{
    links: { accept: { text: string; base: string; share: string; secret: string | null }[]; incomplete: string[]; rewritten: string[]; refuse: string[] };
    share: string;
    document: string;
    keys: { cover: string; capsule: string };
    cases: { name: string; kind: string; box: string; verdict: string }[];
  }>("7-contents");

  test("links", async () => {
    const read = (text: string) =>
      outcome(() => {
        const { base, share, secret } = parseLink(text);
        return { base, share, secret: secret && toHex(secret) };
      });
    for (const { text, ...wanted } of all.links.accept) expect(await read(text), text).toEqual(wanted);
    for (const text of all.links.incomplete) expect(await read(text), text).toBe("link_incomplete");
    for (const text of all.links.rewritten) expect(await read(text), text).toBe("link_rewritten");
    for (const text of all.links.refuse) expect(await read(text), text).toBe("link_unavailable");
  });

  test("covers, entries and capsules", async () => {
    for (const { name, kind, box, verdict } of all.cases) {
      const key = fromHex(kind === "capsule" ? all.keys.capsule : all.keys.cover);
      const read = () => (open(kind, key, all.share, all.document, fromHex(box)), "allowed");
      expect(await outcome(read), name).toBe(verdict);
    }
  });
});
