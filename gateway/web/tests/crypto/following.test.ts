import { expect, test } from "vitest";
import type { Fields } from "../../src/crypto/records/encoding.ts";
import { fromJson } from "../../src/crypto/records/envelope.ts";
import { everyCase } from "./every_case.ts";
import { type Following, verdictOnLinks } from "./shown.ts";

const following = everyCase<{ dossier: string; envelopes: Record<string, Fields>; cases: Following[] }>("3-following");

test("3-following", async () => {
  for (const one of following.cases) {
    expect(await verdictOnLinks(one, following.envelopes), one.name).toEqual([one.verdict, one.missing]);
    expect(fromJson(following.envelopes[one.heads[0] ?? ""] ?? {}, "dossier").fields["dossier"]).toBe(following.dossier);
  }
});
