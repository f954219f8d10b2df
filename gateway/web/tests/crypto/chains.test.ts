import { describe, expect, test } from "vitest";
import { fromHex } from "../../src/crypto/bytes.ts";
import { type Fields, parseInstant } from "../../src/crypto/records/encoding.ts";
import { fromJson } from "../../src/crypto/records/envelope.ts";
import { type Hashed, readRecord } from "../../src/crypto/records/record.ts";
import { readCheckpoint } from "../../src/crypto/records/types/checkpoint.ts";
import { readDocument } from "../../src/crypto/records/types/document.ts";
import { readIndex } from "../../src/crypto/records/types/index.ts";
import { readIntent } from "../../src/crypto/records/types/intent.ts";
import { readTombstone } from "../../src/crypto/records/types/tombstone.ts";
import { checkBody, checkCompletes } from "../../src/crypto/rules/deposits.ts";
import { checkStandsUnder, follow, listedBefore } from "../../src/crypto/rules/indexes.ts";
import { Heads } from "../../src/crypto/rules/rights.ts";
import { Rosters } from "../../src/crypto/rules/rosters.ts";
import { type Last, checkNext, checkNextDocument, checkNextSigned } from "../../src/crypto/rules/versions.ts";
import { everyCase } from "./every_case.ts";
import { type Said, knownOf } from "./said.ts";
import { outcome, verdictOf } from "./vectors.ts";

interface Case {
  name: string;
  verdict: string;
}
const all = everyCase<{
  records: Record<string, Fields>;
  rosters: (Case & { chain: string[]; next: Fields })[];
  heads: (Case & { rosters: string[]; chain: string[]; next: Fields })[];
  numbers: (Case & { last: Last | null; number: number; previous: string | null })[];
  entries: (Case & { type: string; before: Fields; next: Fields })[];
  documents: (Case & { last: Fields | null; next: Fields })[];
  deposits: (Case & { intent: Fields; record: Fields; segments: string[] })[];
  index: (Case & { before: string[]; known: Record<string, Said>; now: string; next: Fields })[];
  index_backwards: (Case & { after: string[]; index: Fields; before: string[] })[];
  index_and_head: (Case & { rosters: string[]; heads: string[]; index: Fields })[];
}>("3-chains");

const named = (hashes: readonly string[], kind: string) => hashes.map((hash) => fromJson(all.records[hash] ?? expect.unreachable(hash), kind));
const read = <T>(value: Fields, kind: string, reader: (fields: Fields) => T): Promise<T & Hashed> => readRecord(fromJson(value, kind), reader);

describe("3-chains", () => {
  test("rosters", async () => {
    for (const { name, chain, next, verdict } of all.rosters) {
      const before = named(chain, "roster"), rosters = before.length > 0 ? await Rosters.of(before) : null;
      const found = await verdictOf(() => (rosters === null ? Rosters.first(fromJson(next, "roster")) : rosters.append(fromJson(next, "roster"))));
      expect(found, name).toBe(verdict);
    }
  });

  test("heads", async () => {
    for (const { name, rosters: known, chain, next, verdict } of all.heads) {
      const rosters = await Rosters.of(named(known, "roster")), before = named(chain, "dossier");
      const heads = before.length > 0 ? await Heads.of(before, rosters) : null, head = () => fromJson(next, "dossier");
      expect(await verdictOf(() => (heads === null ? Heads.first(head(), rosters) : heads.append(head(), rosters))), name).toBe(verdict);
    }
  });

  test("numbers", async () => {
    for (const { name, last, number, previous, verdict } of all.numbers) {
      expect(await verdictOf(() => checkNext(last, number, previous)), name).toBe(verdict);
    }
  });

  test("tombstones and checkpoints", async () => {
    for (const { name, type, before, next, verdict } of all.entries) {
      const entry = (value: Fields) => (type === "tombstone" ? read(value, type, readTombstone) : read(value, type, readCheckpoint));
      const [left, right] = [await entry(before), await entry(next)];
      expect(await verdictOf(() => checkNextSigned(left, right)), name).toBe(verdict);
    }
  });

  test("documents", async () => {
    for (const { name, last, next, verdict } of all.documents) {
      const before = last === null ? null : await read(last, "document", readDocument), record = await read(next, "document", readDocument);
      expect(await verdictOf(() => checkNextDocument(before, record)), name).toBe(verdict);
    }
  });

  test("deposits", async () => {
    for (const one of all.deposits) {
      const intent = await read(one.intent, "intent", readIntent), record = await read(one.record, "document", readDocument);
      const complete = async () => {
        checkCompletes(record, intent);
        await checkBody(record, one.segments.map(fromHex));
      };
      expect(await verdictOf(complete), one.name).toBe(one.verdict);
    }
  });

  test("an index after another", async () => {
    for (const { name, before, known: said, now, next, verdict } of all.index) {
      const known = new Map(Object.entries(said).map(([hash, one]) => [hash, knownOf(one)])), index = await read(next, "index", readIndex);
      expect(await verdictOf(() => follow(index, before, known, parseInstant(now))), name).toBe(verdict);
    }
  });

  test("what the index before listed", async () => {
    for (const { name, after, index, verdict, before } of all.index_backwards) {
      const link = await read(index, "index", readIndex), found = await outcome(() => listedBefore(link, after));
      expect(found, name).toEqual(verdict === "allowed" ? [...before].sort() : verdict);
    }
  });

  test("the newest index and the newest head", async () => {
    for (const { name, rosters, heads, index, verdict } of all.index_and_head) {
      const chain = await Heads.of(named(heads, "dossier"), await Rosters.of(named(rosters, "roster")));
      const link = await read(index, "index", readIndex);
      expect(await verdictOf(() => checkStandsUnder(link, chain)), name).toBe(verdict);
    }
  });
});
