/** What a link opened, for what fetches it. */
import type { Cover, Entry } from "../crypto/shares/covers.ts";
import type { LinkKeys } from "../crypto/shares/link_keys.ts";
import type { Offered } from "./messages.ts";

export interface Opened {
  readonly keys: LinkKeys;
  readonly cover: Cover;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly files: readonly Offered[];
}
