import { expect, test } from "vitest";
import { type Fields, parseInstant } from "../../src/crypto/records/encoding.ts";
import { fromJson } from "../../src/crypto/records/envelope.ts";
import type { Aside } from "../../src/crypto/records/types/repair.ts";
import { LinksMissing, type PinnedLink, takeNewest } from "../../src/crypto/rules/following.ts";
import type { Known } from "../../src/crypto/rules/indexes.ts";
import { countedRepair } from "../../src/crypto/rules/repairs.ts";
import { Heads, checkSigner } from "../../src/crypto/rules/rights.ts";
import { Rosters } from "../../src/crypto/rules/rosters.ts";
import { everyCase } from "./every_case.ts";
import { outcome, verdictOf } from "./vectors.ts";

interface Case {
  name: string;
  rosters: string[];
  heads: string[];
  pin: PinnedLink | null;
  newest: string;
  leaves: string[];
  links: string[];
  records: { type: string; record: string }[];
  repairs: string[];
  verdict: string;
  missing?: [number, number, string];
}
const all = everyCase<{ dossier: string; envelopes: Record<string, Fields>; cases: Case[] }>("3-following");
const shown = (name: string): Fields => all.envelopes[name] ?? expect.unreachable(name);
const named = (names: readonly string[], kind: string) => names.map((name) => fromJson(shown(name), kind));

/** What the repairs set aside that count. */
async function asidesOf(repairs: readonly string[], rosters: Rosters): Promise<Aside[]> {
  const found = await Promise.all(named(repairs, "repair").map((one) => outcome(() => countedRepair(one, rosters))));
  return found.flatMap((one) => (typeof one === "string" ? [] : one.asides));
}

/** What the verified records say of themselves; that a share was revoked says the index. */
async function knownOf(records: Case["records"], rosters: Rosters, heads: Heads): Promise<Map<string, Known>> {
  const known = new Map<string, Known>();
  for (const { type, record } of records) {
    const envelope = fromJson(shown(record), type), { fields } = envelope, standing = fields["roster"] as { version: number };
    await checkSigner(envelope, rosters, heads);
    const expires = fields["expires_at"], subject = fields[type === "profile" ? "dossier" : type];
    known.set(record, {
      type, subject: typeof subject === "string" ? subject : expect.unreachable(type), pending: false, revoked: true,
      expiresAt: typeof expires === "string" ? parseInstant(expires) : null, tombstones: [],
      version: Number(fields["version"] ?? 0), previous: (fields["previous"] ?? null) as string | null, roster: standing.version,
    });
  }
  return known;
}

test("3-following", async () => {
  for (const one of all.cases) {
    const rosters = await Rosters.of(named(one.rosters, "roster")), heads = await Heads.of(named(one.heads, "dossier"), rosters);
    expect(heads.newest.id).toBe(all.dossier);
    const [known, asides] = [await knownOf(one.records, rosters, heads), await asidesOf(one.repairs, rosters)];
    const given = { newest: shown(one.newest), leaves: one.leaves, links: one.links.map(shown) };
    let missing: readonly unknown[] | undefined;
    const verdict = await verdictOf(async () => {
      try {
        await takeNewest(one.pin, given, known, asides, rosters, heads);
      } catch (error) {
        if (error instanceof LinksMissing) missing = [error.first, error.last, error.hash];
        throw error;
      }
    });
    expect([verdict, missing], one.name).toEqual([one.verdict, one.missing]);
  }
});
