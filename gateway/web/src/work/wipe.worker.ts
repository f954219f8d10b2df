/** Opens the storage, wipes what is older than a pick-up may be, and says so. */
import { openSpool, sweep } from "../spool/spool.ts";
import { RESUME } from "./pickup_hour.ts";

async function wipe(): Promise<void> {
  await sweep(await openSpool(), Date.now(), RESUME);
}

void wipe().finally(() => self.postMessage(null));
