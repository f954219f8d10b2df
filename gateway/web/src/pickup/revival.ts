/** A worker that says nothing is replaced by another, which goes on where it was: as often as that gets further. */
const MOST = 3;
const WAITS = 15;

export class Revival {
  /** Whether a new worker is on its way to where the old one was. */
  going = false;
  private begun = 0;
  private furthest = -1;
  private waited = 0;

  /** Whether one more may be tried. */
  begin(): boolean {
    if (this.begun === MOST) return false;
    this.begun += 1;
    this.waited = 0;
    this.going = true;
    return true;
  }

  /** So many bytes are here. */
  came(done: number): void {
    this.going = false;
    if (done <= this.furthest) return;
    this.furthest = done;
    this.begun = 0;
  }

  /** Whether to ask again for what the old worker still holds; a browser takes its time to end one. */
  waits(): boolean {
    this.waited += 1;
    return this.going && this.waited <= WAITS;
  }

  end(): void {
    this.going = false;
  }
}
