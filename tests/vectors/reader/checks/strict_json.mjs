import { fromHex, utf8 } from "../bytes.mjs";
import { parseObject } from "../json.mjs";

const bytesOf = (one) => ("hex" in one ? fromHex(one.hex) : utf8(one.text));

export function check(vectors, expect, outcome) {
  const read = (one) => outcome(() => (parseObject(bytesOf(one), vectors.limit), "accepted"));
  for (const one of vectors.accept) expect(one.name, read(one), "accepted");
  for (const one of vectors.accept) expect(one.name, again(parseObject(bytesOf(one), vectors.limit)), again(JSON.parse(new TextDecoder().decode(bytesOf(one)))));
  for (const one of vectors.refuse) expect(one.name, read(one), "record_invalid");
}

/** The value as pairs in their order, so that no key means anything to the language. */
function again(value) {
  if (Array.isArray(value)) return value.map(again);
  return value !== null && typeof value === "object" ? Object.keys(value).map((key) => [key, again(value[key])]) : value;
}
