import { describe, expect, test } from "vitest";
import { type Fields, parseInstant } from "../../src/crypto/records/encoding.ts";
import { fromJson } from "../../src/crypto/records/envelope.ts";
import { typeNames } from "../../src/crypto/records/readers.ts";
import { readRecord } from "../../src/crypto/records/record.ts";
import { readSeen } from "../../src/crypto/records/seen.ts";
import { readPolicy } from "../../src/crypto/records/types/policy.ts";
import { readShare } from "../../src/crypto/records/types/share.ts";
import { countedRepair } from "../../src/crypto/rules/repairs.ts";
import { Heads, checkNew, checkSigner, inForce } from "../../src/crypto/rules/rights.ts";
import { Rosters } from "../../src/crypto/rules/rosters.ts";
import { checkShare } from "../../src/crypto/rules/sharing.ts";
import { isHeld } from "../../src/crypto/rules/sightings.ts";
import { everyCase } from "./every_case.ts";
import { outcome, verdictOf } from "./vectors.ts";

const rights = everyCase<{
  records: Record<string, Fields>;
  signing: { name: string; type: string; rosters: string[]; heads: string[]; record: Fields; accepted: string; new: string }[];
  in_force: { name: string; rosters: string[]; signer: string; pinned: boolean; verdict: string }[];
  sharing: { name: string; now: string; policy: Fields; share: Fields; verdict: string }[];
}>("3-rights");
const named = (hashes: readonly string[], kind: string) => hashes.map((hash) => fromJson(rights.records[hash] ?? expect.unreachable(hash), kind));

describe("3-rights", () => {
  test("who signs what", async () => {
    for (const { name, type, rosters: known, heads: held, record, accepted, new: today } of rights.signing) {
      const rosters = await Rosters.of(named(known, "roster"));
      const heads = held.length > 0 ? await Heads.of(named(held, "dossier"), rosters) : null, envelope = fromJson(record, type);
      expect(await verdictOf(() => checkSigner(envelope, rosters, heads)), `${name}: accepted`).toBe(accepted);
      expect(await verdictOf(() => checkNew(envelope, rosters, heads)), `${name}: new`).toBe(today);
    }
    expect(new Set([...rights.signing.map(({ type }) => type), "dossier"])).toEqual(new Set(typeNames()));
  });

  test("what is in force", async () => {
    for (const { name, rosters, signer, pinned, verdict } of rights.in_force) {
      expect(inForce(signer, await Rosters.of(named(rosters, "roster")), pinned), name).toBe(verdict);
    }
  });

  test("what may be shared", async () => {
    for (const { name, now, policy, share, verdict } of rights.sharing) {
      const rules = await readRecord(fromJson(policy, "policy"), readPolicy), wanted = await readRecord(fromJson(share, "share"), readShare);
      expect(await verdictOf(() => checkShare(wanted, rules, parseInstant(now))), name).toBe(verdict);
    }
  });
});

const seen = everyCase<{
  chain: string[];
  rosters: Fields[];
  repairs: { name: string; repair: Fields; verdict: string }[];
  cases: { name: string; seen: Fields; verdict: string }[];
}>("3-seen");

describe("3-seen", () => {
  test("a chain holds what was seen", async () => {
    for (const one of seen.cases) {
      const found = await outcome(() => {
        const { ledger, checkpoint } = readSeen({ seen: one.seen });
        const words = [isHeld(ledger, () => undefined), isHeld(checkpoint, (number) => seen.chain[number - 1])];
        return words.find((word) => word !== "allowed") ?? "allowed";
      });
      expect(found, one.name).toBe(one.verdict);
    }
  });

  test("which repair counts", async () => {
    const rosters = await Rosters.of(seen.rosters.map((one) => fromJson(one, "roster")));
    for (const { name, repair, verdict } of seen.repairs) {
      expect(await verdictOf(() => countedRepair(fromJson(repair, "repair"), rosters)), name).toBe(verdict);
    }
  });
});
