import { expect, test } from "vitest";
import { fromHex, utf8 } from "../../src/crypto/bytes.ts";
import { parse, parseRecord, recordHash, verify } from "../../src/crypto/records/envelope.ts";
import { readDocument, treeDigest } from "../../src/crypto/records/types/document.ts";
import { includes, root } from "../../src/crypto/rules/merkle.ts";
import { type Trajectory, addMonths, destroyOn, ending, startOf } from "../../src/crypto/rules/terms.ts";
import { outcome, vectors } from "./vectors.ts";

test("3-envelopes", async () => {
  const { keys, cases } = vectors<{ keys: Record<string, string>; cases: { name: string; type: string; envelope: string; required?: string[]; verdict: string }[] }>("3-envelopes");
  const known = new Map(Object.entries(keys).map(([signer, key]) => [signer, fromHex(key)]));
  for (const { name, type, envelope, required, verdict } of cases) {
    const read = async () => (await verify(parse(utf8(envelope), type), known, required), "allowed");
    expect(await outcome(read), name).toBe(verdict);
  }
});

test("3-records: every type's hash and envelope", async () => {
  const all = vectors<{ records: { type: string; hash: string; text: string; envelope: unknown }[]; body_digest: { segments: string[]; digest: string } }>("3-records");
  for (const { type, hash, text, envelope } of all.records) {
    expect(await recordHash(type, utf8(text)), type).toBe(hash);
    expect(parse(utf8(JSON.stringify(envelope)), type).record, type).toEqual(utf8(text));
  }
  expect(await treeDigest(all.body_digest.segments.map(fromHex))).toBe(all.body_digest.digest);
});

type Json = { [name: string]: Json } | Json[] | string | number | boolean | null;

test("3-fields: a document, whatever kind a later version gives it", async () => {
  const { records } = vectors<{ records: { type: string; text: string }[] }>("3-records");
  const text = records.find(({ type }) => type === "document")?.text ?? "";
  const { cases } = vectors<{ cases: { type: string; set?: { [path: string]: Json }; without?: string[]; verdict: string }[] }>("3-fields");
  for (const { set, without, verdict } of cases.filter(({ type }) => type === "document")) {
    const record = JSON.parse(text) as { [name: string]: Json };
    const inside = (path: string): [{ [name: string]: Json }, string] => {
      const steps = path.split("."), last = steps.pop() ?? "";
      return [steps.reduce((at, step) => at[step] as { [name: string]: Json }, record), last];
    };
    for (const [path, value] of Object.entries(set ?? {})) {
      const [at, name] = inside(path);
      at[name] = value;
    }
    for (const path of without ?? []) {
      const [at, name] = inside(path);
      delete at[name];
    }
    const read = async () => (readDocument(parseRecord(utf8(JSON.stringify(record)), "document")), "allowed");
    expect(await outcome(read), JSON.stringify({ set, without })).toBe(verdict);
  }
});

test("3-merkle", async () => {
  const all = vectors<{
    roots: { records: string[]; root: string }[];
    proofs: { name: string; record: string; position: number; count: number; path: string[]; root: string; holds: boolean }[];
  }>("3-merkle");
  for (const one of all.roots) expect(await root(one.records)).toBe(one.root);
  for (const one of all.proofs) expect(await includes(one.record, one.position, one.count, one.path, one.root), one.name).toBe(one.holds);
});

test("9-terms", () => {
  const all = vectors<{
    add_months: { day: string; months: number; result: string }[];
    destroy_on: { trajectories: Trajectory[]; result: string | null }[];
    start_of: { day: string; result: string }[];
    ending: { name: string; end: string | null; at: string; now: string; verdict: string }[];
  }>("9-terms");
  for (const { day, months, result } of all.add_months) expect(addMonths(day, months), `${day} + ${months}`).toBe(result);
  for (const { trajectories, result } of all.destroy_on) expect(destroyOn(trajectories)).toBe(result);
  for (const { day, result } of all.start_of) expect(startOf(day)).toBe(result);
  for (const { name, end, at, now, verdict } of all.ending) expect(ending(end, at, now), name).toBe(verdict);
});
