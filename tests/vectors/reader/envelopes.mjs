// FORMAT.md, Envelope.
import { concat, fromBase64url, refuse, utf8 } from "./bytes.mjs";
import { verify as verifyEd25519 } from "./ed25519.mjs";
import { id, text } from "./fields.mjs";
import { parseObject } from "./json.mjs";

const LARGE = new Set(["roster", "index", "dossier"]);
const limitOf = (kind) => (LARGE.has(kind) ? 1_048_576 : 65_536);

/** An envelope that must hold a record of that type; its signatures are not verified yet. */
export function readEnvelope(bytes, kind) {
  const value = parseObject(bytes, 2 * limitOf(kind) + 65_536);
  if (typeof value.record !== "string") refuse("no record");
  const { signatures } = value;
  if (!Array.isArray(signatures) || signatures.length < 1 || signatures.length > 8) refuse("no list of signatures");
  const record = fromBase64url(value.record);
  return { kind, record, fields: readRecord(record, kind), signatures: signatures.map(readSignature) };
}

function readSignature(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) refuse("no signature");
  if (typeof value.sig !== "string") refuse("no signature");
  return { alg: text(value.alg, 32), signer: text(value.signer, 100), sig: fromBase64url(value.sig) };
}

function readRecord(record, kind) {
  const fields = parseObject(record, limitOf(kind));
  if (fields.v !== 1 || fields.type !== kind) refuse("another version or type");
  id(fields.practice);
  text(fields.signer, 100);
  if ("must" in fields && !(Array.isArray(fields.must) && fields.must.length === 0)) refuse("a field is not understood");
  return fields;
}

/** Refuses unless every signature of a known algorithm verifies, and the record's own signer has one of each required. */
export function verifyEnvelope({ kind, record, fields, signatures }, keys, required = ["ed25519"]) {
  const signed = concat(utf8(`vault/v1/${kind}\0`), record);
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
