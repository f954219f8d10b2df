/** The pick-up's worker: keys, cipher, network and storage, away from what a page shows. */
import { Pickup } from "./pickup.ts";
import type { News, Order } from "./messages.ts";

const tell = (news: News): void => self.postMessage(news);
let pickup: Pickup | null = null;
let running = false;

self.onmessage = ({ data: order }: MessageEvent<Order>): void => {
  if (order.do === "open") pickup = new Pickup(order.base, order.share, order.secret, tell);
  if (pickup !== null) void carryOut(pickup, order);
};

async function carryOut(work: Pickup, order: Order): Promise<void> {
  try {
    if (order.do === "open") await work.look();
    else if (order.do === "unlock") await work.unlock(order.stretched);
    else if (order.do === "stop") work.stop();
    else if (order.do === "zip") await work.zip();
    else if (order.do === "forget") await work.forget();
    else await alone(work);
  } catch (error) {
    await failed(work, order, error);
  }
}

/** One pick-up of a share at a time, in all tabs together. */
async function alone(work: Pickup): Promise<void> {
  if (running) return;
  running = true;
  try {
    await locked(async (free) => {
      if (free) await work.fetch().catch((error: unknown) => failed(work, { do: "fetch" }, error));
      else tell({ is: "failure", why: "busy", wait: 0 });
    });
  } finally {
    running = false;
  }
}

/** Runs under the lock of all tabs, and learns whether it was free; where a browser gives no lock there is no storage to share. */
async function locked(run: (free: boolean) => Promise<void>): Promise<void> {
  let ran = false;
  try {
    await navigator.locks.request("pickup", { ifAvailable: true }, async (lock) => {
      ran = true;
      await run(lock !== null);
    });
  } catch (error) {
    if (ran) throw error;
    await run(true);
  }
}

async function failed(work: Pickup, order: Order, error: unknown): Promise<void> {
  if (error instanceof DOMException && error.name === "AbortError") return tell({ is: "stopped" });
  const { why, wait } = work.failure(error);
  if (order.do === "zip") return tell({ is: "unzipped" });
  if (why === "damaged" || why === "withdrawn") await work.clear(why === "damaged").catch(() => undefined);
  tell({ is: "failure", why, wait });
}
