// Bech32 without its limit of length, as age writes recipients.
import { utf8 } from "./bytes.mjs";

const SIGNS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

function checksum(values) {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((one, bit) => {
      if ((top >>> bit) & 1) sum ^= one;
    });
  }
  return sum ^ 1;
}

export function bech32(prefix, bytes) {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const data = (bits.match(/.{1,5}/g) ?? []).map((five) => Number.parseInt(five.padEnd(5, "0"), 2));
  const signs = utf8(prefix), spread = [...signs.map((sign) => sign >> 5), 0, ...signs.map((sign) => sign & 31)];
  const sum = checksum([...spread, ...data, 0, 0, 0, 0, 0, 0]);
  const end = [25, 20, 15, 10, 5, 0].map((shift) => (sum >>> shift) & 31);
  return `${prefix}1${[...data, ...end].map((value) => SIGNS[value]).join("")}`;
}
