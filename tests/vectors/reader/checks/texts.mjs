import { fromHex, toHex } from "../bytes.mjs";
import { openText, place, readMetadata, textKey } from "../texts.mjs";

export function check(vectors, expect, outcome) {
  for (const one of vectors.cases) {
    const key = textKey(fromHex(one.identity)), aad = place(one.kind, one.dossier, one.epoch, one.subject);
    expect("the key", toHex(key), one.text_key);
    expect("the place", toHex(aad), one.aad);
    const read = () => (readMetadata(openText(one.kind, key, aad, fromHex(one.box), one.digest)), "allowed");
    expect("a text", outcome(read), "allowed");
  }
}
