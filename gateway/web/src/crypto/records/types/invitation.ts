/** The invitation record: who holds its secret may ask to join. It travels only inside an age file to the directors. */
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, common } from "../record.ts";

export const readInvitation = (fields: Fields) => ({
  ...common(fields),
  id: read.identifier(fields, "invitation"),
  role: read.word(fields, "role"),
  email: read.text(fields, "email", 254),
  secret: read.octets(fields, "secret", 32),
  replaces: read.possibly(read.identifier, fields, "replaces"),
  expiresAt: read.instant(fields, "expires_at"),
  at: read.instant(fields, "at"),
});

export type Invitation = ReturnType<typeof readInvitation> & Hashed;
