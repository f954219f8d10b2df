import { argon2id, foldAddress, parametersText, passwordKeys, readParameters, saltOf } from "../argon2id.mjs";
import { fromHex, toHex } from "../bytes.mjs";
import { normalise } from "../passwords.mjs";

export function check(vectors, expect, outcome) {
  for (const { secret, salt, memory, passes, key } of vectors.derived) {
    expect(`${memory} ${passes}`, toHex(argon2id(fromHex(secret), fromHex(salt), memory, passes)), key);
  }
  for (const { parameters, verdict } of vectors.parameters) {
    const found = outcome(() => (readParameters(parameters), "accepted"));
    expect(`${Object.values(parameters)}`, found === "accepted" ? found : "refused", verdict);
  }
  for (const { email, folded } of vectors.addresses) expect(email, foldAddress(email), folded);
  const { email, password, parameters, text, salt: wantedSalt, ...wanted } = vectors.password;
  const { memory, passes, salt: random } = readParameters(parameters);
  const salt = saltOf(random, email);
  expect("salt", toHex(salt), wantedSalt);
  expect("text", new TextDecoder().decode(parametersText(parameters)), text);
  const key = argon2id(normalise(password), salt, memory, passes);
  const { login, keyring } = passwordKeys(key);
  expect("a password at the floor", { key: toHex(key), login: toHex(login), keyring: toHex(keyring) }, wanted);
}
