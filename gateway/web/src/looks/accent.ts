/** A practice's colour, made readable: as dark as white letters on it need, and as light as a dark page needs. */
type Colour = readonly [number, number, number];

const READABLE = 4.6;
const PAPER: Record<"light" | "dark", Colour> = { light: [255, 255, 255], dark: [35, 40, 46] };

export function accents(colour: string): { light: string; dark: string } | null {
  const found = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (found === null) return null;
  const own = found.slice(1).map((hex) => Number.parseInt(hex, 16)) as unknown as Colour;
  return { light: spelled(towards(own, [0, 0, 0], PAPER.light)), dark: spelled(towards(own, [255, 255, 255], PAPER.dark)) };
}

/** The colour, mixed with black or white until it can be read on the paper. */
function towards(own: Colour, end: Colour, paper: Colour): Colour {
  for (let part = 0; part < 1; part += 0.04) {
    const mixed = own.map((value, at) => Math.round(value + ((end[at] ?? 0) - value) * part)) as unknown as Colour;
    if (contrast(mixed, paper) >= READABLE) return mixed;
  }
  return end;
}

export function contrast(left: Colour, right: Colour): number {
  const [dark = 0, light = 0] = [luminance(left), luminance(right)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Relative luminance (WCAG 2.2). */
function luminance(colour: Colour): number {
  const [r = 0, g = 0, b = 0] = colour.map((value) => (value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const spelled = (colour: Colour): string => `#${colour.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
