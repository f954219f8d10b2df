import { expect, test } from "vitest";
import { type Bytes, fromHex, utf8 } from "../../src/crypto/bytes.ts";
import { places } from "../../src/crypto/documents/names.ts";
import { digestOf, openReleased } from "../../src/crypto/documents/opening.ts";
import { argon2id } from "../../src/crypto/keys/argon2id.ts";
import { checkLocator, passphrase } from "../../src/crypto/keys/words.ts";
import { refuse, refusedAs } from "../../src/crypto/refusal.ts";
import { checkCapsule, openCapsule } from "../../src/crypto/shares/capsules.ts";
import { checkEntries, openCover, openEntry } from "../../src/crypto/shares/covers.ts";
import { type LinkKeys, NO_PASSPHRASE, derive } from "../../src/crypto/shares/link_keys.ts";
import { type Link, parseLink } from "../../src/crypto/shares/links.ts";
import { type Chunk, sealChunks } from "./makers.ts";
import { everyCase } from "./every_case.ts";
import { outcome } from "./vectors.ts";

interface Case {
  name: string;
  link: string;
  mode: string;
  typed: string;
  there: string[];
  cover: string;
  entries: { document: string; entry: string }[];
  capsules: { document: string; capsule: string }[];
  bodies: { document: string; key: string; chunks: Chunk[]; flip: number | null }[];
  verdict: string;
  saved: { path: string; digest: string }[];
}
const pickups = everyCase<{ cases: Case[] }>("7-pickups");
const stretch = (words: string, share: string): Promise<Bytes> => argon2id(utf8(words), fromHex(share));

async function keysOf({ share, secret }: Link, mode: string, typed: string): Promise<LinkKeys> {
  if (secret === null) return derive(await stretch(await refusedAs("passphrase_wrong", () => checkLocator(typed)), share));
  return derive(secret, mode === "passphrase" ? await stretch(passphrase(typed).canonical, share) : NO_PASSPHRASE);
}

/** What is saved, all or nothing. */
async function pickUp(one: Case): Promise<{ path: string; digest: string }[]> {
  const link = parseLink(one.link), keys = await keysOf(link, one.mode, one.typed), { share } = link;
  const cover = openCover(keys.cover, share, fromHex(one.cover));
  const entries = new Map(one.entries.map(({ document, entry }) => [document, openEntry(keys.cover, share, document, fromHex(entry))]));
  checkEntries(cover, entries);
  const listed = cover.documents.flatMap((row) => {
    const entry = entries.get(row.document);
    return entry === undefined ? [] : [{ row, entry }];
  });
  // What is there is a name that was given before: a browser's folder cannot be looked into.
  const paths = places([...one.there.map((name) => ({ folder: "", name })), ...listed.map(({ entry }) => entry)]).slice(one.there.length);
  return Promise.all(
    listed.map(async ({ row, entry }, at) => {
      const sealed = one.capsules.find(({ document }) => document === row.document)?.capsule ?? refuse("less than the link gives", "link_content_invalid");
      const { document, fileKey } = await checkCapsule(row, openCapsule(keys.capsule, share, row.document, fromHex(sealed)));
      const plain = await openReleased(fileKey, bodyOf(one, row.document), document, entry.digest);
      return { path: paths[at] ?? "", digest: await digestOf(plain) };
    }),
  );
}

function bodyOf({ bodies }: Case, document: string): Bytes {
  const { key, chunks, flip } = bodies.find((one) => one.document === document) ?? expect.unreachable(document);
  return sealChunks(fromHex(key), chunks, new Uint8Array(), flip);
}

test("7-pickups", async () => {
  for (const one of pickups.cases) {
    expect(await outcome(() => pickUp(one)), one.name).toEqual(one.verdict === "allowed" ? one.saved : one.verdict);
  }
});
