/** What no browser makes, held to the parts that one has: values sealed by the server, and files of a device. */
import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { type Bytes, fromHex, lp, toHex, utf8 } from "../../src/crypto/bytes.ts";
import { hkdf, unbox } from "../../src/crypto/boxes.ts";
import { argon2id } from "../../src/crypto/keys/argon2id.ts";
import { foldAddress, keysOf, normalise, readParameters, saltOf } from "../../src/crypto/keys/password_key.ts";
import { type Fields, fromBase64url } from "../../src/crypto/records/encoding.ts";
import { fromJson, recordHash } from "../../src/crypto/records/envelope.ts";
import { cardOf } from "../../src/crypto/records/types/roster.ts";
import { retentionId } from "../../src/crypto/records/types/tombstone.ts";
import { digestOf, readEvidence } from "../../src/crypto/rules/evidence.ts";
import { everyCase } from "./every_case.ts";
import { outcome } from "./vectors.ts";

interface Subject {
  kind: string;
  id: string;
}
const server = everyCase<{
  shred_key: string;
  values: { name: string; field: string; subject: Subject; row: string; box: string; opened: string | null }[];
  generation_key: string;
  keys: { name: string; subject: Subject; generation: number; box: string; opened: string | null }[];
  secrets: { lookup: string; parameters: string };
  addresses: { email: string; lookup: string; salt: string }[];
  cards: { name: string; email: string; salt: string; card: string }[];
  retention: { dossier: string; erasure: string }[];
  ledger: { sequence: number; object: string; text: string | null; hash: string }[];
}>("8-sealing");

const place = (...parts: readonly string[]): Bytes => lp(...parts.map(utf8));
const said = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test("8-sealing: sealed values and keys", async () => {
  for (const { name, field, subject, row, box, opened } of server.values) {
    const aad = place("vault/v1/seal", field, subject.kind, subject.id, row);
    expect(await outcome(() => said(unbox(fromHex(server.shred_key), aad, fromHex(box)))), name).toBe(opened ?? "box_invalid");
  }
  for (const { name, subject, generation, box, opened } of server.keys) {
    const aad = place("vault/v1/shred-key", subject.kind, subject.id, String(generation));
    expect(await outcome(() => toHex(unbox(fromHex(server.generation_key), aad, fromHex(box)))), name).toBe(opened ?? "box_invalid");
  }
});

test("8-sealing: what is derived of addresses, names and ids", async () => {
  const mac = (secret: string, email: string) => createHmac("sha256", fromHex(secret)).update(utf8(foldAddress(email))).digest("hex");
  for (const { email, lookup, salt } of server.addresses) {
    expect([mac(server.secrets.lookup, email), mac(server.secrets.parameters, email).slice(0, 32)], email).toEqual([lookup, salt]);
  }
  for (const { name, email, salt, card } of server.cards) expect(await cardOf(fromHex(salt), name, email), name).toBe(card);
  for (const { dossier, erasure } of server.retention) expect(await retentionId(dossier)).toBe(erasure);
});

test("8-sealing: the ledger", async () => {
  for (const { sequence, object, text, hash } of server.ledger) {
    expect(object).toBe(`ledger/${String(sequence).padStart(10, "0")}`);
    if (text === null) continue;
    const { tombstone, evidence } = JSON.parse(text) as { tombstone: Fields; evidence: Fields };
    const { kind, record, fields } = fromJson(tombstone, "tombstone");
    expect([await recordHash(kind, record), fields["evidence"]]).toEqual([hash, await digestOf(readEvidence(evidence))]);
  }
});

const disk = everyCase<{
  wrap: string;
  dossier: string;
  document: string;
  index: string;
  files: { file: string; key: string; aad: string; plaintext: string; content: string }[];
  claims: { key: string; content: string; blocks: string[] };
  init: { email: string; password: string; file: { parameters: Fields; email: string; request: string }; plaintext: string };
}>("11-disk");

/** Which key of a keyring seals a file, and under which place; a session's key is random. */
async function sealOf(file: string, sessionKey: Bytes): Promise<[Bytes, Bytes]> {
  const own = async (label: string, ...ids: string[]): Promise<[Bytes, Bytes]> =>
    [await hkdf(fromHex(disk.wrap), label), ids.length === 0 ? utf8(label) : place(label, ...ids)];
  switch (file) {
    case "pins":
      return own("vault/v1/pins");
    case "seen":
      return [(await own("vault/v1/pins"))[0], utf8("vault/v1/seen")];
    case "list":
      return own("vault/v1/cache");
    case `names/${disk.dossier}.${disk.index.slice(0, 16)}`:
      return own("vault/v1/names", disk.dossier, disk.index);
    case `spool/${disk.document}/sealed`:
      return own("vault/v1/spool", disk.document);
    case "session":
      return [sessionKey, utf8("vault/v1/session")];
    default:
      return expect.unreachable(file);
  }
}

test("11-disk: files", async () => {
  for (const { file, key, aad, plaintext, content } of disk.files) {
    const [found, bound] = await sealOf(file, fromHex(key));
    expect([found, bound].map(toHex), file).toEqual([key, aad]);
    expect(said(unbox(found, bound, fromHex(content))), file).toBe(plaintext);
    expect(await outcome(() => unbox(fromHex(disk.wrap), bound, fromHex(content))), file).toBe("box_invalid");
  }
});

test("11-disk: the claims of a deposit", () => {
  const content = fromHex(disk.claims.content), line = 4 + 41 + 32, count = content.length / line;
  const blocks = Array.from({ length: count }, (_, at) => {
    const bytes = content.slice(at * line, (at + 1) * line), block = new DataView(bytes.buffer).getUint32(0);
    expect(block).toBe(at);
    return toHex(unbox(fromHex(disk.claims.key), place("vault/v1/spool/block", disk.document, String(block)), bytes.subarray(4)));
  });
  expect(blocks).toEqual(disk.claims.blocks);
});

test("11-disk: a set-up that waits for its answer", async () => {
  const { email, password, file, plaintext } = disk.init, { memory, passes, salt } = readParameters(file.parameters);
  expect(file.email).toBe(email);
  const { lock } = await keysOf(await argon2id(normalise(password), await saltOf(salt, email), memory, passes));
  expect(said(unbox(lock, utf8("vault/v1/init"), fromBase64url(file.request)))).toBe(plaintext);
});
