/** Going on after a lost connection: for as long as the page is open, ever more slowly, at once when there is a network. */
import { ServerError } from "../api/server.ts";

const PAUSES = [1, 2, 4, 8, 15, 30];

/** Repeats `act` while the server cannot be reached; `waiting` hears that, `going` that it went on. */
export async function again<T>(act: () => Promise<T>, stopped: AbortSignal, waiting: () => void): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof ServerError) || error.trouble !== "unreachable") throw error;
      waiting();
      await pause(Math.max(error.wait, PAUSES[Math.min(failures, PAUSES.length - 1)] ?? 30), stopped);
    }
  }
}

/** So many seconds, or until there is a network again, or until all is stopped. */
async function pause(seconds: number, stopped: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      removeEventListener("online", end);
      stopped.removeEventListener("abort", end);
      if (stopped.aborted) reject(new DOMException("stopped", "AbortError"));
      else resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    addEventListener("online", end);
    stopped.addEventListener("abort", end);
    if (stopped.aborted) end();
  });
}
