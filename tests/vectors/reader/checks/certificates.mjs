import { utf8 } from "../bytes.mjs";
import { verify } from "../certificates.mjs";

export function check(vectors, expect) {
  for (const { name, file, failed, ...reader } of vectors.cases) {
    expect(name, [...verify(utf8(file), reader).found.values()], failed);
  }
}
