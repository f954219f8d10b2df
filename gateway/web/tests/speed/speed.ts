/** How fast a body is opened, ours beside `age-encryption`'s own stream; the title says it (`tests/bench/browser.py`). */
import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { bodySize } from "../../src/crypto/age/sizes.ts";
import { OpenStream, opener, seal } from "../../src/crypto/age/stream.ts";
import type { Bytes } from "../../src/crypto/bytes.ts";

const PIECE = 8_388_608;
const [mebibytes = 64, rounds = 3] = location.hash.slice(1).split(",").map(Number);
const plain: Bytes = new Uint8Array(mebibytes << 20);
for (let at = 0; at < plain.length; at += 65_536) crypto.getRandomValues(plain.subarray(at, at + 65_536));

async function ours(): Promise<() => Promise<number>> {
  const key = crypto.getRandomValues(new Uint8Array(32)), body = seal(key, plain), out = new Uint8Array(PIECE + 65_552);
  return async () => {
    const stream = new OpenStream(await opener(key), bodySize(plain.length));
    let opened = 0;
    for (let at = 0; at < body.length; at += PIECE) opened += await stream.update(body.subarray(at, at + PIECE), out);
    return stream.ended ? opened : 0;
  };
}

async function theirs(): Promise<() => Promise<number>> {
  const identity = await generateIdentity(), writer = new Encrypter();
  writer.addRecipient(await identityToRecipient(identity));
  const body = await writer.encrypt(plain);
  return async () => {
    const reader = new Decrypter();
    reader.addIdentity(identity);
    const source = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < body.length; at += PIECE) controller.enqueue(body.subarray(at, at + PIECE));
        controller.close();
      },
    });
    let opened = 0;
    for (const stream = (await reader.decrypt(source)).getReader(); ; ) {
      const { done, value } = await stream.read();
      if (done) return opened;
      opened += value.length;
    }
  };
}

async function timed(open: () => Promise<number>): Promise<number> {
  const begun = performance.now();
  if ((await open()) !== plain.length) throw new Error("not all of it was opened");
  return (performance.now() - begun) / 1000;
}

try {
  const sides = [await ours(), await theirs()] as const, taken: [number[], number[]] = [[], []];
  for (const side of sides) await timed(side); // not counted
  for (let round = 0; round < rounds; round += 1) {
    for (const which of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) taken[which].push(await timed(sides[which]));
  }
  document.title = JSON.stringify({ ours: taken[0], theirs: taken[1] });
} catch (error) {
  document.title = JSON.stringify({ error: String(error) });
}
