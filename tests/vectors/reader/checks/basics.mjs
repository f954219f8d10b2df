import { fromBase64url, fromHex, lp, toHex } from "../bytes.mjs";
import { day, id, instant, integer, text } from "../fields.mjs";

export function check(vectors, expect, outcome) {
  const families = {
    base64url: (one) => ({ bytes: toHex(fromBase64url(one)) }),
    id: (one) => (id(one), {}),
    instant: (one) => ({ second: instant(one) }),
    day: (one) => ({ day: day(one) }),
    integer: (one) => (integer(one), {}),
    text: (one) => (text(one, vectors.text.limit), {}),
  };
  for (const [family, read] of Object.entries(families)) {
    for (const { text: one, ...wanted } of vectors[family].accept) expect(`${family} ${JSON.stringify(one)}`, outcome(() => read(one)), wanted);
    for (const one of vectors[family].refuse) expect(`${family} ${JSON.stringify(one)}`, outcome(() => read(one)), "record_invalid");
  }
  for (const { parts, bytes } of vectors.lp) expect(`lp ${parts}`, toHex(lp(...parts.map(fromHex))), bytes);
}
