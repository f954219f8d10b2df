// FORMAT.md, Types: the fields of each type of record.
import { refuse } from "./bytes.mjs";
import { day as dayOf, id, instant as instantOf } from "./fields.mjs";
import { seen } from "./seen.mjs";
import {
  day, distinct, flag, hash, hashes, ids, instant, list, object, octets, orNull, sorted, text, whole, word,
} from "./shapes.mjs";

const KEY = octets(32), ORDINAL = whole(1), NUMBER = whole(0), NONE = null;
const LINK = { previous: orNull(hash), at: instant };
const CHAINS = ["ledger", "checkpoint"], OF_SUBJECTS = ["dossier", "index", "link", "audit", "trajectory", "profile"];
const BODY = {
  dossier: id, document: id, series: id, ...LINK, kind: word, draft: flag, nonce: octets(16), commitment: KEY,
  size: whole(16, 2 ** 43),
};

/** The host and port are those of a link. */
function publicUrl(value) {
  const found = /^https?:\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(?:\/[A-Za-z0-9._~-]+)*$/.exec(text(300)(value));
  const port = Number(found?.[1] ?? 1);
  return found !== null && port >= 1 && port <= 65_535 ? value : refuse("no address of a website");
}

const suites = distinct(text(32), 1, 8);
const member = object({
  id, role: word, signing: KEY, recipient: hash, card: hash, since: instant, until: orNull(instant),
});
const key = object({ key: KEY, uses: list(word, 1, 16), since: instant, until: orNull(instant) });

function aside(value) {
  const found = object({ chain: text(32), number: ORDINAL, hash, subject: orNull(id) })(value);
  if (![...CHAINS, ...OF_SUBJECTS].includes(found.chain)) refuse("no chain");
  return OF_SUBJECTS.includes(found.chain) === (found.subject !== NONE) ? found : refuse("a subject that its chain has not");
}

/** Each store once, and none that others have seen no further than it is. */
function restored(value) {
  const store = object({ store: text(32), has: NUMBER, seen: NUMBER });
  const found = distinct(store, 1, 3, (one) => one.store)(value);
  const good = (one) => ["records", "keystore", "objects"].includes(one.store) && one.has < one.seen;
  return found.every(good) ? found : refuse("a store that was not put back");
}

const SHAPES = {
  roster: {
    version: ORDINAL, ...LINK, kind: word, root: KEY, recovery: text(4000), suites: object({ signature: suites, dossier: suites }),
    members: distinct(member, 1, 1000, (one) => one.id), installations: distinct(key, 0, 64, (one) => one.key),
  },
  policy: {
    version: ORDINAL, ...LINK, name: text(200), retention: object({ client: whole(1, 60), commissioner: whole(1, 60) }),
    limits: object({ share_days: whole(1, 90), share_max: whole(1, 10_000) }), public_url: publicUrl, announce_days: whole(0, 90),
  },
  dossier: {
    dossier: id, version: ORDINAL, epoch: ORDINAL, ...LINK, kind: word, suite: text(32), recipient: text(4000),
    grantees: sorted(object({ id, role: word }), 1, 1000, (one) => one.id), index: orNull(hash),
  },
  wrap: { dossier: id, epoch: ORDINAL, identity: KEY, grantee: id, at: instant },
  document: { ...BODY, digest: hash, metadata: hash },
  intent: BODY,
  index: {
    dossier: id, sequence: ORDINAL, ...LINK, head: hash, root: hash, count: NUMBER, added: hashes(0, 10_000),
    removed: sorted(object({ hash, why: text(32), by: text(64) }), 0, 1500, (one) => one.hash),
  },
  share: {
    dossier: id, share: id, kind: word, documents: distinct(object({ document: id, record: hash }), 0, 500, (one) => one.document),
    expires_at: instant, max: whole(1, 10_000), consent: orNull(hash), mode: word, key: KEY,
    proofs: object({ possess: KEY, open: KEY }), text: hash, at: instant,
  },
  profile: { dossier: id, version: ORDINAL, ...LINK, commitment: hash, text: hash },
  trajectory: {
    dossier: id, trajectory: id, version: ORDINAL, ...LINK, start: day, end: orNull(day), policy: hash, grace: flag,
  },
  restoration: { stores: restored, reason: text(1000), at: instant },
  repair: { sets_aside: distinct(aside, 1, 350, JSON.stringify), reason: text(1000), at: instant },
  invitation: { invitation: id, role: word, email: text(254), secret: KEY, replaces: orNull(id), expires_at: instant, at: instant },
  lock: { key: KEY, at: instant },
  erasure: {
    dossier: id, erasure: id, documents: ids(0, 500), records: orNull(list(hash, 0, 500)), basis: word, not_before: instant,
    expires: instant, at: instant,
  },
  erasure_withdrawal: { dossier: id, erasure: id, request: hash, at: instant },
  tombstone: {
    subject: object({ kind: word, id }), dossier: id, reason: word, request: orNull(hash), evidence: hash, sequence: ORDINAL, ...LINK,
  },
  certificate_check: { dossier: id, erasure: id, certificate: hash, at: instant },
  certificate: {
    erasure: id, kind: word, dossier: id, reason: word, commitment: hash, documents: hash, tombstones: hashes(1, 500),
    counts: object({ documents: NUMBER, shares: NUMBER, objects: NUMBER, bytes: NUMBER, keys: NUMBER }),
    requested: instant, shredded: instant, verified: instant, horizon: instant, method: text(1000), at: instant,
  },
  checkpoint: { sequence: ORDINAL, ...LINK, chains: NUMBER, heads: hash, ledger: NUMBER },
};

