// FORMAT.md, Links: the text of a link, its keys, and what they open.
import { createHash } from "node:crypto";
import { concat, fromBase64url, isHex, lp, refuse, utf8 } from "./bytes.mjs";
import { hkdf, unbox } from "./boxes.mjs";
import { id, instant, integer, text } from "./fields.mjs";
import { parseObject } from "./json.mjs";
import { isRewritten, mend } from "./mailed_links.mjs";

const LINK = new RegExp(
  "^([Hh][Tt][Tt][Pp][Ss]?)://((?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(?::([0-9]{1,5}))?)" +
    "((?:/[A-Za-z0-9._~%!$&'()*+,;=:@-]+)*)/s/([0-9a-f]{32})/?(?:#([A-Za-z0-9_-]*))?$",
);
const KINDS = new Set(["copy", "disclosure", "review", "drop", "client"]);
const LARGEST = 2 ** 43;

const unavailable = (why) => refuse(why, "link_unavailable");

export function parseLink(typed) {
  const link = mend(typed);
  const found = link.length <= 2000 ? LINK.exec(link) : null;
  if (found === null && isRewritten(link)) refuse("an address of something else", "link_rewritten");
  if (found === null) unavailable("no link of ours");
  const [, scheme, host, port, folders, share, spelled] = found;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) unavailable("no such port");
  let secret = null;
  if (spelled !== undefined) {
    if (spelled.length < 43) refuse("a secret cut off", "link_incomplete");
    try {
      secret = fromBase64url(spelled);
    } catch {
      unavailable("no secret");
    }
    if (secret.length !== 32) unavailable("no secret");
  }
  return { base: `${scheme.toLowerCase()}://${host}${folders}`, share, secret };
}

/** `stretched`: Argon2id of the passphrase, or 32 zero bytes without one. */
export function linkKeys(secret, stretched) {
  const key = (name, ikm) => [name, hkdf(ikm, `vault/v1/link/${name}`)];
  const both = concat(secret, stretched);
  return Object.fromEntries([key("possess", secret), ...["open", "cover", "capsule", "sign"].map((name) => key(name, both))]);
}

export const sha256 = (bytes) => Uint8Array.from(createHash("sha256").update(bytes).digest());

export const place = (kind, ...ids) => lp(utf8(`vault/v1/link/${kind}`), ...ids.map(utf8));

const possiblyEmpty = (value, limit) => (value === "" ? value : text(value, limit));
const hash = (value) => (isHex(value, 32) ? value : refuse("no hash"));

const READERS = {
  cover: [65_536, (fields) => {
    id(fields.practice);
    text(fields.name, 1000);
    text(fields.sender, 1000);
    if (!KINDS.has(fields.kind)) refuse("no kind of a share");
    possiblyEmpty(fields.note, 2000);
    if (typeof fields.root !== "string" || fromBase64url(fields.root).length !== 32) refuse("no key of a root");
    hash(fields.record);
    instant(fields.expires_at);
    integer(fields.max, 1, 10_000);
    const { documents } = fields;
    if (!Array.isArray(documents) || documents.length > 500) refuse("no list of documents");
    for (const row of documents) {
      if (!Array.isArray(row) || row.length !== 3) refuse("no row of three");
      id(row[0]);
      hash(row[1]);
      integer(row[2], 16, LARGEST);
    }
    if (new Set(documents.map(([document]) => document)).size !== documents.length) refuse("a document twice");
  }],
  entry: [16_384, (fields) => {
    text(fields.name, 1000);
    possiblyEmpty(fields.folder, 4000);
    text(fields.type, 255);
    integer(fields.size, 0, LARGEST);
    hash(fields.digest);
  }],
  capsule: [131_072, (fields) => {
    if (typeof fields.file_key !== "string" || fromBase64url(fields.file_key).length !== 16) refuse("no file key");
    if (typeof fields.record !== "string") refuse("no record");
    fromBase64url(fields.record);
  }],
};

/** The fields of a cover, entry or capsule; refused whole where anything of it is not as it should be. */
export function openContent(kind, key, aad, sealed) {
  const [limit, check] = READERS[kind];
  try {
    if (sealed.length > limit) refuse("too large");
    const fields = parseObject(unbox(key, aad, sealed), limit);
    integer(fields.v, 1, 1);
    check(fields);
    return fields;
  } catch (error) {
    if (error.word === undefined) throw error;
    return refuse(error.message, "link_content_invalid");
  }
}
