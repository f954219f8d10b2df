import { expect, test } from "vitest";
import { utf8 } from "../../src/crypto/bytes.ts";
import { verifyCertificate } from "../../src/crypto/erasures/certificate.ts";
import { parseInstant } from "../../src/crypto/records/encoding.ts";
import { everyCase } from "./every_case.ts";

const certificates = everyCase<{
  cases: { name: string; practice: string | null; fingerprint: string | null; now: string; file: string; failed: string[]; checked: { member: string; at: string; left: boolean }[] }[];
}>("9-certificates");

test("9-certificates", async () => {
  for (const { name, file, failed, checked, now, ...reader } of certificates.cases) {
    const verdict = await verifyCertificate(utf8(file), reader, parseInstant(now));
    expect([...verdict.found.values()].sort(), name).toEqual(failed);
    expect(verdict.checked, name).toEqual(checked.map((one) => ({ ...one, at: parseInstant(one.at) })));
  }
});

const named = everyCase<{
  cases: { name: string; file: object; practice: string; now: string; failing: string[]; documents: string[] }[];
}>("9-named-documents");

test("9-named-documents", async () => {
  for (const { name, file, practice, now, failing, documents } of named.cases) {
    const verdict = await verifyCertificate(utf8(JSON.stringify(file)), { practice, fingerprint: null }, parseInstant(now));
    expect([...verdict.found.keys()], name).toEqual(failing);
    const paths = verdict.documents.map((one) => (one.folder === "" ? one.name : `${one.folder}/${one.name}`));
    expect(paths.sort(), name).toEqual(documents);
  }
});
