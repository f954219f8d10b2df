/** Says of cases that chance made (`tests/vectors/generated.py`) what the browser's crypto says of them. */
import { openHead } from "../../src/crypto/age/head.ts";
import { isBelieved, readLedger } from "../../src/crypto/audit/ledger.ts";
import { verifyAudit } from "../../src/crypto/audit/verification.ts";
import { fromHex, toHex, utf8 } from "../../src/crypto/bytes.ts";
import { verifyCertificate } from "../../src/crypto/erasures/certificate.ts";
import { openLabel } from "../../src/crypto/keys/labels.ts";
import { checkNewPassword, guesses, reasonOf } from "../../src/crypto/keys/password_strength.ts";
import { index as wordIndex, split } from "../../src/crypto/keys/words.ts";
import { type Fields, parseInstant, parseObject } from "../../src/crypto/records/encoding.ts";
import { fromJson, recordHash, verify } from "../../src/crypto/records/envelope.ts";
import { typeOf } from "../../src/crypto/records/readers.ts";
import { readRecord } from "../../src/crypto/records/record.ts";
import { readIndex } from "../../src/crypto/records/types/index.ts";
import { readTombstone } from "../../src/crypto/records/types/tombstone.ts";
import { checkTombstone, readEvidence, readWarrant } from "../../src/crypto/rules/evidence.ts";
import { follow, listedBefore } from "../../src/crypto/rules/indexes.ts";
import { includes } from "../../src/crypto/rules/merkle.ts";
import { Heads, checkNew, checkSigner } from "../../src/crypto/rules/rights.ts";
import { Rosters } from "../../src/crypto/rules/rosters.ts";
import { type Term, addMonths, destroyOn } from "../../src/crypto/rules/terms.ts";
import { openCapsule } from "../../src/crypto/shares/capsules.ts";
import { openCover, openEntry } from "../../src/crypto/shares/covers.ts";
import { parseLink } from "../../src/crypto/shares/links.ts";
import { type Pins, type Said, knownOf, pinnedOf } from "./said.ts";
import { type Following, verdictOnLinks } from "./shown.ts";
import { outcome, verdictOf } from "./vectors.ts";

interface Case {
  hex: string; text: string; typed: string; password: string; type: string; envelope: Fields; keys: Record<string, string>;
  chain: Fields[]; rosters: Fields[]; heads: Fields[]; next: Fields; record: never; before: string[]; after: string[]; known: Record<string, Said>;
  now: string; index: Fields; position: number; count: number; path: string[]; root: string; day: string; months: number;
  trajectories: (Omit<Term, "at"> & { at: string })[]; evidence: Fields; tombstone: Fields; ledger: Fields[]; pins: Pins; file: string;
  practice: string | null; fingerprint: string | null; kind: string; key: string; box: string; share: string; document: string;
  dossier: string; member: string; identity: string; head: string; envelopes: Record<string, Fields>;
}
export interface Made {
  family: string;
  case: Case;
}

const chainOf = (rosters: readonly Fields[]): Promise<Rosters> => Rosters.of(rosters.map((one) => fromJson(one, "roster")));
const headsOf = (heads: readonly Fields[], rosters: Rosters): Promise<Heads> => Heads.of(heads.map((one) => fromJson(one, "dossier")), rosters);
const readLink = (value: Fields) => readRecord(fromJson(value, "index"), readIndex);

const FAMILIES: Record<string, (one: Case) => unknown> = {
  json: ({ hex }) => parseObject(fromHex(hex), 65_536),
  link({ text }) {
    const { base, share, secret } = parseLink(text);
    return { base, share, secret: secret && toHex(secret) };
  },
  words: ({ typed }) => [split(typed), split(typed).map(wordIndex)],
  password: async ({ password }) => [
    await verdictOf(() => checkNewPassword(password)), String(guesses(password)), reasonOf(password),
  ],
  async envelope({ type, envelope, keys }) {
    const read = fromJson(envelope, type);
    typeOf(type).read(read.fields);
    await verify(read, new Map(Object.entries(keys).map(([name, key]) => [name, fromHex(key)])));
    return recordHash(type, read.record);
  },
  roster: ({ chain, next }) =>
    verdictOf(async () => (chain.length === 0 ? Rosters.first(fromJson(next, "roster")) : (await chainOf(chain)).append(fromJson(next, "roster")))),
  async head({ rosters: known, chain, next }) {
    const rosters = await chainOf(known), head = () => fromJson(next, "dossier");
    return verdictOf(async () => (chain.length === 0 ? Heads.first(head(), rosters) : (await headsOf(chain, rosters)).append(head(), rosters)));
  },
  async right({ type, rosters: known, heads: held, record }) {
    const rosters = await chainOf(known), heads = held.length > 0 ? await headsOf(held, rosters) : null, envelope = fromJson(record, type);
    return [await verdictOf(() => checkSigner(envelope, rosters, heads)), await verdictOf(() => checkNew(envelope, rosters, heads))];
  },
  index: ({ before, known: said, now, next }) =>
    verdictOf(async () => {
      const known = new Map(Object.entries(said).map(([hash, one]) => [hash, knownOf(one)]));
      return follow(await readLink(next), before, known, parseInstant(now));
    }),
  backwards: async ({ after, index }) => listedBefore(await readLink(index), after),
  async following({ envelopes, ...one }) {
    const [verdict, missing] = await verdictOnLinks(one as unknown as Following, envelopes);
    return [verdict, missing ?? null];
  },
  proof: ({ record, position, count, path, root }) => includes(record, position, count, path, root),
  term: ({ day, months, trajectories }) => [
    addMonths(day, months), destroyOn(trajectories.map(({ at, ...term }) => ({ ...term, at: parseInstant(at) }))),
  ],
  evidence: ({ rosters: known, evidence, tombstone }) =>
    verdictOf(async () => {
      const rosters = await chainOf(known), shown = readEvidence(evidence), envelope = fromJson(tombstone, "tombstone");
      await checkSigner(envelope, rosters);
      checkTombstone(await readWarrant(shown, rosters), await readRecord(envelope, readTombstone), rosters);
    }),
  async belief({ rosters: known, ledger, pins, now }) {
    const rosters = await chainOf(known), entries = await readLedger(ledger, rosters);
    return entries.map((entry) => isBelieved(entry, rosters, pinnedOf(pins), parseInstant(now)));
  },
  async certificate({ file, now, ...reader }) {
    const { found, checked } = await verifyCertificate(utf8(file), reader, parseInstant(now));
    return [[...found.values()].sort(), checked.map(({ member, left }) => [member, left])];
  },
  audit: async ({ file, ...reader }) => [...(await verifyAudit(utf8(file), reader)).values()].sort(),
  content: ({ kind, key, box, share, document }) =>
    verdictOf(() => {
      if (kind === "cover") openCover(fromHex(key), share, fromHex(box));
      else (kind === "entry" ? openEntry : openCapsule)(fromHex(key), share, document, fromHex(box));
    }),
  async document({ identity, head }) {
    const { fileKey, nonce } = await openHead(fromHex(identity), fromHex(head));
    return [fileKey, nonce].map(toHex);
  },
  label: ({ dossier, member, key, box }) => openLabel(fromHex(key), dossier, member, fromHex(box)),
};

/** What is said of each case, in their order. */
export async function judge(batch: readonly Made[]): Promise<unknown[]> {
  const said: unknown[] = [];
  for (const { family, case: one } of batch) said.push(await outcome(() => FAMILIES[family]?.(one)));
  return said;
}
