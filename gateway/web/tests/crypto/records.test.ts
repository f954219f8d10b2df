import { describe, expect, test } from "vitest";
import { fromHex, utf8 } from "../../src/crypto/bytes.ts";
import { textDigest } from "../../src/crypto/dossiers/texts.ts";
import { type Fields, parseInstant, parseObject } from "../../src/crypto/records/encoding.ts";
import { fromJson, parse, parseRecord, recordHash, verify } from "../../src/crypto/records/envelope.ts";
import { typeNames, typeOf } from "../../src/crypto/records/readers.ts";
import { text } from "../../src/crypto/records/read.ts";
import { treeDigest } from "../../src/crypto/records/types/document.ts";
import { certificateCommitment } from "../../src/crypto/records/types/profile.ts";
import { includes, root } from "../../src/crypto/rules/merkle.ts";
import { type Term, addMonths, destroyOn, ending, startOf } from "../../src/crypto/rules/terms.ts";
import { publicKeyOf } from "./makers.ts";
import { everyCase } from "./every_case.ts";
import { outcome, verdictOf } from "./vectors.ts";

const envelopes = everyCase<{ keys: Record<string, string>; cases: { name: string; type: string; envelope: string; required?: string[]; verdict: string }[] }>("3-envelopes");

test("3-envelopes", async () => {
  const known = new Map(Object.entries(envelopes.keys).map(([signer, key]) => [signer, fromHex(key)]));
  for (const { name, type, envelope, required, verdict } of envelopes.cases) {
    expect(await verdictOf(() => verify(parse(utf8(envelope), type), known, required)), name).toBe(verdict);
  }
});

const signerOf = (of: Fields): string => text(of, "signer", 100);

const samples = everyCase<{
  keys: Record<string, string>;
  records: { type: string; hash: string; text: string; envelope: Fields }[];
  certificate_commitment: { nonce: string; name: string; commitment: string };
  text_digest: { type: string; text: string; digest: string };
  body_digest: { segments: string[]; digest: string };
  refused: string[];
}>("3-records");

describe("3-records", () => {
  test("one of every type", async () => {
    const keys = Object.values(samples.keys).map((seed) => publicKeyOf(fromHex(seed)));
    for (const { type, hash, text: said, envelope } of samples.records) {
      const read = fromJson(envelope, type), signer = signerOf(read.fields);
      expect(read.record, type).toEqual(utf8(said));
      expect(await recordHash(type, read.record), type).toBe(hash);
      expect(await verdictOf(() => typeOf(type).read(read.fields)), type).toBe("allowed");
      const signed = await Promise.all(keys.map((key) => verdictOf(() => verify(read, new Map([[signer, key]])))));
      expect(signed.filter((word) => word === "allowed"), type).toHaveLength(1);
    }
    expect(samples.records.map(({ type }) => type).sort()).toEqual([...typeNames()].sort());
  });

  test("digests, and what strict JSON refuses", async () => {
    const { nonce, name, commitment } = samples.certificate_commitment, { type, text: said, digest } = samples.text_digest;
    expect(await certificateCommitment(fromHex(nonce), name)).toBe(commitment);
    expect(await textDigest(type, utf8(said))).toBe(digest);
    expect(await treeDigest(samples.body_digest.segments.map(fromHex))).toBe(samples.body_digest.digest);
    for (const one of samples.refused) expect(await outcome(() => parseObject(utf8(one), 65_536)), one).toBe("record_invalid");
  });
});

type Json = { [name: string]: Json } | Json[] | string | number | boolean | null;

const fields = everyCase<{ cases: { type: string; set?: { [path: string]: Json }; without?: string[]; verdict: string }[] }>("3-fields");

test("3-fields: every type with fields changed", async () => {
  const texts = new Map(samples.records.map((one) => [one.type, one.text]));
  for (const { type, set, without, verdict } of fields.cases) {
    const record = JSON.parse(texts.get(type) ?? expect.unreachable(type)) as { [name: string]: Json };
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
    const read = () => typeOf(type).read(parseRecord(utf8(JSON.stringify(record)), type));
    expect(await verdictOf(read), `${type} ${JSON.stringify({ set, without })}`).toBe(verdict);
  }
});

const tree = everyCase<{
  roots: { records: string[]; root: string }[];
  proofs: { name: string; record: string; position: number; count: number; path: string[]; root: string; holds: boolean }[];
}>("3-merkle");

test("3-merkle", async () => {
  for (const one of tree.roots) expect(await root(one.records)).toBe(one.root);
  for (const one of tree.proofs) expect(await includes(one.record, one.position, one.count, one.path, one.root), one.name).toBe(one.holds);
});

const terms = everyCase<{
  add_months: { day: string; months: number; result: string }[];
  destroy_on: { trajectories: (Omit<Term, "at"> & { at: string })[]; result: string | null }[];
  start_of: { day: string; result: string }[];
  ending: { name: string; end: string | null; at: string; now: string; verdict: string }[];
}>("9-terms");

test("9-terms", () => {
  for (const { day, months, result } of terms.add_months) expect(addMonths(day, months), `${day} + ${months}`).toBe(result);
  for (const { trajectories, result } of terms.destroy_on) {
    expect(destroyOn(trajectories.map(({ at, ...term }) => ({ ...term, at: parseInstant(at) })))).toBe(result);
  }
  for (const { day, result } of terms.start_of) expect(startOf(day)).toBe(result);
  for (const { name, end, at, now, verdict } of terms.ending) expect(ending(end, at, now), name).toBe(verdict);
});
