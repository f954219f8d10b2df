// FORMAT.md, The index: what may follow, why a record leaves, what the link before listed, and under which head it stands.
import { Refused, refuse } from "./bytes.mjs";
import { instant } from "./fields.mjs";
import { isHolder } from "./heads.mjs";
import { root } from "./merkle.mjs";

const LISTED = ["document", "share", "profile", "trajectory"], VERSIONED = ["profile", "trajectory"];

/** Refuses an index that may not follow one which lists `before`; `known` says by hash what it adds and takes out. */
export function mayFollow(index, before, known, now) {
  for (const hash of index.added) checkComing(hash, known[hash], index);
  for (const removal of index.removed) {
    const gone = known[removal.hash] ?? refuse("what goes is not there", "record_unknown");
    if (!leaves(removal, gone, index, known, now)) refuse("no reason that holds", "record_left_out");
  }
  const listed = new Set(before);
  for (const { hash } of index.removed) if (!listed.delete(hash)) refuse("what goes is not listed", "record_unknown");
  if (index.added.some((hash) => before.includes(hash))) refuse("what comes is listed", "conflict");
  return checkRoot(index, [...listed, ...index.added]);
}

function checkComing(hash, record, index) {
  if (!record?.pending || !LISTED.includes(record.type)) refuse("what comes is not there", "record_unknown");
  if (!VERSIONED.includes(record.type)) return;
  const inPlace = index.removed.some(({ why, by }) => why === "superseded" && by === hash);
  if (record.version === 1 ? record.type === "profile" : !inPlace) refuse("a version beside another", "record_left_out");
}

export function leaves({ hash, why, by }, gone, index, known, now) {
  if (gone.type === "document") return why === "erased" && gone.tombstones.includes(by);
  if (gone.type === "share" && why === "revoked") return gone.revoked && isInstant(by) && instant(by) <= instant(index.at);
  if (gone.type === "share") return why === "expired" && by === gone.expires_at && instant(by) <= instant(now);
  return VERSIONED.includes(gone.type) && why === "superseded" && index.added.includes(by) && supersedes(known[by], gone, hash);
}

function supersedes(next, gone, hash) {
  const same = next?.type === gone.type && next.subject === gone.subject && next.previous === hash;
  return same && next.version === gone.version + 1 && next.roster >= gone.roster;
}

function isInstant(text) {
  try {
    return instant(text) !== null;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

function checkRoot(index, listed) {
  if (listed.length !== index.count || root(listed) !== index.root) refuse("another root or count", "root_differs");
  return listed.sort();
}

/** What the link before listed, where this one lists `after`. */
export function backwards(index, after) {
  const listed = new Set(after), gone = index.removed.map((one) => one.hash);
  if (gone.some((hash) => listed.has(hash))) refuse("what went is there", "root_differs");
  for (const hash of index.added) if (!listed.delete(hash)) refuse("what came is not there", "root_differs");
  return [...listed, ...gone].sort();
}

/** Whether the newest index and the newest head belong together. */
export function belongs(index, heads) {
  const under = heads.find((head) => head.hash === index.head), newest = heads.at(-1);
  if (under === undefined || !isHolder(under, index.signer)) return "head_differs";
  return under === newest || newest.index === index.hash ? "allowed" : "head_differs";
}
