// FORMAT.md, Documents: a head. What the one stanza opens to is given (`unwrap`).
import { createHmac } from "node:crypto";
import { concat, refuse, toHex, utf8 } from "./bytes.mjs";
import { commitment, digest, openBody, payloadKey } from "./documents.mjs";

const MOST = 4096, NONCE = 16;
const HEADER = /^(age-encryption\.org\/v1\n((?:->[^\n]*\n(?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63}\n)+)---) ([A-Za-z0-9+/]{43})\n/;

const refused = (why) => refuse(why, "document_damaged");
const hmac = (key, data) => Uint8Array.from(createHmac("sha256", key).update(data).digest());

/** The file key, once the header's MAC holds; the bytes behind the header are the nonce. */
export function openHead(head, unwrap) {
  if (head.length > MOST) refused("a head that is too long");
  const found = HEADER.exec(Buffer.from(head).toString("latin1"));
  if (found === null) refused("no header");
  const [whole, authenticated, stanzas, spelled] = found;
  const nonce = head.subarray(whole.length);
  if (nonce.length !== NONCE) refused("no nonce");
  const [first, ...lines] = stanzas.slice(0, -1).split("\n");
  const [, type, ...args] = first.split(" ");
  if (type !== "mlkem768x25519" || args.length !== 1 || lines.some((line) => line.startsWith("->"))) refused("other stanzas");
  const fileKey = unwrap(args[0], Buffer.from(lines.join(""), "base64")) ?? refused("for somebody else");
  const mac = hmac(hmac(hmac(new Uint8Array(32), fileKey), concat(utf8("header"), Uint8Array.of(1))), utf8(authenticated));
  if (Buffer.from(mac).toString("base64").replace("=", "") !== spelled) refused("another MAC");
  return { fileKey, nonce };
}

/** The plaintext of a document, held to what its record and its text say; all of it or nothing. */
export function openDocument({ fileKey, nonce }, body, stated) {
  if (toHex(nonce) !== stated.nonce) refused("the nonce of another head");
  openReleased(fileKey, body, stated);
}

/** Likewise by a key that came without a head. */
export function openReleased(fileKey, body, stated) {
  if (toHex(commitment(fileKey)) !== stated.commitment) refused("another key");
  if (body.length !== stated.size || toHex(digest(body)) !== stated.digest) refused("another body");
  const nonce = Uint8Array.from(Buffer.from(stated.nonce, "hex"));
  let plain;
  try {
    plain = openBody(payloadKey(fileKey, nonce), body);
  } catch (error) {
    if (error.word !== "damaged") throw error;
    refused(error.message);
  }
  if (toHex(digest(plain)) !== stated.content) refused("another plaintext");
  return plain;
}
