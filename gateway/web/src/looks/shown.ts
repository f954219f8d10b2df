/** Values that the page shows: after a change it is drawn again, once for all changes of a moment. */
export interface Shown<T> {
  value: T;
}

let draw = (): void => undefined;
let due = false;

export function shown<T>(first: T): Shown<T> {
  let held = first;
  return {
    get value(): T {
      return held;
    },
    set value(next: T) {
      if (Object.is(held, next)) return;
      held = next;
      if (!due) queueMicrotask(again);
      due = true;
    },
  };
}

function again(): void {
  due = false;
  draw();
}

/** Draws the page, now and after every change. */
export function drawBy(drawing: () => void): void {
  draw = drawing;
  draw();
}
