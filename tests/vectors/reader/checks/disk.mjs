import { fromHex, toHex, utf8 } from "../bytes.mjs";
import { unbox } from "../boxes.mjs";
import { claimsOf, openInit, sealOf } from "../disk.mjs";

const read = (bytes) => new TextDecoder().decode(bytes);

export function check(vectors, expect, outcome) {
  const { dossier, document, index, claims, init } = vectors, wrap = fromHex(vectors.wrap);
  for (const { file, key, aad, plaintext, content } of vectors.files) {
    const [found, place] = sealOf(file, { wrap, dossier, document, index, sessionKey: fromHex(key) });
    expect(`${file}: its key and place`, [found, place].map(toHex), [key, aad]);
    expect(file, outcome(() => read(unbox(found, place, fromHex(content)))), plaintext);
    expect(`${file}, under another key`, outcome(() => unbox(wrap, place, fromHex(content))), "box_invalid");
  }
  const key = fromHex(claims.key), content = fromHex(claims.content), found = claimsOf(key, document, content);
  expect("claims", found.map(([block, digest]) => [block, toHex(digest)]), [...claims.blocks.entries()]);
  expect("claims that are cut off", claimsOf(key, document, content.subarray(0, -1)).length, claims.blocks.length - 1);
  expect("init", outcome(() => read(openInit(init.file, utf8(init.password.normalize("NFKC"))))), init.plaintext);
}
