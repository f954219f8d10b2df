/** The profile record: the client's details (encrypted), and the commitment for a certificate of destruction. */
import { concat, lp, sha256, toHex, utf8 } from "../../bytes.ts";
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, memberCommon } from "../record.ts";

/** The certificate's substitute for the client's name, hex. */
export const certificateCommitment = async (nonce: Uint8Array, name: string): Promise<string> =>
  toHex(await sha256(concat(utf8("vault/v1/certificate"), nonce, lp(utf8(name)))));

export const readProfile = (fields: Fields) => ({
  ...memberCommon(fields),
  dossier: read.identifier(fields, "dossier"),
  version: read.integer(fields, "version", 1),
  previous: read.possiblyNull(fields, "previous"),
  commitment: read.digest(fields, "commitment"),
  text: read.digest(fields, "text"),
  at: read.instant(fields, "at"),
});

export type Profile = ReturnType<typeof readProfile> & Hashed;
