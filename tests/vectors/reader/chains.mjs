// FORMAT.md, Who may sign, Documents, Deposits: what follows what, by number and hash.
import { concat, fromHex, toHex } from "./bytes.mjs";
import { sha256 } from "./documents.mjs";

/** One rule for everything that is counted; `last` is the end of the chain, null before its first record. */
export function follows(last, number, previous) {
  const same = number === (last === null ? 1 : last.number + 1) && previous === (last === null ? null : last.hash);
  return same ? "allowed" : "conflict";
}

/** A tombstone or checkpoint after another. */
export function entryFollows(before, next) {
  if (next.roster.version < before.roster.version) return "conflict";
  return follows({ number: before.sequence, hash: before.hash }, next.sequence, next.previous);
}

export function documentFollows(last, next) {
  if (next.previous === null) return "allowed";
  const same = last !== null && last.hash === next.previous && last.dossier === next.dossier && last.series === next.series;
  return same ? "allowed" : "conflict";
}

const RESERVED = ["dossier", "document", "series", "previous", "kind", "draft", "nonce", "commitment", "size", "signer"];

/** Whether a record completes what its intent began; `segments` are the SHA-256 of what arrived. */
export function completes(intent, record, segments) {
  const same = RESERVED.every((name) => record[name] === intent[name]);
  if (!same || record.roster.version < intent.roster.version) return "conflict";
  const whole = segments.length === Math.ceil(record.size / 8_388_608);
  return whole && toHex(sha256(concat(...segments.map(fromHex)))) === record.digest ? "allowed" : "digest_mismatch";
}
