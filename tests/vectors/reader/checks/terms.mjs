import { addMonths, destroyOn, ending, startOf } from "../terms.mjs";

export function check(vectors, expect) {
  for (const { day, months, result } of vectors.add_months) expect(`${day} + ${months}`, addMonths(day, months), result);
  for (const { trajectories, result } of vectors.destroy_on) expect(`${trajectories.length}`, destroyOn(trajectories), result);
  for (const { day, result } of vectors.start_of) expect(day, startOf(day), result);
  for (const one of vectors.ending) expect(one.name, ending(one), one.verdict);
}
