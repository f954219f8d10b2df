// FORMAT.md, Names when saving.
import { utf8 } from "./bytes.mjs";

const KEPT = /[\u200c\u200d\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u;
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]/u;
const DEVICE = /^(?:[Cc][Oo][Nn]|[Pp][Rr][Nn]|[Aa][Uu][Xx]|[Nn][Uu][Ll]|[Cc][Oo][Nn](?:[Ii][Nn]|[Oo][Uu][Tt])\$|(?:[Cc][Oo][Mm]|[Ll][Pp][Tt])[0-9¹²³])$/;
const MOST = 230, DEEPEST = 32, LONGEST = 1024;

const size = (text) => utf8(text).length;

/** The stem and the extension, with its dot. */
function parts(name) {
  const dot = name.lastIndexOf("."), rest = Array.from(name.slice(dot));
  return dot <= 0 || rest.length === 1 || rest.length > 20 ? [name, ""] : [name.slice(0, dot), name.slice(dot)];
}

/** The name cut to what may be saved; no character in two. */
function shortened(name) {
  if (size(name) <= MOST) return name;
  const [stem, extension] = parts(name);
  let cut = "";
  for (const character of stem) {
    if (size(cut + character + extension) > MOST) break;
    cut += character;
  }
  return cut.replace(/[.\p{Zs}]+$/u, "") + extension;
}

export function harmless(name) {
  const seen = Array.from(name).filter((character) => KEPT.test(character) || !UNSEEN.test(character));
  const whole = seen.map((character) => (character.isWellFormed() ? character : "_")).join("").normalize("NFC");
  const bare = whole.replace(/[/\\:*?"<>|]/g, "_").replace(/^\p{Zs}+|\p{Zs}+$/gu, "");
  const saved = shortened(bare.replace(/^[.-]+/, "_").replace(/[.\p{Zs}]+$/u, "")) || "document";
  return DEVICE.test(saved.split(".")[0].replace(/\p{Zs}+$/u, "")) ? shortened(`_${saved}`) : saved;
}

/** A folder's components; what lies deeper than may be is left out. */
export function components(folder) {
  const found = [];
  let room = LONGEST;
  for (const component of folder.split("/").filter((one) => one !== "").map(harmless)) {
    room -= size(component) + 1;
    if (room < 0 || found.length === DEEPEST) break;
    found.push(component);
  }
  return found;
}

/** Full case folding of what full upper case has left: one letter, `ẞ`, has two. */
const foldCase = (text) => Array.from(text, (letter) => (letter === "\u1e9e" ? "ss" : letter.toLowerCase())).join("");

export const folded = (name) => foldCase(name.replace(/[\u200c\u200d]/g, "").normalize("NFD").toUpperCase()).normalize("NFD");

/** What is saved in one go; `there` are the files that are there, and the folders, with a slash behind. */
export class Places {
  constructor(there) {
    this.there = new Set(there.filter((one) => one.endsWith("/")).map((one) => one.slice(0, -1)));
    this.taken = new Map([["", new Set(there.map((one) => folded(one.replace(/\/$/, ""))))]]);
    this.folders = new Map();
  }

  take({ folder, name }) {
    const inside = components(folder).reduce((parent, component) => this.folder(parent, component), "");
    return inside + this.free(inside, harmless(name));
  }

  folder(parent, name) {
    const key = parent + folded(name);
    if (!this.folders.has(key)) {
      const there = this.there.has(parent + name);
      this.folders.set(key, `${parent}${there ? name : this.free(parent, name)}/`);
    }
    return this.folders.get(key);
  }

  free(parent, name) {
    if (!this.taken.has(parent)) this.taken.set(parent, new Set());
    const taken = this.taken.get(parent), [stem, extension] = parts(name);
    for (let number = 1; ; number += 1) {
      const found = number === 1 ? name : `${stem} (${number})${extension}`;
      if (taken.has(folded(found))) continue;
      taken.add(folded(found));
      return found;
    }
  }
}
