"""A server that lies to a browser: whatever it swaps, spoils or leaves out, nothing is offered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.web.browser import Browser
from tests.web.test_pickup_page import stored

pytestmark = pytest.mark.slow
Browse = Callable[..., Browser]
Shared = Callable[..., dict[str, Any]]

# What a lie does to an answer: `answer` is the JSON, `other` the same answer of another link of the same dossier.
OPENING = {
    "the cover of another link": "answer.cover = other.cover",
    "the entries of another link": "answer.entries = other.entries",
    "two entries changed places": "[answer.entries[0].entry, answer.entries[1].entry] = [answer.entries[1].entry, answer.entries[0].entry]",
    "an entry that is no box": "answer.entries[0].entry = 'AAAA'",
    "a document that the cover does not name": "answer.entries[0].document = '0'.repeat(32)",
    "an answer that is none": "delete answer.cover",
}
RELEASING = {
    "the capsules of another link": "answer.capsules = other.capsules",
    "two capsules changed places": "[answer.capsules[0].capsule, answer.capsules[1].capsule] = [answer.capsules[1].capsule, answer.capsules[0].capsule]",
    "a capsule left out": "answer.capsules.pop()",
}
_LIE = """
const lie = new Function('answer', 'other', given.lie);
await held.context.route(given.pattern, async (route) => {
  const response = await route.fetch(), answer = await response.json();
  if (!(given.part in answer)) return route.fulfill({ response });
  lie(answer, held.other ?? {});
  await route.fulfill({ response, json: answer });
});
"""


def told(page: Browser, given: dict[str, str], link: str) -> None:
    page.run(_LIE, **given)
    page.run("await held.page.goto('about:blank'); await held.page.goto(given.url)", url=link)


@pytest.mark.parametrize("lie", OPENING)
def test_a_lie_about_what_is_offered_shows_no_button(shared: Shared, browse: Browse, lie: str) -> None:
    page = browse()
    remember(page, shared("Jansen")["link"], "**/cover", "cover")
    told(page, {"lie": OPENING[lie], "pattern": "**/cover", "part": "cover"}, shared("Jansen")["link"])
    page.heading("vreemd antwoord" if lie == "an answer that is none" else "Er klopt iets niet")
    assert "documenten ophalen" not in page.text()


@pytest.mark.parametrize("lie", RELEASING)
def test_a_lie_about_keys_offers_no_file(shared: Shared, browse: Browse, lie: str) -> None:
    page = browse()
    link = shared("Jansen")
    if "other" in RELEASING[lie]:
        remember(page, shared("Jansen")["link"], "**/pickup/*/*", "capsules", press=True)
    told(page, {"lie": RELEASING[lie], "pattern": "**/pickup/*/*", "part": "capsules"}, link["link"])
    page.press("2 documenten ophalen")
    page.heading("Er klopt iets niet")
    assert [name for name in stored(page) if not name.endswith("/name") and link["share"] in name] == []


@pytest.mark.parametrize("place", ["0", "body.length - 1", "body.length >> 1"])
def test_a_spoilt_body_offers_no_file(shared: Shared, browse: Browse, place: str) -> None:
    page = browse()
    page.open(shared("Pietersen")["link"])
    page.run(
        """await held.context.route('**/body', async (route) => {
             const response = await route.fetch(), body = await response.body();
             body[eval(given.place)] ^= 1;
             await route.fulfill({ response, body });
           });""",
        place=place,
    )
    page.press("Document ophalen")
    page.heading("Er klopt iets niet")
    assert [name for name in stored(page) if not name.endswith("/name")] == []


def test_bytes_of_another_range_offer_no_file(shared: Shared, browse: Browse) -> None:
    page = browse()
    page.open(shared("Pietersen")["link"])
    page.run(
        """await held.context.route('**/body', async (route) => {
             const response = await route.fetch();
             await route.fulfill({ response, headers: { ...response.headers(), 'content-range': 'bytes 0-15/16' } });
           });"""
    )
    page.press("Document ophalen")
    page.heading("vreemd antwoord")


def remember(page: Browser, link: str, pattern: str, part: str, *, press: bool = False) -> None:
    """Keep the honest answer for another link, to lie with."""
    page.run(
        """held.other = null;
           await held.context.route(given.pattern, async (route) => {
             const response = await route.fetch(), answer = await response.json();
             if (given.part in answer) held.other = answer;
             await route.fulfill({ response });
           });""",
        pattern=pattern,
        part=part,
    )
    page.open(link)
    if press:
        page.press("2 documenten ophalen")
        page.heading("Uw 2 documenten zijn er")
    page.run(
        "await held.context.unrouteAll({behavior: 'ignoreErrors'}); if (held.other === null) throw new Error('no answer was seen')"
    )
