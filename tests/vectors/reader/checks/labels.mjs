import { fromHex, toHex } from "../bytes.mjs";
import { hkdf } from "../boxes.mjs";
import { openLabel } from "../labels.mjs";

export function check(vectors, expect, outcome) {
  const key = hkdf(fromHex(vectors.wrap_key), "vault/v1/label");
  expect("the key", toHex(key), vectors.label_key);
  for (const { name, dossier, member, box, verdict, label } of vectors.cases) {
    const found = outcome(() => openLabel(key, dossier, member, fromHex(box)));
    expect(name, found, label ?? verdict);
  }
}
