import { completes, documentFollows, entryFollows, follows } from "../chains.mjs";
import { envelopeOf } from "../envelopes.mjs";
import { chainOf as headsOf, follow as followHead } from "../heads.mjs";
import { backwards, belongs, mayFollow } from "../indexes.mjs";
import { chainOf, follow } from "../rosters.mjs";
import { readRecord } from "../types.mjs";

const read = (value, kind) => readRecord(envelopeOf(value, kind));

export function check(vectors, expect, outcome) {
  const named = (hashes, kind) => hashes.map((hash) => envelopeOf(vectors.records[hash], kind));
  const allowed = (rule) => outcome(() => (rule(), "allowed"));
  for (const one of vectors.rosters) {
    expect(one.name, allowed(() => follow(chainOf(named(one.chain, "roster")), envelopeOf(one.next, "roster"))), one.verdict);
  }
  for (const one of vectors.heads) {
    const rosters = chainOf(named(one.rosters, "roster")), chain = headsOf(named(one.chain, "dossier"), rosters);
    expect(one.name, allowed(() => followHead(chain, envelopeOf(one.next, "dossier"), rosters)), one.verdict);
  }
  for (const { name, last, number, previous, verdict } of vectors.numbers) expect(name, follows(last, number, previous), verdict);
  for (const { name, type, before, next, verdict } of vectors.entries) {
    expect(name, entryFollows(read(before, type), read(next, type)), verdict);
  }
  for (const { name, last, next, verdict } of vectors.documents) {
    expect(name, documentFollows(last === null ? null : read(last, "document"), read(next, "document")), verdict);
  }
  for (const { name, intent, record, segments, verdict } of vectors.deposits) {
    expect(name, completes(read(intent, "intent"), read(record, "document"), segments), verdict);
  }
  for (const { name, before, known, now, next, verdict } of vectors.index) {
    expect(name, allowed(() => mayFollow(read(next, "index"), before, known, now)), verdict);
  }
  for (const { name, after, index, verdict, before } of vectors.index_backwards) {
    const found = outcome(() => backwards(read(index, "index"), after));
    expect(name, found, verdict === "allowed" ? before.slice().sort() : verdict);
  }
  for (const { name, rosters, heads, index, verdict } of vectors.index_and_head) {
    const chain = headsOf(named(heads, "dossier"), chainOf(named(rosters, "roster")));
    expect(name, belongs(read(index, "index"), chain), verdict);
  }
}
