import { expect, test } from "vitest";
import { isBelieved, readLedger } from "../../src/crypto/audit/ledger.ts";
import { type Fields, parseInstant } from "../../src/crypto/records/encoding.ts";
import { fromJson } from "../../src/crypto/records/envelope.ts";
import { readRecord } from "../../src/crypto/records/record.ts";
import { readErasure } from "../../src/crypto/records/types/erasure.ts";
import { readErasureWithdrawal } from "../../src/crypto/records/types/erasure_withdrawal.ts";
import { readTombstone } from "../../src/crypto/records/types/tombstone.ts";
import { checkTombstone, digestOf, readEvidence, readWarrant, takesBack } from "../../src/crypto/rules/evidence.ts";
import { checkSigner } from "../../src/crypto/rules/rights.ts";
import { Rosters } from "../../src/crypto/rules/rosters.ts";
import { everyCase } from "./every_case.ts";
import { type Pins, pinnedOf } from "./said.ts";
import { verdictOf } from "./vectors.ts";

const chainOf = (rosters: readonly Fields[]): Promise<Rosters> => Rosters.of(rosters.map((one) => fromJson(one, "roster")));

const evidence = everyCase<{
  tombstones: { name: string; rosters: Fields[]; evidence: Fields; digest: string; tombstone: Fields; verdict: string }[];
  withdrawals: { name: string; request: Fields; withdrawal: Fields; taken_back: boolean }[];
}>("9-evidence");

test("9-evidence: what it permits", async () => {
  for (const { name, rosters: known, evidence: said, digest, tombstone, verdict } of evidence.tombstones) {
    const rosters = await chainOf(known), shown = readEvidence(said);
    expect(await digestOf(shown), name).toBe(digest);
    const judge = async () => {
      const envelope = fromJson(tombstone, "tombstone");
      await checkSigner(envelope, rosters);
      checkTombstone(await readWarrant(shown, rosters), await readRecord(envelope, readTombstone), rosters);
    };
    expect(await verdictOf(judge), name).toBe(verdict);
  }
});

test("9-evidence: what takes a request back", async () => {
  for (const one of evidence.withdrawals) {
    const request = await readRecord(fromJson(one.request, "erasure"), readErasure);
    const withdrawal = await readRecord(fromJson(one.withdrawal, "erasure_withdrawal"), readErasureWithdrawal);
    expect(takesBack(withdrawal, request), one.name).toBe(one.taken_back);
  }
});

const beliefs = everyCase<{
  dossier: string;
  cases: { name: string; rosters: Fields[]; now: string; pins: Pins; ledger: Fields[]; believed: boolean[] }[];
}>("9-beliefs");

test("9-beliefs", async () => {
  for (const { name, rosters: known, now, pins, ledger, believed } of beliefs.cases) {
    const rosters = await chainOf(known), entries = await readLedger(ledger, rosters);
    expect(entries.map((entry) => isBelieved(entry, rosters, pinnedOf(pins), parseInstant(now))), name).toEqual(believed);
    expect(entries.every(({ tombstone }) => tombstone.dossier === beliefs.dossier), name).toBe(true);
  }
});
