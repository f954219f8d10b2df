import { fromHex } from "../bytes.mjs";
import { verify } from "../ed25519.mjs";

export function check(vectors, expect) {
  for (const { name, key, message, signature, verdict } of vectors.cases) {
    expect(name, verify(fromHex(key), fromHex(message), fromHex(signature)) ? "accepted" : "refused", verdict);
  }
}
