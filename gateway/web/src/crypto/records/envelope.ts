/** Signed records and their hashes (FORMAT.md, "Envelope"). */
import { type Bytes, concat, sha256, toHex, utf8 } from "../bytes.ts";
import { refuse } from "../refusal.ts";
import { verify as verifyEd25519 } from "./ed25519.ts";
import { type Fields, parseObject } from "./encoding.ts";
import * as read from "./read.ts";
import { envelopeLimit, limitOf } from "./table.ts";

const ED25519 = "ed25519";

export interface Signature {
  readonly alg: string;
  readonly signer: string;
  readonly sig: Bytes;
}

export interface Envelope {
  readonly kind: string;
  readonly record: Bytes;
  readonly fields: Fields;
  readonly signatures: readonly Signature[];
}

export const signedBytes = (kind: string, record: Uint8Array): Bytes => concat(utf8(`vault/v1/${kind}\0`), record);

/** The hash by which records name each other, hex. */
export const recordHash = async (kind: string, record: Uint8Array): Promise<string> =>
  toHex(await sha256(signedBytes(kind, record)));

/** An envelope that must hold a record of that type; its signatures are not verified yet. */
export const parse = (bytes: Uint8Array, kind: string): Envelope => fromJson(parseObject(bytes, envelopeLimit(kind)), kind);

/** The same of an object that was read strictly already. */
export function fromJson(value: Fields, kind: string): Envelope {
  const signatures = read.objects(value, "signatures", 8, 1).map((each) => ({
    alg: read.text(each, "alg", 32),
    signer: read.text(each, "signer", 100),
    sig: read.octets(each, "sig"),
  }));
  const record = read.octets(value, "record");
  return { kind, record, fields: parseRecord(record, kind), signatures };
}

/** The fields of a record's bytes, with what all records have in common checked. */
export function parseRecord(record: Uint8Array, kind: string): Fields {
  const fields = parseObject(record, limitOf(kind));
  read.integer(fields, "v", 1, 1);
  if (fields["type"] !== kind) refuse(`not a ${kind} record`);
  read.identifier(fields, "practice");
  read.text(fields, "signer", 100);
  // No name of a field that must be understood is understood today.
  if ("must" in fields && read.items(fields, "must", 32).length > 0) refuse("a field that must be understood is not");
  return fields;
}

/** Refuses unless every signature of a known algorithm verifies, and the record's signer has one of each required. */
export async function verify(envelope: Envelope, keys: ReadonlyMap<string, Uint8Array>, required: readonly string[] = [ED25519]): Promise<void> {
  const signed = signedBytes(envelope.kind, envelope.record);
  const seen = new Set<string>();
  for (const { alg, signer, sig } of envelope.signatures) {
    const name = `${alg}\0${signer}`;
    if (seen.has(name)) refuse("a signature stands twice", "signature_invalid");
    seen.add(name);
    if (alg !== ED25519) continue;
    const key = keys.get(signer) ?? refuse("signed by somebody else", "signature_invalid");
    if (!(await verifyEd25519(key, signed, sig))) refuse("a signature does not verify", "signature_invalid");
  }
  const signer = read.text(envelope.fields, "signer", 100);
  if (!seen.has(`${ED25519}\0${signer}`)) refuse("the record's signer has not signed it", "signature_invalid");
  if (required.some((suite) => suite !== ED25519)) refuse("a suite that is not known", "software_old");
}
