import { fromHex, toHex } from "../bytes.mjs";
import { hkdf, unbox } from "../boxes.mjs";

export function check(vectors, expect, outcome) {
  for (const { ikm, label, key } of vectors.hkdf) expect(`hkdf ${ikm} ${label}`, toHex(hkdf(fromHex(ikm), label)), key);
  for (const { name, key, aad, box, plaintext } of vectors.box) {
    expect(name, outcome(() => toHex(unbox(fromHex(key), fromHex(aad), fromHex(box)))), plaintext ?? "box_invalid");
  }
}
