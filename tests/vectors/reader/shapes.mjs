// FORMAT.md, Basics: the forms of a record's fields. Each reads a value and gives it back, or refuses it.
import { fromBase64url, isHex, refuse } from "./bytes.mjs";
import { day as dayOf, id, instant as instantOf, integer, text as textOf } from "./fields.mjs";

export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export const hash = (value) => (isHex(value, 32) ? value : refuse("no hash"));
export const day = (value) => (dayOf(value), value);
export const instant = (value) => (instantOf(value), value);
export const text = (limit) => (value) => textOf(value, limit);
export const whole = (least, most) => (value) => integer(value, least, most);
export const flag = (value) => (typeof value === "boolean" ? value : refuse("neither true nor false"));
export const word = (value) => (typeof value === "string" && /^[a-z0-9_]{1,32}$/.test(value) ? value : refuse("no word"));
export const octets = (size) => (value) =>
  typeof value === "string" && fromBase64url(value).length === size ? value : refuse("no bytes of that number");

/** A field that may be null may be absent as well. */
export const orNull = (read) => (value) => (value === null || value === undefined ? null : read(value));

/** An object with these fields; others are ignored. */
export const object = (shape) => (value) => {
  if (!isObject(value)) refuse("no object");
  return Object.fromEntries(Object.entries(shape).map(([name, read]) => [name, read(value[name])]));
};

export const list = (read, least, most) => (value) => {
  if (!Array.isArray(value) || value.length < least || value.length > most) refuse("no list of that length");
  return value.map(read);
};

const itself = (value) => value;

/** A list in which nothing stands twice. */
export const distinct = (read, least, most, key = itself) => (value) => {
  const found = list(read, least, most)(value);
  return new Set(found.map(key)).size === found.length ? found : refuse("one stands twice");
};

/** A list in ascending order, each once. */
export const sorted = (read, least, most, key = itself) => (value) => {
  const found = list(read, least, most)(value);
  return found.every((one, place) => place === 0 || key(found[place - 1]) < key(one)) ? found : refuse("not in order");
};

export const hashes = (least, most) => sorted(hash, least, most);
export const ids = (least, most) => sorted(id, least, most);
