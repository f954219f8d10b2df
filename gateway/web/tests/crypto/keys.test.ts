import { expect, test } from "vitest";
import { unbox } from "../../src/crypto/boxes.ts";
import { fromHex, toHex, utf8 } from "../../src/crypto/bytes.ts";
import { argon2id } from "../../src/crypto/keys/argon2id.ts";
import { keyringPlace, lockPlace, openKeyring } from "../../src/crypto/keys/keyring.ts";
import { foldAddress, keysOf, normalise, readParameters, saltOf, tableDigest } from "../../src/crypto/keys/password_key.ts";
import * as words from "../../src/crypto/keys/words.ts";
import { type Fields, parseObject } from "../../src/crypto/records/encoding.ts";
import { outcome, vectors } from "./vectors.ts";

test("4-words", async () => {
  const all = vectors<{
    list: { count: number; sha256: string };
    encode: { data: string; words: string }[];
    decode_failures: { words: string }[];
    index: { typed: string; index: number | null }[];
    split: { typed: string; words: string[] }[];
    canonical: { typed: string; listed: boolean; canonical: string }[];
    locator: { six: string; locator: string }[];
    locator_failures: { typed: string }[];
    fingerprint: { data: string; words: string }[];
  }>("4-words");
  expect([words.WORDS.length, await words.listDigest()]).toEqual([all.list.count, all.list.sha256]);
  for (const { data, words: spelled } of all.encode) {
    expect((await words.encode(fromHex(data))).join(" ")).toBe(spelled);
    expect(toHex(await words.decode(spelled.split(" ")))).toBe(data);
  }
  for (const one of all.decode_failures) expect(await outcome(() => words.decode(one.words.split(" ")))).toBe("words");
  for (const one of all.index) expect(words.index(one.typed), one.typed).toBe(one.index);
  for (const one of all.split) expect(words.split(one.typed), one.typed).toEqual(one.words);
  for (const { typed, ...wanted } of all.canonical) expect(words.passphrase(typed), typed).toEqual(wanted);
  for (const { six, locator } of all.locator) {
    expect(await words.locator(six)).toBe(locator);
    expect(await words.checkLocator(locator)).toBe(locator);
  }
  for (const { typed } of all.locator_failures) expect(await outcome(() => words.checkLocator(typed)), typed).toBe("words");
  for (const { data, words: spelled } of all.fingerprint) expect(await words.fingerprint(fromHex(data))).toBe(spelled);
});

test("4-argon2id", async () => {
  const all = vectors<{
    derived: { secret: string; salt: string; memory: number; passes: number; key: string }[];
    addresses: { email: string; folded: string }[];
    parameters: { parameters: Fields; verdict: string }[];
  }>("4-argon2id");
  for (const { secret, salt, memory, passes, key } of all.derived) {
    expect(toHex(await argon2id(fromHex(secret), fromHex(salt), memory, passes))).toBe(key);
  }
  for (const { email, folded } of all.addresses) expect(foldAddress(email), email).toBe(folded);
  for (const { parameters, verdict } of all.parameters) {
    const found = await outcome(() => (readParameters(parameters), "accepted"));
    expect(found, JSON.stringify(parameters)).toBe(verdict === "refused" ? "record_invalid" : verdict);
  }
});

test("4-keyring", async () => {
  const { member, keyring, password, refused } = vectors<{
    member: string;
    keyring: { key: string; aad: string; box: string };
    password: Record<"email" | "password" | "normalised" | "parameters" | "salt" | "login" | "keyring" | "aad" | "lock", string>;
    refused: { name: string; member?: string; parameters?: string }[];
  }>("4-keyring");
  expect(toHex(keyringPlace(member))).toBe(keyring.aad);
  expect(openKeyring(fromHex(keyring.key), member, fromHex(keyring.box)).practice).toHaveLength(32);
  expect(await outcome(() => openKeyring(fromHex(keyring.key), "0".repeat(32), fromHex(keyring.box)))).toBe("box_invalid");

  const { memory, passes, salt: random } = readParameters(parseObject(utf8(password.parameters), 1000));
  const salt = await saltOf(random, password.email), normalised = normalise(password.password);
  expect([toHex(salt), toHex(normalised)]).toEqual([password.salt, password.normalised]);
  const { login, lock } = await keysOf(await argon2id(normalised, salt, memory, passes));
  expect([toHex(login), toHex(lock)]).toEqual([password.login, password.keyring]);
  expect(toHex(lockPlace(member, password.parameters))).toBe(password.aad);
  const unlock = (whose: string, parameters: string) => toHex(unbox(lock, lockPlace(whose, parameters), fromHex(password.lock)));
  expect(unlock(member, password.parameters)).toBe(keyring.key);
  for (const one of refused) {
    expect(await outcome(() => unlock(one.member ?? member, one.parameters ?? password.parameters)), one.name).toBe("box_invalid");
  }
});

test("4-passwords: which bytes a password is", async () => {
  const all = vectors<{ unassigned: { sha256: string }; normal: { password: string; bytes?: string }[] }>("4-passwords");
  expect(await tableDigest()).toBe(all.unassigned.sha256);
  for (const { password, bytes } of all.normal) {
    expect(await outcome(() => toHex(normalise(password))), password).toBe(bytes ?? "unassigned");
  }
});
