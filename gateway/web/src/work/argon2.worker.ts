/** Stretches a passphrase: the one place where WebAssembly may be compiled, by this file's own policy. */
import { argon2id } from "../crypto/keys/argon2id.ts";
import type { Bytes } from "../crypto/bytes.ts";

self.onmessage = async ({ data }: MessageEvent<{ words: Bytes; salt: Bytes }>): Promise<void> => {
  self.postMessage(await argon2id(data.words, data.salt).catch(() => null)); // a rejection is no error that a page hears of
};
