/** From a password to its keys (FORMAT.md, "Keys" and "Passwords"). */
import UNASSIGNED from "../../../../../vault/sdk/keys/unassigned.txt?raw";
import { type Bytes, concat, sha256, toHex, utf8 } from "../bytes.ts";
import { hkdf } from "../boxes.ts";
import { type Fields, toBase64url } from "../records/encoding.ts";
import * as read from "../records/read.ts";
import { refuse } from "../refusal.ts";

const BLANKS = /^[\t\n\v\f\r \u0085\u2028\u2029]+|[\t\n\v\f\r \u0085\u2028\u2029]+$/g;
const MAX_BYTES = 1024;
const RANGES: readonly (readonly number[])[] = UNASSIGNED.trim()
  .split("\n")
  .map((line) => line.split("..").map((hex) => Number.parseInt(hex, 16)));

export const tableDigest = async (): Promise<string> => toHex(await sha256(utf8(UNASSIGNED)));

export interface Parameters {
  readonly memory: number;
  readonly passes: number;
  readonly salt: Bytes;
}

/** What a server may ask for: refused below the floor and above the ceiling. */
export function readParameters(fields: Fields): Parameters {
  read.oneOf(fields, "algorithm", ["argon2id"]);
  read.integer(fields, "lanes", 1, 1);
  return {
    memory: read.integer(fields, "memory", 65_536, 1_048_576),
    passes: read.integer(fields, "passes", 3, 16),
    salt: read.octets(fields, "salt", 16),
  };
}

/** Their JSON text, which is bound to the password's lock: what else a server sends is left out of it. */
export const parametersText = ({ memory, passes, salt }: Parameters): string =>
  `{"algorithm":"argon2id","lanes":1,"memory":${memory},"passes":${passes},"salt":"${toBase64url(salt)}"}`;

/** The bytes that a password is; refused as `unassigned` where another device could make others of it. */
export function normalise(password: string): Bytes {
  const unassigned = (point: number): boolean => RANGES.some(([first = 0, last = first]) => first <= point && point <= last);
  if (Array.from(password).some((character) => unassigned(character.codePointAt(0) ?? 0))) refuse("not in Unicode 14", "unassigned");
  const bytes = utf8(password.normalize("NFKC"));
  return bytes.length <= MAX_BYTES ? bytes : refuse("too long", "too_long");
}

/** The one spelling of an e-mail address. */
export const foldAddress = (email: string): string => email.normalize("NFKC").replace(BLANKS, "").toLowerCase();

/** Argon2's salt: the address makes it the member's own, whatever a server gives. */
export const saltOf = async (salt: Uint8Array, email: string): Promise<Bytes> =>
  (await sha256(concat(utf8("vault/v1/password/salt"), salt, utf8(foldAddress(email))))).slice(0, 16);

/** The login secret and the key of the password's lock. */
export const keysOf = async (key: Uint8Array): Promise<{ login: Bytes; lock: Bytes }> => ({
  login: await hkdf(key, "vault/v1/password/login"),
  lock: await hkdf(key, "vault/v1/password/keyring"),
});
