// FORMAT.md, Documents and Wraps: an age v1 file with one stanza, to a hybrid recipient.
import { createHmac } from "node:crypto";
import { hkdf } from "./boxes.mjs";
import { refuse, same, utf8 } from "./bytes.mjs";
import { openBody, payloadKey } from "./documents.mjs";
import { openSealed } from "./hybrid.mjs";

const HEADER = /^age-encryption\.org\/v1\n-> mlkem768x25519 ([A-Za-z0-9+/]+)\n((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63}\n)--- ([A-Za-z0-9+/]{43})\n/;

/** Base64 without padding, canonical. */
function fromBase64(text) {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64").replace(/=+$/, "") === text ? Uint8Array.from(bytes) : refuse("not canonical", "damaged");
}

/** The file key and the payload's nonce of a head; whatever follows is the payload. */
export function openHead(seed, bytes) {
  const found = HEADER.exec(Buffer.from(bytes).toString("latin1")) ?? refuse("another header", "damaged");
  const [header, enc, body, mac] = found;
  const fileKey = openSealed(seed, fromBase64(enc), fromBase64(body.replaceAll("\n", "")));
  const signed = utf8(header.slice(0, -mac.length - 2));
  const right = Uint8Array.from(createHmac("sha256", hkdf(fileKey, "header")).update(signed).digest());
  if (fileKey.length !== 16 || !same(right, fromBase64(mac))) refuse("another file key or header", "damaged");
  return { fileKey, nonce: bytes.subarray(header.length, header.length + 16), payload: bytes.subarray(header.length + 16) };
}

export function openFile(seed, bytes) {
  const { fileKey, nonce, payload } = openHead(seed, bytes);
  return openBody(payloadKey(fileKey, nonce), payload);
}
