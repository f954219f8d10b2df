// FORMAT.md, Links: a whole pick-up, from what a server gives to what is saved.
import { argon2id } from "./argon2id.mjs";
import { fromBase64url, fromHex, refuse, toHex, utf8 } from "./bytes.mjs";
import { digest } from "./documents.mjs";
import { readCommon, recordHash } from "./envelopes.mjs";
import { linkKeys, openContent, parseLink, place } from "./links.mjs";
import { Places } from "./names.mjs";
import { openReleased } from "./openings.mjs";
import { readFields } from "./types.mjs";
import { checkLocator, passphrase } from "./words.mjs";

const refused = (why) => refuse(why, "link_content_invalid");
const stretch = (words, share) => argon2id(utf8(words), fromHex(share), 65_536, 3);
const bodySize = (size) => size + 16 * Math.max(1, Math.ceil(size / 65_536));

function keysOf(link, mode, typed) {
  if (link.secret === null) return linkKeys(stretch(locator(typed), link.share), new Uint8Array(32));
  return linkKeys(link.secret, mode === "passphrase" ? stretch(passphrase(typed).canonical, link.share) : new Uint8Array(32));
}

function locator(typed) {
  try {
    return checkLocator(typed);
  } catch (error) {
    if (error.word !== "words") throw error;
    return refuse(error.message, "passphrase_wrong");
  }
}

/** The record of a capsule; that of no document, and of another than the cover's, is none. */
function recordOf(bytes, [id, hash, size]) {
  let record;
  try {
    record = readFields("document", readCommon(bytes, "document"));
  } catch (error) {
    if (error.word !== "record_invalid") throw error;
    refused("no record of a document");
  }
  if (record.document !== id || recordHash("document", bytes) !== hash || record.size !== size) refused("another record");
  return record;
}

/** What is saved, by path, all or nothing; `bodies` gives a document's. */
export function pickUp({ link: text, mode, typed, cover: sealed, entries, capsules, there }, bodyOf) {
  const link = parseLink(text), keys = keysOf(link, mode, typed);
  const opened = (kind, key, box, ...ids) => openContent(kind, key, place(kind, link.share, ...ids), fromHex(box));
  const { documents } = opened("cover", keys.cover, sealed);
  const listed = new Map(entries.map(({ document, entry }) => [document, opened("entry", keys.cover, entry, document)]));
  for (const [document, { size }] of listed) {
    if (documents.find(([id]) => id === document)?.[2] !== bodySize(size)) refused("not the sender's list");
  }
  const given = new Map(capsules.map(({ document, capsule }) => [document, capsule]));
  const places = new Places(there);
  return documents.filter(([id]) => listed.has(id)).map((row) => {
    const entry = listed.get(row[0]), box = given.get(row[0]) ?? refused("less than the link gives");
    const { file_key: fileKey, record: bytes } = opened("capsule", keys.capsule, box, row[0]);
    const record = recordOf(fromBase64url(bytes), row);
    const stated = { ...record, ...hexed(record), content: entry.digest };
    const plain = openReleased(fromBase64url(fileKey), bodyOf(row[0]), stated);
    return { path: places.take(entry), digest: toHex(digest(plain)) };
  });
}

const hexed = ({ nonce, commitment }) => ({ nonce: toHex(fromBase64url(nonce)), commitment: toHex(fromBase64url(commitment)) });
