// FORMAT.md, Envelope.
import { createHash } from "node:crypto";
import { concat, fromBase64url, refuse, toHex, utf8 } from "./bytes.mjs";
import { verify as verifyEd25519 } from "./ed25519.mjs";
import { id, text } from "./fields.mjs";
import { parseObject } from "./json.mjs";
import { isObject } from "./shapes.mjs";

const LARGE = new Set(["roster", "index", "dossier"]);
const limitOf = (kind) => (LARGE.has(kind) ? 1_048_576 : 65_536);

/** An envelope that must hold a record of that type; its signatures are not verified yet. */
export const readEnvelope = (bytes, kind) => envelopeOf(parseObject(bytes, 2 * limitOf(kind) + 65_536), kind);

/** The same of an object that was read already. */
export function envelopeOf(value, kind) {
  if (!isObject(value) || typeof value.record !== "string") refuse("no record");
  const { signatures } = value;
  if (!Array.isArray(signatures) || signatures.length < 1 || signatures.length > 8) refuse("no list of signatures");
  const record = fromBase64url(value.record);
  const hash = recordHash(kind, record);
  return { kind, record, hash, fields: readCommon(record, kind), signatures: signatures.map(readSignature) };
}

const signedBytes = (kind, record) => concat(utf8(`vault/v1/${kind}\0`), record);

export const recordHash = (kind, record) => toHex(createHash("sha256").update(signedBytes(kind, record)).digest());

function readSignature(value) {
  if (!isObject(value)) refuse("no signature");
  if (typeof value.sig !== "string") refuse("no signature");
  return { alg: text(value.alg, 32), signer: text(value.signer, 100), sig: fromBase64url(value.sig) };
}

/** The fields of a record's bytes, of which those that every record has are as they may be. */
export function readCommon(record, kind) {
  const fields = parseObject(record, limitOf(kind));
  if (fields.v !== 1 || fields.type !== kind) refuse("another version or type");
  id(fields.practice);
  text(fields.signer, 100);
  if ("must" in fields && !(Array.isArray(fields.must) && fields.must.length === 0)) refuse("a field is not understood");
  return fields;
}

/** Refuses unless every signature of a known algorithm verifies, and the record's own signer has one of each required. */
export function verifyEnvelope({ kind, record, fields, signatures }, keys, required = ["ed25519"]) {
  const signed = signedBytes(kind, record);
  const seen = new Set();
  for (const { alg, signer, sig } of signatures) {
    const name = `${alg}\0${signer}`;
    if (seen.has(name)) refuse("twice", "signature_invalid");
    seen.add(name);
    if (alg !== "ed25519") continue;
    if (!keys.has(signer) || !verifyEd25519(keys.get(signer), signed, sig)) refuse("does not verify", "signature_invalid");
  }
  if (!seen.has(`ed25519\0${fields.signer}`)) refuse("not signed by its signer", "signature_invalid");
  if (required.some((suite) => suite !== "ed25519")) refuse("a suite that is not known", "software_old");
}
