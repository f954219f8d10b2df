/** The intent record: the reservation of a document whose body is still being encrypted. */
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import type { Hashed } from "../record.ts";
import { readReserved } from "./document.ts";

export const readIntent = (fields: Fields) => ({ ...readReserved(fields), at: read.instant(fields, "at") });

export type Intent = ReturnType<typeof readIntent> & Hashed;
