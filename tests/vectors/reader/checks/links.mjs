import { argon2id } from "../argon2id.mjs";
import { fromHex, toHex, utf8 } from "../bytes.mjs";
import { publicKeyOf } from "../ed25519.mjs";
import { linkKeys, openContent, parseLink, sha256 } from "../links.mjs";
import { unbox } from "../boxes.mjs";

export function check(vectors, expect, outcome) {
  for (const one of vectors.cases) {
    const link = parseLink(one.link);
    expect("the link", [link.share, toHex(link.secret)], [one.share, one.secret]);
    const stretched = one.passphrase === "" ? new Uint8Array(32) : argon2id(utf8(one.passphrase), fromHex(one.share), 65_536, 3);
    expect("the passphrase", toHex(stretched), one.passphrase_key);
    const keys = linkKeys(link.secret, stretched);
    for (const [name, key] of Object.entries(one.keys)) expect(name, toHex(keys[name]), key);
    const said = ["possess", "open"].map((name) => `${name}="${Buffer.from(keys[name]).toString("base64url")}"`);
    expect("what verifies its signatures", toHex(publicKeyOf(keys.sign)), one.verification_key);
    expect("what is asked with", `Dossier-Link ${said.join(", ")}`, one.authorization);
    expect("proofs", [toHex(sha256(keys.possess)), toHex(sha256(keys.open))], [one.proofs.possess, one.proofs.open]);
    for (const { kind, aad, plaintext, box } of one.boxes) {
      const key = kind === "capsule" ? keys.capsule : keys.cover;
      expect(kind, new TextDecoder().decode(unbox(key, fromHex(aad), fromHex(box))), plaintext);
      expect(kind, outcome(() => (openContent(kind, key, fromHex(aad), fromHex(box)), "allowed")), "allowed");
    }
  }
}
