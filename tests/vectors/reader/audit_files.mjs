// FORMAT.md, Audit file: what a reader finds wrong in one.
import { detailsDigest, entryHash, heads, leaf } from "./audit.mjs";
import { fromBase64url, refuse, toHex } from "./bytes.mjs";
import { entryFollows } from "./chains.mjs";
import { id, instant as second } from "./fields.mjs";
import { Findings, checkPractice, envelopes, rostersOf } from "./findings.mjs";
import { parseObject } from "./json.mjs";
import { accept } from "./rights.mjs";
import { hash, instant, list, object, orNull, text, whole } from "./shapes.mjs";
import { readRecord } from "./types.mjs";

const LARGEST = 256 * 2 ** 20, MANY = 10_000_000, ROSTERS = 10_000, APART = 300;
const FIELDS = ["checkpoints", "dossier", "entries", "leaves", "rosters", "v"];

const entry = object({
  sequence: whole(1), previous: hash, hash, at: instant, event: text(64), actor: text(64), digest: hash,
  details: (value) => (value === undefined ? refuse("no details") : orNull((one) => fromBase64url(text(65_536)(one)))(value)),
});

function readFile(bytes) {
  const fields = parseObject(bytes, LARGEST);
  if (Object.keys(fields).sort().join() !== FIELDS.join() || fields.v !== 1) refuse("another version or other members");
  const leaves = typeof fields.leaves === "string" ? fromBase64url(fields.leaves) : refuse("no leaves");
  if (leaves.length % 32 !== 0) refuse("half a leaf");
  const some = (values, least, most) => list((one) => one, least, most)(values);
  return {
    dossier: id(fields.dossier), entries: list(entry, 0, MANY)(fields.entries),
    leaves: Array.from({ length: leaves.length / 32 }, (_, place) => leaves.subarray(32 * place, 32 * place + 32)),
    checkpoints: envelopes(some(fields.checkpoints, 0, MANY), "checkpoint"), rosters: envelopes(some(fields.rosters, 1, ROSTERS), "roster"),
  };
}

/** What is found wrong, by what was looked at. */
export function verify(bytes, reader) {
  const findings = new Findings();
  const file = findings.try("file", "unreadable", () => readFile(bytes));
  const rosters = file && rostersOf(findings, file.rosters);
  if (rosters === undefined) return findings.found;
  checkPractice(findings, rosters, reader);
  checkEntries(findings, file);
  const checkpoints = findings.try("checkpoints", "checkpoint_not_signed", () => {
    for (const one of file.checkpoints) accept(one, rosters);
    return file.checkpoints.map(readRecord);
  }) ?? [];
  const joined = (one, place) => place === 0 || entryFollows(checkpoints[place - 1], one) === "allowed";
  if (!checkpoints.every(joined)) findings.add("checkpoints", "checkpoint_missing");
  if (checkpoints.length > 0) checkCovered(findings, file, checkpoints.at(-1));
  return findings.found;
}

function checkEntries(findings, { dossier, entries }) {
  const add = (word) => findings.add("entries", word);
  if (entries.length === 0) add("no_entries");
  let previous = "0".repeat(64);
  for (const [place, one] of entries.entries()) {
    const number = place + 1;
    if (one.sequence !== number) return add(entries.some((other) => other.sequence === number) ? "reordered" : "missing");
    const told = one.details === null || toHex(detailsDigest(one.details)) === one.digest;
    if (!told || toHex(entryHash({ ...one, dossier })) !== one.hash) return add("changed");
    if (one.previous !== previous) return add("not_joined");
    previous = one.hash;
  }
  return undefined;
}

/** The newest checkpoint has a state of this chain, and every entry that is older than it lies before that state. */
function checkCovered(findings, { dossier, entries, leaves }, newest) {
  if (toHex(heads(leaves)) !== newest.heads || leaves.length !== newest.chains) return findings.add("covered", "leaves_differ");
  const signed = new Set(leaves.map(toHex));
  const covered = entries.filter((one) => signed.has(toHex(leaf(dossier, one.sequence, one.hash)))).map((one) => one.sequence);
  const older = entries.filter((one) => second(one.at) + APART < second(newest.at));
  if (older.length === 0) return undefined;
  if (covered.length === 0) return findings.add("covered", "cut_or_other");
  return older.at(-1).sequence > Math.max(...covered) ? findings.add("covered", "put_in_later") : undefined;
}
