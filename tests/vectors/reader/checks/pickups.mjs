import { fromHex } from "../bytes.mjs";
import { pickUp } from "../pickups.mjs";
import { sealChunks } from "./sealing.mjs";

export function check(vectors, expect, outcome) {
  for (const { name, verdict, saved, bodies, ...given } of vectors.cases) {
    const bodyOf = (document) => {
      const { key, chunks, flip } = bodies.find((one) => one.document === document);
      return sealChunks(fromHex(key), chunks, new Uint8Array(), flip);
    };
    expect(name, outcome(() => pickUp(given, bodyOf)), verdict === "allowed" ? saved : verdict);
  }
}