/** What several fields of one record say together. */
const TOGETHER = {
  index: ({ added, removed }) => removed.every((one) => !added.includes(one.hash)),
  trajectory: ({ start, end }) => end === null || dayOf(end) >= dayOf(start),
  erasure({ documents, records, not_before, expires }) {
    const life = instantOf(expires) - instantOf(not_before);
    return ((records ?? []).length === 0 || records.length === documents.length) && life > 0 && life <= 366 * 86_400;
  },
  tombstone: ({ reason, request }) => !REASONS.includes(reason) || (reason === "retention") === (request === null),
};

const REASONS = ["retention", "client", "staff"], SUBJECTS = ["dossier", "document"];
const among = (...known) => (value) => known.includes(value);
const MODES = among("plain", "passphrase", "locator"), PAPERS = among("report", "quote", "plan", "correspondence", "consent", "other");

/** Whether every word of an open set is one that this reader knows. */
const KNOWN = {
  dossier: ({ kind, grantees }) => among("client", "commissioner")(kind) && grantees.every((one) => one.role === "holder"),
  document: ({ kind }) => PAPERS(kind),
  intent: ({ kind }) => PAPERS(kind),
  share: ({ kind, mode }) => among("copy", "disclosure", "review", "drop", "client")(kind) && MODES(mode),
  invitation: ({ role }) => among("director", "coach")(role),
  erasure: ({ basis }) => among("client", "staff")(basis),
  tombstone: ({ subject, reason }) => SUBJECTS.includes(subject.kind) && REASONS.includes(reason),
  certificate: ({ kind, reason }) => SUBJECTS.includes(kind) && REASONS.includes(reason),
};

const SILENT = ["wrap", "invitation", "lock", "tombstone", "certificate", "checkpoint"];

export const standing = object({ version: ORDINAL, hash });

/** The fields of a record of that type, each as it may be. */
export function readFields(kind, fields) {
  const found = { practice: id(fields.practice), signer: text(100)(fields.signer), ...object(SHAPES[kind])(fields) };
  if (kind !== "roster") found.roster = standing(fields.roster);
  if (!SILENT.includes(kind)) found.seen = seen(fields.seen);
  return TOGETHER[kind]?.(found) ?? true ? found : refuse("fields that contradict each other");
}

export const saysKnownWords = (kind, record) => KNOWN[kind]?.(record) ?? true;

/** The record of an envelope, with its hash. */
export const readRecord = ({ kind, fields, hash: own }) => ({ ...readFields(kind, fields), hash: own });
