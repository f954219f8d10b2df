import { expect, test } from "vitest";
import { Revival } from "../../src/pickup/revival.ts";

test("three replacements that get no further are the last", () => {
  const revival = new Revival();
  revival.came(8);
  for (const _ of [1, 2, 3]) {
    expect(revival.begin()).toBe(true);
    revival.came(0);
    revival.came(8);
  }
  expect(revival.begin()).toBe(false);
});

test("one that gets further may be followed by others", () => {
  const revival = new Revival();
  for (const done of [8, 16, 24, 32, 40]) {
    expect(revival.begin()).toBe(true);
    expect(revival.going).toBe(true);
    revival.came(done);
    expect(revival.going).toBe(false);
  }
});

test("what another tab holds is waited for only on the way, and not for ever", () => {
  const revival = new Revival();
  expect(revival.waits()).toBe(false);
  revival.begin();
  expect(Array.from({ length: 16 }, () => revival.waits())).toEqual([...Array<boolean>(15).fill(true), false]);
  revival.end();
  revival.begin();
  expect(revival.waits()).toBe(true);
});
