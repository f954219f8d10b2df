"""Every state of the pages, one after another: what is looked at by axe, at 320 pixels, and on the sheet of pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.web.browser import Browser

HOLD = "await held.context.route('**/body', () => undefined)"
FREE = "await held.context.unrouteAll({behavior: 'ignoreErrors'})"
MAIN = "await held.page.locator('button.main').first().click()"
SPOIL = """await held.context.route('**/body', async (route) => {
  const response = await route.fetch(), body = await response.body(); body[0] ^= 1; await route.fulfill({ response, body }); })"""
QUOTA = """const cdp = await held.context.newCDPSession(held.page);
await cdp.send('Storage.overrideQuotaForOrigin', { origin: new URL(held.page.url()).origin, quotaSize: given.bytes })"""
AGENT = """const cdp = await held.context.newCDPSession(held.page);
await cdp.send('Emulation.setUserAgentOverride', { userAgent: given.agent })"""
APP = "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/A; wv) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36"
OLD = "await held.page.addInitScript(() => Object.defineProperty(window, 'isSecureContext', { value: false }))"
LATER = "await held.page.clock.install({ time: Date.now() + 8 * 86_400_000 })"
REFUSE = "await held.context.route(given.pattern, (route) => route.fulfill({status: given.status, headers: {'retry-after': '90'}, body: JSON.stringify({code: given.problem})}))"


def walk(browser: Browser, url: str, shared: Callable[..., dict[str, Any]]) -> Iterator[str]:
    """Brings the page into each state and names it; the browser is looked at between two of them."""
    plain, locked = shared("Jansen", "--days", "7"), shared("Pietersen", "--passphrase")
    yield from _before_the_offer(browser, url, plain["link"])
    yield from _asking(browser, locked)
    yield from _refusals(browser, url, plain["link"])
    yield from _collecting(browser, plain["link"])
    yield from _endings(browser, plain["link"])
    yield from _many(browser, shared("De Wit")["link"])
    yield from _surroundings(browser, plain["link"])


def _wait(browser: Browser, selector: str) -> None:
    browser.run("await held.page.locator(given.selector).first().waitFor()", selector=selector)


def _fresh(browser: Browser, address: str) -> None:
    browser.run(FREE)
    browser.open(address)


def _before_the_offer(browser: Browser, url: str, link: str) -> Iterator[str]:
    browser.run("await held.page.goto(given.url)", url=f"{url}/")
    _wait(browser, "textarea")
    yield "first page"
    _fresh(browser, link.partition("#")[0])
    yield "a link that lost its end"
    browser.run("await held.page.locator('summary').first().click()")
    _wait(browser, "#seven")
    yield "seven words"


def _asking(browser: Browser, locked: dict[str, Any]) -> Iterator[str]:
    _fresh(browser, locked["link"])
    yield "asking for a passphrase"
    browser.run("await held.page.locator('textarea').fill('aap noot mies qqqq ')")
    _wait(browser, ".wrong")
    yield "an unknown word"
    words = " ".join(reversed(locked["passphrase"].split()))
    browser.run("await held.page.locator('textarea').fill(given.words)", words=words)
    browser.run(MAIN)
    _wait(browser, ".wrong:not(:empty)")
    yield "wrong words"
    browser.run(REFUSE, pattern="**/cover", status=429)
    browser.open(locked["link"])
    yield "too many tries"


def _refusals(browser: Browser, url: str, link: str) -> Iterator[str]:
    _fresh(browser, f"{url}/s/{'0' * 32}#{'A' * 43}")
    yield "a link that gives nothing"
    browser.run("await held.context.route('**/cover', (route) => route.abort())")
    browser.open(link)
    yield "no connection"
    browser.run(FREE)
    browser.run(REFUSE, pattern="**/cover", status=418)
    browser.open(link)
    yield "a strange answer"
    browser.run(FREE)
    browser.run(REFUSE, pattern="**/cover", status=503, problem="restored")
    browser.open(link)
    yield "the practice repairs its storage"


def _collecting(browser: Browser, link: str) -> Iterator[str]:
    _fresh(browser, link)
    yield "the offer"
    browser.run("await held.page.locator('summary').first().click()")
    _wait(browser, ".words:not(:empty)")
    yield "the check words"
    browser.run(HOLD)
    browser.run(MAIN)
    _wait(browser, "progress")
    yield "collecting"
    browser.run("await held.page.locator('.card > button').last().click()")
    _wait(browser, ".card > button.main")
    yield "stopped"
    browser.run(FREE)
    browser.run("await held.context.route('**/body', (route) => route.abort())")
    browser.run(MAIN)
    _wait(browser, "progress")
    browser.run("await held.page.waitForTimeout(700)")
    yield "waiting for a connection"
    _fresh(browser, link)
    browser.run(SPOIL)
    browser.run(MAIN)
    _ended(browser)
    yield "something is wrong"


def _endings(browser: Browser, link: str) -> Iterator[str]:
    _fresh(browser, link)
    browser.run(
        "await held.page.evaluate(() => void navigator.locks.request('pickup', () => new Promise(() => undefined)))"
    )
    browser.run(MAIN)
    _ended(browser)
    yield "open in another tab"
    _fresh(browser, link)
    browser.run(QUOTA, bytes=1000)
    browser.run(MAIN)
    _ended(browser)
    yield "no room"
    browser.run(QUOTA, bytes=10**10)
    _fresh(browser, link)
    browser.run(MAIN)
    _wait(browser, ".finish")
    yield "ready"
    browser.run("await held.page.locator('.files a.button').first().click()")
    browser.run("await held.page.locator('.finish button').click()")
    _wait(browser, "[role=alert]")
    yield "not all saved"
    browser.run("await held.page.locator('.finish button').click()")
    browser.run("await held.page.waitForFunction(() => document.querySelector('.finish') === null)")
    yield "done"
    _fresh(browser, link)
    browser.run(REFUSE, pattern="**/pickup/*/*", status=404)
    browser.run(MAIN)
    _ended(browser)
    yield "withdrawn"


def _many(browser: Browser, link: str) -> Iterator[str]:
    """Forty documents: nothing that matters is below a list."""
    _fresh(browser, link)
    _wait(browser, "button.main")
    yield "forty documents"
    browser.run(MAIN)
    _wait(browser, ".finish")
    yield "forty are ready"
    browser.run(f"await Promise.all([held.page.waitForEvent('download'), (async () => {{ {MAIN} }})()])")
    _wait(browser, ".finish.card")
    browser.run("await held.page.locator('.card summary').first().click()")
    yield "forty are saved"


def _surroundings(browser: Browser, link: str) -> Iterator[str]:
    """Browsers and moments that are not as they should be; each in a page of its own."""
    _fresh(browser, link)
    browser.run(QUOTA, bytes=1)
    browser.open(link)
    _wait(browser, "button.main")
    yield "nothing is kept"
    browser.run(QUOTA, bytes=10**10)
    for state, code in (("within an app", AGENT), ("an old browser", OLD), ("expired on the way", LATER)):
        browser.run("await held.page.close(); held.page = await held.context.newPage()")
        browser.run(code, agent=APP)
        browser.open(link)
        if code == LATER:
            browser.run(REFUSE, pattern="**/pickup/*/*", status=404)
            browser.run(MAIN)
            _ended(browser)
        yield state


def _ended(browser: Browser) -> None:
    """The page has neither an offer nor a pick-up under way any more."""
    browser.run("await held.page.waitForFunction(() => document.querySelector('dl, progress') === null)")
