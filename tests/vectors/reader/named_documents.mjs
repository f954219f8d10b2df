// FORMAT.md, Documents of a certificate: what a client's copy opens.
import { fromBase64url, refuse } from "./bytes.mjs";
import { readCommon, recordHash } from "./envelopes.mjs";
import { text } from "./shapes.mjs";
import { readMetadata, readText } from "./texts.mjs";
import { readFields } from "./types.mjs";

/** The exact bytes of a document's record and of its text. */
export function readOpening(value) {
  const [record, spelled] = [value.record, value.text].map((one) => fromBase64url(text(131_072)(one)));
  return { record, text: spelled, hash: recordHash("document", record) };
}

/** What the text says, of a document of that dossier. */
export function metadataOf({ record, text: plain }, dossier) {
  const fields = readFields("document", readCommon(record, "document"));
  if (fields.dossier !== dossier) refuse("of another dossier", "integrity");
  return readMetadata(readText("document", plain, fields.metadata));
}
