import { describe, expect, test } from "vitest";
import { commitment, committedPayloadKey, payloadKey } from "../../src/crypto/age/derive.ts";
import { openHead } from "../../src/crypto/age/head.ts";
import { recipientOf } from "../../src/crypto/age/hybrid.ts";
import { plainSize } from "../../src/crypto/age/sizes.ts";
import { OpenStream, type Opener, engineOpener, nobleOpener, nonceOf, opener, seal } from "../../src/crypto/age/stream.ts";
import { unbox } from "../../src/crypto/boxes.ts";
import { type Bytes, concat, fromHex, sha256, toHex } from "../../src/crypto/bytes.ts";
import { openText, readMetadata, textKey, textPlace } from "../../src/crypto/dossiers/texts.ts";
import { SEGMENT_SIZE, treeDigest } from "../../src/crypto/records/types/document.ts";
import { everyCase } from "./every_case.ts";
import { outcome, verdictOf } from "./vectors.ts";

interface Case {
  plain_size: number;
  content: string;
  size: number;
  digest: string;
  body_sha256: string;
  body: string | null;
  head: string;
}
const documents = everyCase<{
  file_key: string; nonce: string; payload_key: string; commitment: string; identity: string; recipient: string;
  cases: Case[]; two_segments: { digest: string; content: string };
}>("6-documents");

async function bodyDigest(body: Bytes): Promise<string> {
  const segments: Bytes[] = [];
  for (let at = 0; at < body.length; at += SEGMENT_SIZE) segments.push(await sha256(body.subarray(at, at + SEGMENT_SIZE)));
  return treeDigest(segments);
}

/** A body through the stream, in pieces of that size. */
async function open(cipher: Opener, body: Bytes, piece: number): Promise<Bytes> {
  const stream = new OpenStream(cipher, body.length), out = new Uint8Array(body.length), found: Bytes[] = [];
  for (let at = 0; at < body.length; at += piece) {
    found.push(out.slice(0, await stream.update(body.slice(at, at + piece), out)));
  }
  return stream.ended ? concat(...found) : expect.unreachable("the stream has not ended");
}

describe("6-documents", () => {
  const fileKey = fromHex(documents.file_key), nonce = fromHex(documents.nonce);

  test("keys", async () => {
    expect(toHex(await payloadKey(fileKey, nonce))).toBe(documents.payload_key);
    expect(toHex(await commitment(fileKey))).toBe(documents.commitment);
    expect(toHex(await committedPayloadKey(fileKey, nonce, fromHex(documents.commitment)))).toBe(documents.payload_key);
    expect(await outcome(() => committedPayloadKey(fileKey, nonce, new Uint8Array(32)))).toBe("document_damaged");
  });

  const key = fromHex(documents.payload_key);
  const ciphers: [string, () => Promise<Opener | null>][] = [
    ["noble", () => Promise.resolve(nobleOpener(key))],
    ["the engine's", () => engineOpener(key)],
    ["whichever is there", () => opener(key)],
  ];
  for (const [name, cipher] of ciphers) {
    test(`bodies, by ${name} cipher`, async (context) => {
      const opened = (await cipher()) ?? context.skip("this engine has no such cipher");
      for (const one of documents.cases) {
        const plain = Uint8Array.from({ length: one.plain_size }, (_, at) => at % 251), body = seal(key, plain);
        expect([body.length, toHex(await sha256(body)), await bodyDigest(body)]).toEqual([one.size, one.body_sha256, one.digest]);
        expect(one.body === null || toHex(body) === one.body).toBe(true);
        for (const piece of [body.length, 65_552, 65_551, 1_000]) {
          expect(await bodyDigest(await open(opened, body, piece)), `${one.plain_size} by ${piece}`).toBe(one.content);
        }
        const damaged = (changed: Bytes) => outcome(async () => toHex(await open(opened, changed, 1_000_000)));
        expect(await damaged(body.slice(0, -1))).toBe("document_damaged");
        expect(await damaged(concat(body, body.slice(-17)))).toBe("document_damaged");
        expect(await damaged(body.map((byte, at) => (at === body.length - 1 ? byte ^ 1 : byte)))).toBe("document_damaged");
      }
    });
  }

  test("a body of two segments", async () => {
    const two = new Uint8Array(SEGMENT_SIZE + 1).fill(1);
    two[SEGMENT_SIZE] = 2;
    expect([await bodyDigest(two), await bodyDigest(two)]).toEqual([documents.two_segments.digest, documents.two_segments.content]);
  });

  test("sizes that no body has", async () => {
    for (const size of [0, 15, 65_552 + 15, 65_552 + 16]) expect(await outcome(() => plainSize(size)), String(size)).toBe("document_damaged");
    expect([plainSize(16), plainSize(65_552 + 17)]).toEqual([0, 65_537]);
  });

  test("numbers of chunks beyond 32 bits", () => expect(toHex(nonceOf(2 ** 32 + 1, true))).toBe("000000000000010000000101"));

  test("heads", async () => {
    const seed = fromHex(documents.identity);
    expect(await recipientOf(seed)).toBe(documents.recipient);
    for (const { head } of documents.cases) {
      const opened = await openHead(seed, fromHex(head));
      expect([opened.fileKey, opened.nonce].map(toHex)).toEqual([documents.file_key, documents.nonce]);
    }
  });

  test("a stream goes on at a chunk", async () => {
    const plain = new Uint8Array(3 * 65_536).fill(9), body = seal(key, plain);
    const stream = new OpenStream(nobleOpener(key), body.length, 2), out = new Uint8Array(65_536);
    expect(await stream.update(body.slice(2 * 65_552), out)).toBe(65_536);
    expect(stream.ended).toBe(true);
  });
});

type Sealed = Record<"kind" | "identity" | "text_key" | "dossier" | "subject" | "aad" | "text" | "digest" | "box", string> & { epoch: number };
const texts = everyCase<{ cases: Sealed[] }>("5-texts");

test("5-texts", async () => {
  for (const one of texts.cases) {
    const key = await textKey(fromHex(one.identity)), aad = textPlace(one.kind, one.dossier, one.epoch, one.subject);
    expect([toHex(key), toHex(aad)]).toEqual([one.text_key, one.aad]);
    expect(new TextDecoder().decode(unbox(key, aad, fromHex(one.box)))).toBe(one.text);
    expect(readMetadata(await openText(one.kind, key, aad, fromHex(one.box), one.digest)).name).not.toBe("");
  }
});

const contents = everyCase<{
  kind: string; text_key: string; dossier: string; epoch: number; subject: string;
  cases: { name: string; box: string; digest: string; verdict: string }[];
}>("5-contents");

test("5-contents", async () => {
  const { kind } = contents, key = fromHex(contents.text_key), aad = textPlace(kind, contents.dossier, contents.epoch, contents.subject);
  for (const { name, box, digest, verdict } of contents.cases) {
    expect(await verdictOf(async () => readMetadata(await openText(kind, key, aad, fromHex(box), digest))), name).toBe(verdict);
  }
});
