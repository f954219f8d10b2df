/** Wraps: a dossier's identity for one grantee, as an age file or, for oneself, symmetric (FORMAT.md, "Wraps"). */
import { identityOf, recipientOf } from "../age/hybrid.ts";
import { decryptOne } from "../age/whole.ts";
import { type Bytes, lp, toHex, utf8 } from "../bytes.ts";
import { unbox } from "../boxes.ts";
import { type Envelope, parse } from "../records/envelope.ts";
import { readRecord } from "../records/record.ts";
import { type Wrap, readWrap } from "../records/types/wrap.ts";
import { refuse, refusedAs } from "../refusal.ts";
import { type Heads, checkSigner } from "../rules/rights.ts";
import type { Rosters } from "../rules/rosters.ts";

const SEED = 32, HASH = 32, LARGEST = 131_072;

/** Binds a symmetric wrap to its place. */
export const wrapPlace = (dossier: string, epoch: number, member: string): Bytes =>
  lp(...["vault/v1/wrap", dossier, String(epoch), member].map(utf8));

/** The dossier's identity, and the hash of the wrap record it came from. */
export function openSymmetricWrap(key: Uint8Array, dossier: string, epoch: number, member: string, sealed: Uint8Array): { identity: Bytes; record: string } {
  const opened = unbox(key, wrapPlace(dossier, epoch, member), sealed);
  if (opened.length !== SEED + HASH) refuse("another length than a wrap's", "wrap_invalid");
  return { identity: opened.slice(0, SEED), record: toHex(opened.subarray(SEED)) };
}

/** The wrap record that a member's identity opens, once a holder signed it for her and for the newest head. */
export async function openAgeWrap(seed: Uint8Array, member: string, sealed: Uint8Array, heads: Heads, rosters: Rosters): Promise<Wrap> {
  const { envelope, wrap } = await refusedAs("wrap_invalid", () => readSealed(seed, sealed));
  await checkSigner(envelope, rosters, heads);
  const { newest } = heads;
  if (wrap.dossier !== newest.id || wrap.epoch !== newest.epoch || wrap.grantee !== member) refuse("of another dossier, epoch or member", "wrap_invalid");
  if ((await recipientOf(wrap.identity)) !== newest.recipient) refuse("another identity than the head's", "wrap_invalid");
  return wrap;
}

async function readSealed(seed: Uint8Array, sealed: Uint8Array): Promise<{ envelope: Envelope; wrap: Wrap }> {
  if (sealed.length > LARGEST) refuse("a wrap is too large");
  const envelope = parse(await decryptOne(sealed, identityOf(seed)), "wrap");
  return { envelope, wrap: await readRecord(envelope, readWrap) };
}
