import { fromHex, toHex } from "../bytes.mjs";
import { WORDS, checkLocator, decode, encode, fingerprint, index, listDigest, locator, passphrase, split } from "../words.mjs";

export function check(vectors, expect, outcome) {
  expect("the list", [WORDS.length, listDigest()], [vectors.list.count, vectors.list.sha256]);
  for (const { data, words } of vectors.encode) {
    expect(data, encode(fromHex(data)).join(" "), words);
    expect(words, toHex(decode(words.split(" "))), data);
  }
  for (const { words } of vectors.decode_failures) expect(words, outcome(() => decode(words.split(" "))), "words");
  for (const one of vectors.index) expect(one.typed, index(one.typed), one.index);
  for (const { typed, words } of vectors.split) expect(typed, split(typed), words);
  for (const { typed, listed, canonical } of vectors.canonical) expect(typed, passphrase(typed), { listed, canonical });
  for (const one of vectors.locator) {
    expect(one.six, locator(one.six), one.locator);
    expect(one.locator, checkLocator(one.locator), one.locator);
  }
  for (const { typed } of vectors.locator_failures) expect(typed, outcome(() => checkLocator(typed)), "words");
  for (const { data, words } of vectors.fingerprint) expect(data, fingerprint(fromHex(data)), words);
}
