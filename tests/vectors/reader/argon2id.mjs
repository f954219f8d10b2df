// FORMAT.md, Basics, Argon2id, and Keys, password key. Node has Argon2 from 24 on; the noble library has it everywhere.
import { argon2id as derive } from "@noble/hashes/argon2.js";
import { createHash } from "node:crypto";
import { concat, fromBase64url, refuse, utf8 } from "./bytes.mjs";
import { hkdf } from "./boxes.mjs";
import { integer } from "./fields.mjs";

/** 32 bytes; `memory` in KiB. */
export const argon2id = (secret, salt, memory, passes) =>
  derive(secret, salt, { m: memory, t: passes, p: 1, version: 0x13, dkLen: 32 });

/** What a server may ask for: refused below the floor and above the ceiling. */
export function readParameters(value) {
  if (value.algorithm !== "argon2id") refuse("another algorithm");
  integer(value.lanes, 1, 1);
  const memory = integer(value.memory, 65_536, 1_048_576), passes = integer(value.passes, 3, 16);
  const salt = typeof value.salt === "string" ? fromBase64url(value.salt) : refuse("no salt");
  if (salt.length !== 16) refuse("a salt of another size");
  return { memory, passes, salt };
}

const BLANKS = /^[\t\n\v\f\r \u0085\u2028\u2029]+|[\t\n\v\f\r \u0085\u2028\u2029]+$/g;

/** The one spelling of an e-mail address. */
export const foldAddress = (email) => email.normalize("NFKC").replace(BLANKS, "").toLowerCase();

/** Argon2's salt: the member's address makes it her own, whatever parameters a server gives. */
export const saltOf = (salt, email) => {
  const address = utf8(foldAddress(email));
  return Uint8Array.from(createHash("sha256").update(concat(utf8("vault/v1/password/salt"), salt, address)).digest()).slice(0, 16);
};

/** The JSON text that is bound to the password's lock. */
export const parametersText = ({ memory, passes, salt }) =>
  utf8(`{"algorithm":"argon2id","lanes":1,"memory":${memory},"passes":${passes},"salt":"${salt}"}`);

export const passwordKeys = (key) => ({ login: hkdf(key, "vault/v1/password/login"), keyring: hkdf(key, "vault/v1/password/keyring") });
