// FORMAT.md, Sealing by the server: sealed values, keystore rows, and what is derived of addresses, names and ids.
import { createHash, createHmac } from "node:crypto";
import { foldAddress } from "./argon2id.mjs";
import { lp, utf8 } from "./bytes.mjs";
import { unbox } from "./boxes.mjs";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

export const openValue = (key, field, { kind, id }, row, sealed) =>
  unbox(key, lp(...["vault/v1/seal", field, kind, id, row].map(utf8)), sealed);

export const openShredKey = (key, { kind, id }, generation, sealed) =>
  unbox(key, lp(...["vault/v1/shred-key", kind, id, String(generation)].map(utf8)), sealed);

/** The look-up of an address, or of an unknown one the salt that is made up: the first 16 bytes. */
export const ofAddress = (secret, email) => createHmac("sha256", secret).update(utf8(foldAddress(email))).digest("hex");

export const card = (salt, name, email) => sha256(lp(utf8("vault/v1/card"), salt, utf8(name), utf8(email.toLowerCase())));

export const retentionId = (dossier) => sha256(utf8(`vault/v1/retention${dossier}`)).slice(0, 32);

export const ledgerObject = (sequence) => `ledger/${String(sequence).padStart(10, "0")}`;
