// FORMAT.md, Hybrid identity: age's mlkem768x25519, by HPKE in base mode.
import { createDecipheriv, createHmac, createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import { bech32 } from "./bech32.mjs";
import { concat, fromHex, refuse, utf8 } from "./bytes.mjs";
import { decapsulate, keygen } from "./mlkem.mjs";

const LABEL = fromHex("5c2e2f2f5e5c"), INFO = utf8("age-encryption.org/mlkem768x25519"), NOTHING = new Uint8Array(0);
const SUITE = concat(utf8("HPKE"), fromHex("647a00010003"));

const der = (prefix, key, type) => ({ key: Buffer.from(concat(fromHex(prefix), key)), format: "der", type });
const secretKey = (key) => createPrivateKey(der("302e020100300506032b656e04220420", key, "pkcs8"));
const publicKey = (key) => createPublicKey(der("302a300506032b656e032100", key, "spki"));
const publicOf = (secret) => Uint8Array.from(createPublicKey(secret).export({ format: "der", type: "spki" })).subarray(-32);

/** The keys of a seed of 32 bytes. */
function keysOf(seed) {
  const expanded = shake256(seed, { dkLen: 96 }), curve = secretKey(expanded.subarray(64));
  return { lattice: keygen(expanded.subarray(0, 64)), curve, point: publicOf(curve) };
}

export function recipientOf(seed) {
  const { lattice, point } = keysOf(seed);
  return bech32("age1pq", concat(lattice.open, point));
}

function sharedSecret(seed, enc) {
  const { lattice, curve, point } = keysOf(seed), theirs = enc.subarray(1088);
  const met = Uint8Array.from(diffieHellman({ privateKey: curve, publicKey: publicKey(theirs) }));
  return sha3_256(concat(decapsulate(lattice, enc.subarray(0, 1088)), met, theirs, point, LABEL));
}

const hmac = (key, data) => Uint8Array.from(createHmac("sha256", key).update(data).digest());
const extract = (salt, label, ikm) => hmac(salt, concat(utf8("HPKE-v1"), SUITE, utf8(label), ikm));
const expand = (key, label, info, size) =>
  hmac(key, concat(Uint8Array.of(0, size), utf8("HPKE-v1"), SUITE, utf8(label), info, Uint8Array.of(1))).subarray(0, size);

/** What was sealed to the seed's recipient. */
export function openSealed(seed, enc, sealed) {
  if (enc.length !== 1120 || sealed.length < 16) refuse("another length", "damaged");
  const context = concat(Uint8Array.of(0), extract(NOTHING, "psk_id_hash", NOTHING), extract(NOTHING, "info_hash", INFO));
  const secret = extract(sharedSecret(seed, enc), "secret", NOTHING);
  const nonce = expand(secret, "base_nonce", context, 12);
  const cipher = createDecipheriv("chacha20-poly1305", expand(secret, "key", context, 32), nonce, { authTagLength: 16 });
  cipher.setAuthTag(sealed.subarray(-16));
  try {
    return Uint8Array.from(Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]));
  } catch {
    return refuse("to another identity", "damaged");
  }
}
