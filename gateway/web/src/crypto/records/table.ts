/** Facts of the record types (FORMAT.md, "Types"). */
const SMALL = 65_536, LARGE = 1_048_576;
const LARGE_TYPES: ReadonlySet<string> = new Set(["roster", "index", "dossier"]);

/** How many bytes a record of a type may have. */
export const limitOf = (kind: string): number => (LARGE_TYPES.has(kind) ? LARGE : SMALL);

/** How many bytes its envelope may have. */
export const envelopeLimit = (kind: string): number => 2 * limitOf(kind) + SMALL;
