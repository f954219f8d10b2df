import { utf8 } from "../bytes.mjs";
import { verify } from "../certificates.mjs";

export function check(vectors, expect) {
  for (const { name, file, failed, checked, ...reader } of vectors.cases) {
    const judged = verify(utf8(file), reader);
    expect(name, [...judged.found.values()].sort(), failed);
    expect(`${name}: who checked it`, judged.checked, checked);
  }
}
