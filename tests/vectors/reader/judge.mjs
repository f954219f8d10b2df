// Says of a batch of cases, made by chance, what this reader says: `node judge.mjs FILE`, a JSON list; one is printed.
import { readFileSync } from "node:fs";
import { openHead } from "./age.mjs";
import { believed } from "./beliefs.mjs";
import { verify as verifyAudit } from "./audit_files.mjs";
import { Refused, fromHex, refuse, toHex, utf8 } from "./bytes.mjs";
import { verify as verifyCertificate } from "./certificates.mjs";
import { envelopeOf, verifyEnvelope } from "./envelopes.mjs";
import { checkTombstone, readEvidence, readWarrant } from "./evidence.mjs";
import { instant } from "./fields.mjs";
import { Missing, follow as followLinks } from "./following.mjs";
import { chainOf as headsOf, follow as followHead } from "./heads.mjs";
import { backwards, mayFollow } from "./indexes.mjs";
import { parseObject } from "./json.mjs";
import { openLabel } from "./labels.mjs";
import { openContent, parseLink, place } from "./links.mjs";
import { includes } from "./merkle.mjs";
import { estimator, reason, verdict as verdictOnPassword } from "./passwords.mjs";
import { accept, acceptNew } from "./rights.mjs";
import { chainOf, follow } from "./rosters.mjs";
import { addMonths, destroyOn } from "./terms.mjs";
import { readRecord } from "./types.mjs";
import { index as wordIndex, split } from "./words.mjs";

const { rows, common } = JSON.parse(readFileSync(new URL("../4-passwords.json", import.meta.url)));
const guesses = estimator(rows, common);
const all = (values, kind) => values.map((one) => envelopeOf(one, kind));

const FAMILIES = {
  json: ({ hex }) => parseObject(fromHex(hex), 65_536),
  link({ text }) {
    const { base, share, secret } = parseLink(text);
    return { base, share, secret: secret === null ? null : toHex(secret) };
  },
  words: ({ typed }) => [split(typed), split(typed).map(wordIndex)],
  password: ({ password }) => [
    outcome(() => verdictOnPassword(password, guesses)), String(guesses(password)), reason(password, guesses),
  ],
  envelope({ type, envelope, keys }) {
    const read = envelopeOf(envelope, type);
    readRecord(read);
    verifyEnvelope(read, new Map(Object.entries(keys).map(([name, key]) => [name, fromHex(key)])));
    return read.hash;
  },
  roster: ({ chain, next }) => (follow(chainOf(all(chain, "roster")), envelopeOf(next, "roster")), "allowed"),
  head({ rosters, chain, next }) {
    const known = chainOf(all(rosters, "roster"));
    followHead(headsOf(all(chain, "dossier"), known), envelopeOf(next, "dossier"), known);
    return "allowed";
  },
  right({ type, rosters: chain, heads: held, record }) {
    const rosters = chainOf(all(chain, "roster")), heads = headsOf(all(held, "dossier"), rosters), envelope = envelopeOf(record, type);
    return [accept, acceptNew].map((rule) => outcome(() => (rule(envelope, rosters, heads), "allowed")));
  },
  index: ({ before, known, now, next }) => (mayFollow(readRecord(envelopeOf(next, "index")), before, known, now), "allowed"),
  backwards: ({ after, index }) => backwards(readRecord(envelopeOf(index, "index")), after),
  following({ dossier, envelopes, ...one }) {
    const shown = (names) => names.map((name) => envelopes[name]), named = (names, kind) => all(shown(names), kind);
    const rosters = chainOf(named(one.rosters, "roster")), heads = headsOf(named(one.heads, "dossier"), rosters);
    const records = one.records.map(({ type, record }) => ({ type, record: envelopes[record] }));
    const given = { dossier, pin: one.pin, leaves: one.leaves, newest: envelopes[one.newest], links: shown(one.links), repairs: shown(one.repairs), records };
    let missing = null;
    const verdict = outcome(() => {
      try {
        followLinks(given, rosters, heads);
        return "allowed";
      } catch (error) {
        if (error instanceof Missing) missing = error.missing;
        throw error;
      }
    });
    return [verdict, missing];
  },
  proof: ({ record, position, count, path, root }) => includes(record, position, count, path, root),
  term: ({ day, months, trajectories }) => [addMonths(day, months), destroyOn(trajectories)],
  evidence({ rosters: chain, evidence, tombstone }) {
    const rosters = chainOf(all(chain, "roster")), shown = readEvidence(evidence), envelope = envelopeOf(tombstone, "tombstone");
    accept(envelope, rosters);
    checkTombstone(readWarrant(shown, rosters), readRecord(envelope), rosters);
    return "allowed";
  },
  belief: ({ rosters, ledger, pins, now }) => believed(ledger, chainOf(all(rosters, "roster")), pins, instant(now)),
  certificate({ file, ...reader }) {
    const { found, checked } = verifyCertificate(utf8(file), reader);
    return [[...found.values()].sort(), checked.map(({ member, left }) => [member, left])];
  },
  audit: ({ file, ...reader }) => [...verifyAudit(utf8(file), reader).values()].sort(),
  content({ kind, key, box, share, document }) {
    openContent(kind, fromHex(key), kind === "cover" ? place(kind, share) : place(kind, share, document), fromHex(box));
    return "allowed";
  },
  document({ identity, head }) {
    try {
      const { fileKey, nonce, payload } = openHead(fromHex(identity), fromHex(head));
      return nonce.length === 16 && payload.length === 0 ? [toHex(fileKey), toHex(nonce)] : "age_invalid";
    } catch (error) {
      return error.word === "damaged" ? "age_invalid" : refuse(error.message, error.word);
    }
  },
  label: ({ dossier, member, key, box }) => openLabel(fromHex(key), dossier, member, fromHex(box)),
};

function outcome(judge) {
  try {
    return judge();
  } catch (error) {
    if (error instanceof Refused) return error.word;
    throw error;
  }
}

const batch = JSON.parse(readFileSync(process.argv[2]));
const said = batch.map(({ family, case: one }) => outcome(() => (FAMILIES[family] ?? refuse("no such family"))(one)));
process.stdout.write(JSON.stringify(said));
