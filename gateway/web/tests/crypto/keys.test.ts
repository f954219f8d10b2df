import { describe, expect, test } from "vitest";
import { recipientOf } from "../../src/crypto/age/hybrid.ts";
import { unbox } from "../../src/crypto/boxes.ts";
import { fromHex, toHex, utf8 } from "../../src/crypto/bytes.ts";
import { argon2id } from "../../src/crypto/keys/argon2id.ts";
import { keyringPlace, lockPlace, openKeyring } from "../../src/crypto/keys/keyring.ts";
import { foldAddress, keysOf, normalise, parametersText, readParameters, saltOf, tableDigest } from "../../src/crypto/keys/password_key.ts";
import * as strength from "../../src/crypto/keys/password_strength.ts";
import { openSheetLock, sheetKeys } from "../../src/crypto/keys/sheet.ts";
import * as words from "../../src/crypto/keys/words.ts";
import { type Fields, parseObject } from "../../src/crypto/records/encoding.ts";
import { parse } from "../../src/crypto/records/envelope.ts";
import { everyCase } from "./every_case.ts";
import { outcome, verdictOf } from "./vectors.ts";

// What a command line says of a mistyped word; a page marks the words that are not listed.
const HINTS = ["position", "suggestions"];
const listed = everyCase<{
  list: { file: string; count: number; sha256: string };
  encode: { data: string; words: string }[];
  decode_failures: { words: string }[];
  index: { typed: string; index: number | null }[];
  split: { typed: string; words: string[] }[];
  canonical: { typed: string; listed: boolean; canonical: string }[];
  locator: { six: string; locator: string }[];
  locator_failures: { typed: string }[];
  fingerprint: { data: string; words: string }[];
}>("4-words", ["/list/file", ...["decode", "locator"].flatMap((name) => HINTS.map((hint) => `/${name}_failures/[]/${hint}`))]);

test("4-words", async () => {
  expect([words.WORDS.length, await words.listDigest()]).toEqual([listed.list.count, listed.list.sha256]);
  for (const { data, words: spelled } of listed.encode) {
    expect((await words.encode(fromHex(data))).join(" ")).toBe(spelled);
    expect(toHex(await words.decode(spelled.split(" ")))).toBe(data);
  }
  for (const one of listed.decode_failures) expect(await outcome(() => words.decode(one.words.split(" ")))).toBe("words");
  for (const one of listed.index) expect(words.index(one.typed), one.typed).toBe(one.index);
  for (const one of listed.split) expect(words.split(one.typed), one.typed).toEqual(one.words);
  for (const { typed, ...wanted } of listed.canonical) expect(words.passphrase(typed), typed).toEqual(wanted);
  for (const { six, locator } of listed.locator) {
    expect(await words.locator(six)).toBe(locator);
    expect(await words.checkLocator(locator)).toBe(locator);
  }
  for (const { typed } of listed.locator_failures) expect(await outcome(() => words.checkLocator(typed)), typed).toBe("words");
  for (const { data, words: spelled } of listed.fingerprint) expect(await words.fingerprint(fromHex(data))).toBe(spelled);
});

const argon2 = everyCase<{
  derived: { secret: string; salt: string; memory: number; passes: number; key: string }[];
  password: { email: string; password: string; salt: string; parameters: Fields; text: string; key: string; login: string; keyring: string };
  addresses: { email: string; folded: string }[];
  parameters: { parameters: Fields; verdict: string }[];
}>("4-argon2id");

test("4-argon2id", async () => {
  for (const { secret, salt, memory, passes, key } of argon2.derived) {
    expect(toHex(await argon2id(fromHex(secret), fromHex(salt), memory, passes))).toBe(key);
  }
  for (const { email, folded } of argon2.addresses) expect(foldAddress(email), email).toBe(folded);
  for (const { parameters, verdict } of argon2.parameters) {
    const found = await outcome(() => (readParameters(parameters), "accepted"));
    expect(found, JSON.stringify(parameters)).toBe(verdict === "refused" ? "record_invalid" : verdict);
  }
});

test("4-argon2id: a password at the floor", async () => {
  const { email, password, parameters, text, salt, key, login, keyring } = argon2.password, given = readParameters(parameters);
  expect(parametersText(given)).toBe(text);
  const salted = await saltOf(given.salt, email), derived = await argon2id(normalise(password), salted, given.memory, given.passes);
  const keys = await keysOf(derived);
  expect([salted, derived, keys.login, keys.lock].map(toHex)).toEqual([salt, key, login, keyring]);
});

const keyrings = everyCase<{
  member: string;
  keyring: { key: string; aad: string; plaintext: string; box: string };
  boxes: { name: string; box: string; verdict: string }[];
  password: Record<"email" | "password" | "normalised" | "parameters" | "salt" | "login" | "keyring" | "aad" | "lock", string>;
  sheet: Record<"seed" | "root" | "login" | "recipient" | "envelope" | "file", string>;
  refused: { name: string; member?: string; parameters?: string }[];
}>("4-keyring");

test("4-keyring: the keyring, and the password's lock", async () => {
  const { member, keyring, password, refused } = keyrings, key = fromHex(keyring.key), sealed = fromHex(keyring.box);
  expect(toHex(keyringPlace(member))).toBe(keyring.aad);
  expect(new TextDecoder().decode(unbox(key, keyringPlace(member), sealed))).toBe(keyring.plaintext);
  expect(await verdictOf(() => openKeyring(key, member, sealed))).toBe("allowed");
  expect(await verdictOf(() => openKeyring(key, "0".repeat(32), sealed))).toBe("box_invalid");
  for (const { name, box, verdict } of keyrings.boxes) {
    expect(await verdictOf(() => openKeyring(key, member, fromHex(box))), name).toBe(verdict);
  }

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

test("4-keyring: the sheet's keys, and its lock", async () => {
  const { seed, root, login, recipient, envelope, file } = keyrings.sheet, keys = await sheetKeys(fromHex(seed));
  expect([keys.root, keys.login].map(toHex)).toEqual([root, login]);
  expect(await recipientOf(keys.identity)).toBe(recipient);
  expect((await openSheetLock(keys, fromHex(file))).record).toEqual(parse(utf8(envelope), "lock").record);
});

const passwords = everyCase<{
  unassigned: { file: string; sha256: string };
  rows: string[];
  common: string[];
  normal: { password: string; bytes?: string }[];
  new: { password: string; verdict: string; guesses: string | null; reason: string | null }[];
}>("4-passwords", ["/unassigned/file"]);

describe("4-passwords", () => {
  test("which bytes a password is", async () => {
    expect(await tableDigest()).toBe(passwords.unassigned.sha256);
    for (const { password, bytes } of passwords.normal) {
      expect(await outcome(() => toHex(normalise(password))), password).toBe(bytes ?? "unassigned");
    }
  });

  test("which new one is good enough", async () => {
    expect([[...strength.ROWS], [...strength.COMMON]]).toEqual([[...passwords.rows], [...passwords.common]]);
    for (const { password, verdict, guesses, reason } of passwords.new) {
      expect(await verdictOf(() => strength.checkNewPassword(password)), password).toBe(verdict);
      expect(verdict === "guessable" ? strength.reasonOf(password) : null, password).toBe(reason);
      if (guesses !== null) expect(String(strength.guesses(password)), password).toBe(guesses);
    }
  });
});
