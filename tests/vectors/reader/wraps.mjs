// FORMAT.md, Wraps: the age wrap and the symmetric one.
import { openFile } from "./age.mjs";
import { Refused, fromBase64url, lp, refuse, utf8 } from "./bytes.mjs";
import { unbox } from "./boxes.mjs";
import { readEnvelope } from "./envelopes.mjs";
import { recipientOf } from "./hybrid.mjs";
import { accept } from "./rights.mjs";
import { readRecord } from "./types.mjs";

export const wrapPlace = (dossier, epoch, member) => lp(...["vault/v1/wrap", dossier, String(epoch), member].map(utf8));

/** The dossier's identity and the hash of the wrap record, 32 bytes each. */
export function openSymmetric(wrapKey, dossier, epoch, member, sealed) {
  const opened = unbox(wrapKey, wrapPlace(dossier, epoch, member), sealed);
  if (opened.length !== 64) refuse("another length", "wrap_invalid");
  return [opened.subarray(0, 32), opened.subarray(32)];
}

function read(seed, file) {
  try {
    if (file.length > 131_072) refuse("too large");
    const envelope = readEnvelope(openFile(seed, file), "wrap");
    return { envelope, record: readRecord(envelope) };
  } catch (error) {
    if (error instanceof Refused) return refuse(error.message, "wrap_invalid");
    throw error;
  }
}

/** The wrap record that a member's identity opens, once a holder signed it for her and for the newest head. */
export function openAge(seed, file, member, rosters, heads) {
  const { envelope, record } = read(seed, file), head = heads.at(-1);
  accept(envelope, rosters, heads);
  const same = record.dossier === head.dossier && record.epoch === head.epoch && record.grantee === member;
  if (!same || recipientOf(fromBase64url(record.identity)) !== head.recipient) refuse("of something else", "wrap_invalid");
  return record;
}
