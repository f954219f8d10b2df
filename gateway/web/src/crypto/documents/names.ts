/** Names of files when saving: harmless, visible, none twice (FORMAT.md, "Names when saving"). */
import { utf8 } from "../bytes.ts";

const MAX_SAVED = 230, MAX_DEPTH = 32, MAX_SAVED_FOLDER = 1024, MAX_EXTENSION = 20;
// Unseen characters; then those among the characters for formatting that shape letters, or are seen.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]/gu;
const SHAPING = new Set("\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}");
const ENDS = /[.\p{Zs}]+$/u;
const FORBIDDEN = /[/\\:*?"<>|]/g;
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])$/i;

/** The name for saving: one component, no device, no option, at most 230 bytes. A safe name comes back unchanged. */
export function safeName(name: string): string {
  const seen = name.replace(UNSEEN, (sign) => (SHAPING.has(sign) ? sign : "")).replace(/\p{Cs}/gu, "_");
  let text = seen.normalize("NFC").replace(FORBIDDEN, "_").replace(/^\p{Zs}+|\p{Zs}+$/gu, "");
  text = text.replace(/^[.-]+/, "_").replace(ENDS, "");
  text = shortened(text) || "document";
  const stem = (text.split(".")[0] ?? "").replace(/\p{Zs}+$/u, "");
  return RESERVED.test(stem) ? shortened(`_${text}`) : text;
}

/** The folder for saving, every component safe; what lies deeper is left out. */
export function safeFolder(folder: string): string[] {
  const components: string[] = [];
  let room = MAX_SAVED_FOLDER;
  for (const component of folder.split("/").filter((each) => each !== "").map(safeName)) {
    room -= utf8(component).length + 1;
    if (room < 0 || components.length === MAX_DEPTH) break;
    components.push(component);
  }
  return components;
}

export interface Named {
  readonly folder: string;
  readonly name: string;
}

/** The relative paths under which files are saved together, in their order. */
export function places(files: readonly Named[]): string[] {
  const taken = new Map<string, Set<string>>(), folders = new Map<string, string>();
  const free = (inside: string, name: string): string => {
    const used = taken.get(inside) ?? new Set<string>();
    taken.set(inside, used);
    let number = 1;
    while (used.has(folded(numbered(name, number)))) number += 1;
    used.add(folded(numbered(name, number)));
    return numbered(name, number);
  };
  return files.map(({ folder, name }) => {
    let inside = "";
    for (const component of safeFolder(folder)) {
      const key = `${inside}\0${folded(component)}`;
      const path = folders.get(key) ?? `${inside}${free(inside, component)}/`;
      folders.set(key, path);
      inside = path;
    }
    return inside + free(inside, safeName(name));
  });
}

/** `report.pdf` as `report (2).pdf`; number 1 is the name itself. */
function numbered(name: string, number: number): string {
  const [stem, extension] = split(name);
  return number === 1 ? name : `${stem} (${number})${extension}`;
}

/** One key for all names that some disk takes for the same. */
function folded(name: string): string {
  const upper = name.replace(/[\u200c\u200d]/g, "").normalize("NFD").toUpperCase();
  // Case folding by single characters: `toLowerCase` of a whole text knows a final sigma, which folding does not.
  return Array.from(upper, (sign) => sign.toLowerCase()).join("").replaceAll("ß", "ss").normalize("NFD");
}

/** Stem and extension, with its dot; a dot at either end begins none. */
function split(name: string): [string, string] {
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 && dot < name.length - 1 ? name.slice(dot) : "";
  return Array.from(extension).length > MAX_EXTENSION || extension === "" ? [name, ""] : [name.slice(0, dot), extension];
}

function shortened(name: string): string {
  if (utf8(name).length <= MAX_SAVED) return name;
  const [stem, extension] = split(name);
  let room = MAX_SAVED - utf8(extension).length, kept = "";
  for (const sign of stem) {
    room -= utf8(sign).length;
    if (room < 0) break;
    kept += sign;
  }
  return kept.replace(ENDS, "") + extension;
}
