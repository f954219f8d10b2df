import { expect, test } from "vitest";
import { identityOf } from "../../src/crypto/age/hybrid.ts";
import { decryptOne } from "../../src/crypto/age/whole.ts";
import { fromHex, toHex } from "../../src/crypto/bytes.ts";
import { labelKey, openLabel } from "../../src/crypto/keys/labels.ts";
import { openAgeWrap, openSymmetricWrap, wrapPlace } from "../../src/crypto/keys/wraps.ts";
import type { Fields } from "../../src/crypto/records/encoding.ts";
import { fromJson } from "../../src/crypto/records/envelope.ts";
import { Heads } from "../../src/crypto/rules/rights.ts";
import { Rosters } from "../../src/crypto/rules/rosters.ts";
import { everyCase } from "./every_case.ts";
import { outcome, verdictOf } from "./vectors.ts";

const wraps = everyCase<Record<"practice" | "member" | "identity" | "wrap_key" | "dossier_identity" | "record_hash", string> & {
  rosters: Fields[];
  heads: Fields[];
  age: { name: string; text: string; file: string; verdict: string }[];
  symmetric: { name: string; dossier: string; epoch: number; member: string; aad: string; box: string; verdict: string }[];
}>("4-wraps");

test("4-wraps: age files", async () => {
  const rosters = await Rosters.of(wraps.rosters.map((one) => fromJson(one, "roster")));
  const heads = await Heads.of(wraps.heads.map((one) => fromJson(one, "dossier")), rosters), seed = fromHex(wraps.identity);
  expect(rosters.newest.practice).toBe(wraps.practice);
  for (const { name, text, file, verdict } of wraps.age) {
    expect(new TextDecoder().decode(await decryptOne(fromHex(file), identityOf(seed))), name).toBe(text);
    expect(await verdictOf(() => openAgeWrap(seed, wraps.member, fromHex(file), heads, rosters)), name).toBe(verdict);
  }
});

test("4-wraps: one's own", async () => {
  const key = fromHex(wraps.wrap_key), right = { identity: wraps.dossier_identity, record: wraps.record_hash };
  for (const { name, dossier, epoch, member, aad, box, verdict } of wraps.symmetric) {
    expect(toHex(wrapPlace(dossier, epoch, member)), name).toBe(aad);
    const open = () => {
      const { identity, record } = openSymmetricWrap(key, dossier, epoch, member, fromHex(box));
      return { identity: toHex(identity), record };
    };
    expect(await outcome(open), name).toEqual(verdict === "allowed" ? right : verdict);
  }
});

const labels = everyCase<{
  wrap_key: string;
  label_key: string;
  cases: { name: string; dossier: string; member: string; box: string; verdict: string; label?: object }[];
}>("4-labels");

test("4-labels", async () => {
  const key = await labelKey(fromHex(labels.wrap_key));
  expect(toHex(key)).toBe(labels.label_key);
  for (const { name, dossier, member, box, verdict, label } of labels.cases) {
    expect(await outcome(() => openLabel(key, dossier, member, fromHex(box))), name).toEqual(label ?? verdict);
  }
});
