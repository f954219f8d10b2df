/** Wipes what an earlier pick-up left behind, from a page that picks nothing up. */
import wipeUrl from "./wipe.worker.ts?worker&url";
import { worker } from "../trusted.ts";

export function wipe(): void {
  const wiping = worker(wipeUrl);
  wiping.onmessage = wiping.onerror = (): void => wiping.terminate();
}
