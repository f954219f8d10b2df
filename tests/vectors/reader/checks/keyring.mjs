import { openFile } from "../age.mjs";
import { argon2id, passwordKeys, readParameters, saltOf } from "../argon2id.mjs";
import { fromHex, toHex, utf8 } from "../bytes.mjs";
import { hkdf, unbox } from "../boxes.mjs";
import { recipientOf } from "../hybrid.mjs";
import { parseObject } from "../json.mjs";
import { keyringPlace, lockPlace, openKeyring } from "../keyring.mjs";
import { normalise } from "../passwords.mjs";

export function check(vectors, expect, outcome) {
  const { member, keyring, password: one } = vectors;
  expect("the keyring's place", toHex(keyringPlace(member)), keyring.aad);
  const open = (key, whose) => outcome(() => (openKeyring(key, whose, fromHex(keyring.box)), "allowed"));
  expect("the keyring", open(fromHex(keyring.key), member), "allowed");
  expect("the keyring of another member", open(fromHex(keyring.key), "0".repeat(32)), "box_invalid");

  for (const { name, box, verdict } of vectors.boxes) {
    expect(name, outcome(() => (openKeyring(fromHex(keyring.key), member, fromHex(box)), "allowed")), verdict);
  }

  const { sheet } = vectors, seed = fromHex(sheet.seed);
  const [root, asked, identity] = ["root", "login", "recovery"].map((name) => hkdf(seed, `vault/v1/sheet/${name}`));
  expect("the sheet's keys", [root, asked].map(toHex), [sheet.root, sheet.login]);
  expect("the sheet's recipient", recipientOf(identity), sheet.recipient);
  expect("the sheet's lock", new TextDecoder().decode(openFile(identity, fromHex(sheet.file))), sheet.envelope);

  const { memory, passes, salt: random } = readParameters(parseObject(utf8(one.parameters), 1000));
  const salt = saltOf(random, one.email), normalised = normalise(one.password);
  expect("the salt", [toHex(salt), toHex(normalised)], [one.salt, one.normalised]);
  const { login, keyring: lock } = passwordKeys(argon2id(normalised, salt, memory, passes));
  expect("the password's keys", [toHex(login), toHex(lock)], [one.login, one.keyring]);
  expect("the lock's place", toHex(lockPlace(member, one.parameters)), one.aad);
  const unlock = (whose, parameters) => outcome(() => toHex(unbox(lock, lockPlace(whose, parameters), fromHex(one.lock))));
  expect("the lock", unlock(member, one.parameters), keyring.key);
  for (const other of vectors.refused) {
    expect(other.name, unlock(other.member ?? member, other.parameters ?? one.parameters), "box_invalid");
  }
}
