/** What a server shows of an index, and what a reader makes of it, as `3-following.json` spells it. */
import { type Fields, parseInstant } from "../../src/crypto/records/encoding.ts";
import { fromJson } from "../../src/crypto/records/envelope.ts";
import * as read from "../../src/crypto/records/read.ts";
import { readStanding } from "../../src/crypto/records/standing.ts";
import type { Aside } from "../../src/crypto/records/types/repair.ts";
import { LinksMissing, type PinnedLink, takeNewest } from "../../src/crypto/rules/following.ts";
import type { Known } from "../../src/crypto/rules/indexes.ts";
import { countedRepair } from "../../src/crypto/rules/repairs.ts";
import { Heads, checkSigner } from "../../src/crypto/rules/rights.ts";
import { Rosters } from "../../src/crypto/rules/rosters.ts";
import { outcome, verdictOf } from "./vectors.ts";

export interface Following {
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
type Envelopes = Readonly<Record<string, Fields>>;

function shown(envelopes: Envelopes, name: string): Fields {
  const found = envelopes[name];
  if (found === undefined) throw new Error(`no envelope ${name}`);
  return found;
}

const named = (envelopes: Envelopes, names: readonly string[], kind: string) => names.map((name) => fromJson(shown(envelopes, name), kind));

/** What the repairs set aside that count. */
async function asidesOf(envelopes: Envelopes, repairs: readonly string[], rosters: Rosters): Promise<Aside[]> {
  const found = await Promise.all(named(envelopes, repairs, "repair").map((one) => outcome(() => countedRepair(one, rosters))));
  return found.flatMap((one) => (typeof one === "string" ? [] : one.asides));
}

/** What the verified records say of themselves; that a share was revoked says the index. */
async function recordsOf(envelopes: Envelopes, records: Following["records"], rosters: Rosters, heads: Heads): Promise<Map<string, Known>> {
  const known = new Map<string, Known>();
  for (const { type, record } of records) {
    const envelope = fromJson(shown(envelopes, record), type), { fields } = envelope, expires = fields["expires_at"];
    await checkSigner(envelope, rosters, heads);
    known.set(record, {
      type, subject: read.identifier(fields, type === "profile" ? "dossier" : type), pending: false, revoked: true,
      expiresAt: typeof expires === "string" ? parseInstant(expires) : null, tombstones: [],
      version: "version" in fields ? read.integer(fields, "version") : 0, previous: read.possiblyNull(fields, "previous"), roster: readStanding(fields).version,
    });
  }
  return known;
}

/** The verdict, and which links are missing. */
export async function verdictOnLinks(one: Following, envelopes: Envelopes): Promise<[string, readonly unknown[] | undefined]> {
  const rosters = await Rosters.of(named(envelopes, one.rosters, "roster")), heads = await Heads.of(named(envelopes, one.heads, "dossier"), rosters);
  const known = await recordsOf(envelopes, one.records, rosters, heads), asides = await asidesOf(envelopes, one.repairs, rosters);
  const given = { newest: shown(envelopes, one.newest), leaves: one.leaves, links: one.links.map((name) => shown(envelopes, name)) };
  let missing: readonly unknown[] | undefined;
  const verdict = await verdictOf(async () => {
    try {
      await takeNewest(one.pin, given, known, asides, rosters, heads);
    } catch (error) {
      if (error instanceof LinksMissing) missing = [error.first, error.last, error.hash];
      throw error;
    }
  });
  return [verdict, missing];
}
