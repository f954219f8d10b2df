import { expect, test } from "vitest";
import { baseOf, linkHere, spelled } from "../../src/pickup/link_here.ts";
import { Pace } from "../../src/pickup/pace.ts";
import { isWebview } from "../../src/pickup/surroundings.ts";

const SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
const CHROME = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";

test("browsers are browsers, and apps are told apart", () => {
  for (const agent of [SAFARI, CHROME, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"]) expect(isWebview(agent)).toBe(false);
  for (const agent of [SAFARI.replace(" Safari/604.1", ""), CHROME.replace("Pixel 9)", "Pixel 9; wv)"), `${SAFARI} [FBAN/FBIOS;FBAV/500]`, `${CHROME} Instagram 300.0`]) {
    expect(isWebview(agent), agent).toBe(true);
  }
});

test("the address of the page is the link, also as mail delivers it", () => {
  const id = "00112233445566778899aabbccddeeff", secret = "A".repeat(43);
  const meant = `https://x.nl/kluis/s/${id}#${secret}`;
  for (const address of [meant, meant.replace("#", "%23"), `${meant}.`, `https://x.nl/kluis/s/${id}/#${secret}`]) {
    const here = linkHere(address);
    expect("link" in here && spelled(here.link)).toBe(meant);
  }
  expect(linkHere(`https://x.nl/s/${id}#AAA`)).toEqual({ trouble: "incomplete" });
  expect(linkHere("https://x.nl/s/nothing")).toEqual({ trouble: "gone" });
  expect(baseOf(new URL(meant))).toBe("https://x.nl/kluis");
});

test("the pace is that of the last seconds", () => {
  const pace = new Pace();
  pace.note(0, 1_000_000); // of an earlier run
  expect(pace.speed).toBeNull();
  pace.note(2_000, 3_000_000);
  expect(pace.speed).toBe(1_000_000);
  pace.note(30_000, 3_000_000);
  expect(pace.speed).toBeNull();
});
