// Holds the readers to one file of vectors: `node check.mjs 2-basics`. It prints each case that came out another way,
// then how many were looked at; the exit code is 1 where one did, or where there was none.
import { readFileSync } from "node:fs";
import { Refused } from "./bytes.mjs";
import { parseObject } from "./json.mjs";

const CHECKS = {
  "2-strict-json": () => import("./checks/strict_json.mjs"),
  "2-basics": () => import("./checks/basics.mjs"),
  "2-boxes": () => import("./checks/boxes.mjs"),
  "2-ed25519": () => import("./checks/ed25519.mjs"),
  "3-envelopes": () => import("./checks/envelopes.mjs"),
  "3-records": () => import("./checks/records.mjs"),
  "3-fields": () => import("./checks/fields.mjs"),
  "3-chains": () => import("./checks/chains.mjs"),
  "3-following": () => import("./checks/following.mjs"),
  "3-rights": () => import("./checks/rights.mjs"),
  "3-merkle": () => import("./checks/merkle.mjs"),
  "3-seen": () => import("./checks/seen.mjs"),
  "4-argon2id": () => import("./checks/argon2id.mjs"),
  "4-keyring": () => import("./checks/keyring.mjs"),
  "4-labels": () => import("./checks/labels.mjs"),
  "4-passwords": () => import("./checks/passwords.mjs"),
  "4-wraps": () => import("./checks/wraps.mjs"),
  "4-words": () => import("./checks/words.mjs"),
  "5-texts": () => import("./checks/texts.mjs"),
  "5-contents": () => import("./checks/text_contents.mjs"),
  "6-documents": () => import("./checks/documents.mjs"),
  "6-names": () => import("./checks/names.mjs"),
  "6-openings": () => import("./checks/openings.mjs"),
  "7-links": () => import("./checks/links.mjs"),
  "7-pickups": () => import("./checks/pickups.mjs"),
  "7-contents": () => import("./checks/contents.mjs"),
  "8-sealing": () => import("./checks/server_sealing.mjs"),
  "9-beliefs": () => import("./checks/beliefs.mjs"),
  "9-certificates": () => import("./checks/certificates.mjs"),
  "9-evidence": () => import("./checks/evidence.mjs"),
  "9-named-documents": () => import("./checks/named_documents.mjs"),
  "9-terms": () => import("./checks/terms.mjs"),
  "10-audit": () => import("./checks/audit.mjs"),
  "11-disk": () => import("./checks/disk.mjs"),
};

let seen = 0, wrong = 0;

/** One case: what came out, against what the vector says. Both are compared as text. */
function expect(name, found, wanted) {
  seen += 1;
  const [left, right] = [found, wanted].map((value) => JSON.stringify(value));
  if (left !== right) {
    wrong += 1;
    console.log(`${name}: ${left}, not ${right}`);
  }
}

/** What a reader says: its value, or the word of its refusal. Any other error is a mistake of the reader. */
export function outcome(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refused) return error.word;
    throw error;
  }
}

const name = process.argv[2];
const file = readFileSync(new URL(`../${name}.json`, import.meta.url));
// A name may hold what no strict JSON does.
const vectors = name === "6-names" ? JSON.parse(file) : parseObject(file, 2 ** 27);
const { check } = await CHECKS[name]();
await check(vectors, expect, outcome);
console.log(`${seen} cases, ${wrong} wrong`);
process.exitCode = wrong === 0 && seen > 0 ? 0 : 1;
