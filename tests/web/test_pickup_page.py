"""A client picks up in her browser: whole or not at all, counted once, nothing left behind."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.infra.serving import Server, until
from tests.journeys.machine import Director
from tests.web.browser import Browser
from tests.web.conftest import CONTENT, MANY
from tests.web.states import QUOTA

pytestmark = pytest.mark.slow
Browse = Callable[..., Browser]
Shared = Callable[..., dict[str, Any]]
NOTE = "Tot vrijdag <b>om tien</b> uur"
FETCH_ONE, FETCH_TWO = "Document ophalen", "2 documenten ophalen"


def picked_up(director: Director, dossier: str, share: str) -> int:
    listed = director.dossier("ls", dossier).result["shares"]
    (found,) = [one for one in listed if one["share"] == share]
    assert len(found["pickups"]) == found["used"]
    return int(found["used"])


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_she_sees_who_sends_what_until_when_and_saves_each(director: Director, shared: Shared, browse: Browse) -> None:
    link, page = shared("Jansen", "--max", "3", "--note", NOTE), browse()
    page.open(link["link"])
    page.heading("2 documenten voor u")
    said = page.text()
    for part in ("De Brug", "KANARIENAAM verslag.txt", "Scan.pdf", "20,0 MB", "Nederlandse tijd", "3 keer", NOTE):
        assert part in said
    assert picked_up(director, "Jansen", link["share"]) == 0
    page.press(FETCH_TWO)
    page.heading("Uw 2 documenten zijn er")
    saved = [page.save("KANARIENAAM verslag.txt bewaren"), page.save("Scan.pdf bewaren")]
    originals = [director.folder / "stukken/KANARIENAAM verslag.txt", director.folder / "stukken/bijlagen/Scan.pdf"]
    assert [digest(path) for path in saved] == [digest(path) for path in originals]
    assert [path.name for path in saved] == ["KANARIENAAM verslag.txt", "Scan.pdf"]
    page.press("Klaar: ik heb alles")
    page.heading("Klaar")
    assert page.run("return held.page.url()") == link["link"].partition("#")[0]
    assert picked_up(director, "Jansen", link["share"]) == 1
    assert page.wrong() == []


def test_everything_in_one_zip(director: Director, shared: Shared, browse: Browse) -> None:
    page = browse()
    page.open(shared("Jansen")["link"])
    page.press(FETCH_TWO)
    page.heading("Uw 2 documenten zijn er")
    with zipfile.ZipFile(page.save("Alles bewaren in één zip-bestand")) as packed:
        assert packed.namelist() == ["stukken/KANARIENAAM verslag.txt", "stukken/bijlagen/Scan.pdf"]
        assert packed.read("stukken/KANARIENAAM verslag.txt") == CONTENT
        assert packed.testzip() is None


def test_after_forty_documents_the_end_is_where_she_is(shared: Shared, browse: Browse) -> None:
    page = browse()
    page.open(shared("De Wit")["link"])
    page.press(f"{MANY} documenten ophalen")
    page.heading(f"Uw {MANY} documenten zijn er")
    page.save("Alles bewaren in één zip-bestand")
    page.run("await held.page.getByText('documenten apart').click()")
    page.run("await held.page.getByRole('link', {name: 'verslag 20'}).scrollIntoViewIfNeeded()")
    page.run(_TOUCHED, name="Klaar: ik heb alles")
    page.heading("Klaar")
    assert page.run("return held.page.evaluate(() => scrollY)") == 0


# Pressed where it is: a driver that scrolls to what it presses would find it anywhere.
_TOUCHED = """const at = await held.page.getByRole('button', {name: given.name}).boundingBox();
const { width, height } = held.page.viewportSize();
if (at.x < 0 || at.y < 0 || at.x + at.width > width || at.y + at.height > height) throw new Error(`out of sight: ${JSON.stringify(at)}`);
await held.page.mouse.click(at.x + at.width / 2, at.y + at.height / 2);"""


def test_a_passphrase_is_typed_forgivingly_and_a_wrong_one_said(shared: Shared, browse: Browse) -> None:
    link, page = shared("Pietersen", "--passphrase"), browse()
    page.open(link["link"])
    page.heading("wachtwoordzin")
    page.fill("Uw zes woorden", "aap noot mies wim zus qqqq ")
    until(lambda: "Woord" in page.text(), what="the unknown word is named")
    page.fill("Uw zes woorden", " ".join(reversed(link["passphrase"].split())))
    page.press("Verder")
    until(lambda: "niet de goede woorden" in page.text(), what="wrong words are said")
    page.fill("Uw zes woorden", "-".join(word[:4].upper() for word in link["passphrase"].split()))
    page.press("Verder")
    page.heading("een document voor u")
    page.press(FETCH_ONE)
    page.heading("Uw document is er")
    assert page.save("brief.txt bewaren").read_bytes() == CONTENT
    # The console tells every refused request of its own accord; of ours there is no word.
    assert all("403" in one["text"] for one in page.wrong())


@pytest.mark.parametrize("end", ["", "#", "#AAAA", "%23"])
def test_a_link_that_lost_its_end_says_so_and_takes_the_whole_one(shared: Shared, browse: Browse, end: str) -> None:
    link, page = shared("Pietersen")["link"], browse()
    page.open(link.partition("#")[0] + end)
    page.heading("ontbreekt een stuk")
    page.fill("De hele link", f"<{link[:70]}=\r\n{link[70:]}>.")
    page.press("Openen")
    page.heading("een document voor u")


def test_a_link_as_mail_delivers_it_opens(shared: Shared, browse: Browse) -> None:
    link, page = shared("Pietersen")["link"], browse()
    for delivered in (link.replace("#", "%23"), link + ".", link.replace("#", "/#"), link.replace("#", "%23") + "%3E"):
        page.open(delivered)
        page.heading("een document voor u")
        assert page.run("return held.page.url()") == link


def test_what_is_over_is_one_quiet_sentence(director: Director, shared: Shared, browse: Browse) -> None:
    link, page = shared("Pietersen"), browse()
    director.dossier("revoke", link["share"])
    page.open(link["link"])
    page.heading("Deze link geeft niets (meer)")
    other = re.sub(r"#.", "#" + ("A" if "#B" in link["link"] else "B"), link["link"])
    page.open(other)
    page.heading("Deze link geeft niets (meer)")


def test_a_scanner_that_opens_and_presses_everything_spends_nothing(
    director: Director, shared: Shared, browse: Browse
) -> None:
    link, page = shared("Pietersen", "--max", "1"), browse()
    page.open(link["link"].partition("#")[0])
    page.run(
        "for (const button of await held.page.getByRole('button').all()) await button.click({timeout: 1000}).catch(() => undefined)"
    )
    assert all(f"/pickup/{link['share']}" not in one["url"] for one in page.heard() if one["kind"] == "request")
    assert picked_up(director, "Pietersen", link["share"]) == 0


def test_a_full_disk_is_said_before_anything_counts(director: Director, shared: Shared, browse: Browse) -> None:
    link, page = shared("Jansen", "--max", "1"), browse()
    page.open(link["link"])
    page.run(QUOTA, bytes=1_000_000)
    page.press(FETCH_TWO)
    page.heading("Er is geen plaats op dit apparaat")
    assert "20,0 MB" in page.text()
    assert picked_up(director, "Jansen", link["share"]) == 0


def test_without_any_storage_it_says_so_and_picks_up_in_memory(
    director: Director, shared: Shared, browse: Browse, tmp_path: Path
) -> None:
    settings = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "profile" / "Default").mkdir(parents=True)
    (tmp_path / "profile" / "Default" / "Preferences").write_text(json.dumps(settings))
    link, page = shared("Jansen", "--max", "2"), browse("profile")
    page.open(link["link"])
    page.heading("2 documenten voor u")
    assert "onderweg niets vasthouden" in page.text()
    page.press(FETCH_TWO)
    page.heading("Uw 2 documenten zijn er")
    assert digest(page.save("Scan.pdf bewaren")) == digest(director.folder / "stukken/bijlagen/Scan.pdf")
    assert picked_up(director, "Jansen", link["share"]) == 1


def test_nothing_secret_is_in_requests_logs_or_storage(server: Server, shared: Shared, browse: Browse) -> None:
    link, page = shared("Jansen", "--passphrase"), browse("watched")
    secret = link["link"].partition("#")[2]
    page.open(link["link"])
    page.fill("Uw zes woorden", link["passphrase"])
    page.press("Verder")
    page.press(FETCH_TWO)
    page.heading("Uw 2 documenten zijn er")
    page.save("KANARIENAAM verslag.txt bewaren")
    page.save("Scan.pdf bewaren")
    page.press("Klaar: ik heb alles")
    page.heading("Klaar")
    requests = json.dumps(
        [one for one in page.heard() if one["kind"] == "request" and one["url"].startswith(server.url)]
    )
    # Playwright tells an address with its fragment, which no browser sends.
    sent = requests.replace(f"#{secret}", "")
    for canary in (secret, link["passphrase"], link["passphrase"].split()[0] + " ", "KANARIE"):
        assert canary not in sent
        assert canary not in server.said()
    assert link["share"] not in server.said()
    assert stored(page) == []
    page.__exit__()
    for path in page.profile.rglob("*"):
        if path.is_file() and "GEHEIM" not in path.name:
            assert b"KANARIE-IN-DE-INHOUD" not in path.read_bytes(), path


def stored(page: Browser) -> list[str]:
    """The names of all files in the private storage, and all keys of the others."""
    found: list[str] = page.run(
        """return held.page.evaluate(async () => {
             const names = [];
             const walk = async (folder, path) => {
               for await (const [name, handle] of folder.entries()) {
                 if (handle.kind === 'directory') await walk(handle, `${path}${name}/`);
                 else names.push(`${path}${name}`);
               }
             };
             await walk(await navigator.storage.getDirectory(), '');
             return [...names, ...Object.keys(sessionStorage), ...Object.keys(localStorage), ...(await indexedDB.databases()).map(({ name }) => name)];
           })"""
    )
    return found
