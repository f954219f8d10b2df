/** The policy: the practice's name and address, the terms of retention, and the limits of a share. */
import { refuse } from "../../refusal.ts";
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, memberCommon } from "../record.ts";

// Host and port are those of a link (`shares/links.ts`): every link that begins with it is one that a reader takes.
const PUBLIC_URL = /^https?:\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(?:\/[A-Za-z0-9._~-]+)*$/;

function publicUrl(fields: Fields): string {
  const url = read.text(fields, "public_url", 300), found = PUBLIC_URL.exec(url), port = Number(found?.[1] ?? 1);
  return found !== null && port >= 1 && port <= 65_535 ? url : refuse("no address that a link can begin with");
}

const retention = (fields: Fields): Readonly<Record<string, number>> => ({
  client: read.integer(fields, "client", 1, 60),
  commissioner: read.integer(fields, "commissioner", 1, 60),
});

export const readPolicy = (fields: Fields) => ({
  ...memberCommon(fields),
  version: read.integer(fields, "version", 1),
  previous: read.possiblyNull(fields, "previous"),
  name: read.text(fields, "name", 200),
  months: retention(read.mapping(fields, "retention")),
  shareDays: read.integer(read.mapping(fields, "limits"), "share_days", 1, 90),
  shareMax: read.integer(read.mapping(fields, "limits"), "share_max", 1, 10_000),
  publicUrl: publicUrl(fields),
  announceDays: read.integer(fields, "announce_days", 0, 90),
  at: read.instant(fields, "at"),
});

export type Policy = ReturnType<typeof readPolicy> & Hashed;
