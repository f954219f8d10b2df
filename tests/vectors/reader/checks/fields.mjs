import { readFileSync } from "node:fs";
import { utf8 } from "../bytes.mjs";
import { parseObject } from "../json.mjs";
import { readFields } from "../types.mjs";

const FILE = new URL("../../3-records.json", import.meta.url);

/** The object in which a path ends, and the path's last name. */
function inside(record, path) {
  const steps = path.split("."), name = steps.pop();
  return [steps.reduce((object, step) => object[step], record), name];
}

export function check(vectors, expect, outcome) {
  const texts = new Map(parseObject(readFileSync(FILE), 2 ** 27).records.map(({ type, text }) => [type, text]));
  for (const { type, set = {}, without = [], verdict } of vectors.cases) {
    const record = parseObject(utf8(texts.get(type)), 2 ** 20);
    for (const [path, value] of Object.entries(set)) {
      const [object, name] = inside(record, path);
      object[name] = value;
    }
    for (const path of without) {
      const [object, name] = inside(record, path);
      delete object[name];
    }
    const found = outcome(() => (readFields(type, record), "allowed"));
    expect(`${type} ${JSON.stringify(set)} ${without}`, found, verdict);
  }
}
