/** Speed and time left, from what came in the last seconds. */
const WINDOW = 8_000, ENOUGH = 1_500;

export class Pace {
  private moments: { at: number; done: number }[] = [];

  /** Notes that so many bytes are here; what an earlier run had counts for no speed. */
  note(at: number, done: number): void {
    this.moments = this.moments.filter((moment) => at - moment.at <= WINDOW);
    this.moments.push({ at, done });
  }

  reset(): void {
    this.moments = [];
  }

  /** Bytes a second; null before there is enough to tell by. */
  get speed(): number | null {
    const first = this.moments[0], last = this.moments.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < ENOUGH) return null;
    const speed = ((last.done - first.done) * 1000) / (last.at - first.at);
    return speed > 0 ? speed : null;
  }
}
