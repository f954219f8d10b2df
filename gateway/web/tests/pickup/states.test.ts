import { expect, test } from "vitest";
import { type Event, type State, TABLE, next } from "../../src/pickup/states.ts";

const states = Object.keys(TABLE) as State[];
const events = [...new Set(states.flatMap((state) => Object.keys(TABLE[state]) as Event[]))];

test("every event in every state: what the table says, or nothing", () => {
  for (const state of states) {
    for (const event of events) expect(next(state, event), `${state} × ${event}`).toBe(TABLE[state][event] ?? state);
  }
});

test("every state is reached from the first", () => {
  const reached = new Set<State>(["reading"]);
  for (const state of reached) for (const event of events) reached.add(next(state, event));
  expect([...reached].sort()).toEqual([...states].sort());
});

test("nothing is fetched before it was offered, and nothing is ready before it was fetched", () => {
  const into = (wanted: State): State[] => states.filter((state) => Object.values(TABLE[state]).includes(wanted) && state !== wanted);
  expect(into("ready")).toEqual(["fetching", "waiting"]);
  expect(into("saved")).toEqual(["ready"]);
  expect(next("reading", "fetch")).toBe("reading");
  expect(next("asking", "fetch")).toBe("asking");
});

test("what has ended stays so, whatever is heard later", () => {
  for (const state of ["saved", "gone", "expired", "withdrawn", "unsupported", "failed"] as const) {
    for (const event of events) expect(next(state, event)).toBe(state);
  }
});
