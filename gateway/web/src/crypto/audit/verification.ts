/** A dossier's audit as an exported file, verified without any server (FORMAT.md, "Audit file"). */
import type { Bytes } from "../bytes.ts";
import { Findings } from "../checks.ts";
import { type Reader, checkPractice } from "../people/known_practice.ts";
import { parseObject } from "../records/encoding.ts";
import { type Envelope, fromJson } from "../records/envelope.ts";
import * as read from "../records/read.ts";
import { refuse } from "../refusal.ts";
import { Rosters } from "../rules/rosters.ts";
import { type Entry, checkCheckpoints, checkCovered, checkEntries, readEntry } from "./audit_chain.ts";

const MAX_FILE = 256 * 2 ** 20, MANY = 10_000_000, MAX_ROSTERS = 10_000, LEAF = 32;

interface AuditFile {
  readonly dossier: string;
  readonly entries: readonly Entry[];
  readonly checkpoints: readonly Envelope[];
  /** Of the last of `checkpoints`. */
  readonly leaves: readonly Bytes[];
  readonly rosters: readonly Envelope[];
}

/** The file's parts, nothing of them verified yet. */
export function parseAudit(bytes: Uint8Array): AuditFile {
  const fields = parseObject(bytes, MAX_FILE);
  read.only(fields, "v", "dossier", "entries", "checkpoints", "leaves", "rosters");
  read.integer(fields, "v", 1, 1);
  const leaves = read.octets(fields, "leaves");
  if (leaves.length % LEAF !== 0) refuse("half a leaf");
  return {
    dossier: read.identifier(fields, "dossier"),
    entries: read.objects(fields, "entries", MANY).map(readEntry),
    checkpoints: read.objects(fields, "checkpoints", MANY).map((each) => fromJson(each, "checkpoint")),
    leaves: Array.from({ length: leaves.length / LEAF }, (_, place) => leaves.subarray(LEAF * place, LEAF * (place + 1))),
    rosters: read.objects(fields, "rosters", MAX_ROSTERS, 1).map((each) => fromJson(each, "roster")),
  };
}

/** The word of each fault, by what was looked at. Never refuses. */
export async function verifyAudit(bytes: Uint8Array, reader: Reader): Promise<ReadonlyMap<string, string>> {
  const findings = new Findings();
  const file = await findings.try("file", "unreadable", () => parseAudit(bytes));
  const rosters = file && (await findings.try("rosters", "rosters_broken", () => Rosters.of(file.rosters)));
  if (file === null || rosters === null) return findings.found;
  await checkPractice(findings, rosters, reader);
  await checkEntries(findings, file.dossier, file.entries);
  const newest = (await checkCheckpoints(findings, file.checkpoints, rosters)).at(-1);
  if (newest !== undefined) await checkCovered(findings, file.dossier, file.entries, newest, file.leaves);
  return findings.found;
}
