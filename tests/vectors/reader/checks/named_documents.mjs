import { utf8 } from "../bytes.mjs";
import { verify } from "../certificates.mjs";

export function check(vectors, expect) {
  for (const { name, file, failing, documents, practice, now } of vectors.cases) {
    const { found, named } = verify(utf8(JSON.stringify(file)), { practice, fingerprint: null, now });
    expect(`${name}: what fails`, [...found.keys()], failing);
    expect(`${name}: what it names`, named.map((one) => (one.folder === "" ? one.name : `${one.folder}/${one.name}`)).sort(), documents);
  }
}
