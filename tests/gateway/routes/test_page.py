"""Pages: the same bytes for everybody, each under its own policy; files of a hashed name never change."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway import pages
from gateway.brand import Brand
from tests.gateway.house import House
from vault.records.encoding import new_id

PAGE, SCRIPT = b"<!doctype html>" + b" " * 100, b"export {};" + b" " * 100
POLICIES = {
    "page": "default-src 'none'; script-src 'self'; frame-ancestors 'none'",
    "script": "default-src 'none'; frame-ancestors 'none'",
}
HTML, JAVASCRIPT = "text/html; charset=utf-8", "text/javascript; charset=utf-8"


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "index.html": (PAGE, HTML, "page"),
        "s/index.html": (PAGE, HTML, "page"),
        "assets/a-1.js": (SCRIPT, JAVASCRIPT, "script"),
    }
    for path, (content, _, _) in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
        (tmp_path / f"{path}.br").write_bytes(b"br " + content[:9])
        (tmp_path / f"{path}.gz").write_bytes(gzip.compress(content))
    said = {path: {"type": kind, "policy": policy} for path, (_, kind, policy) in files.items()}
    (tmp_path / "manifest.json").write_text(json.dumps({"v": 1, "files": said, "policies": POLICIES}))
    monkeypatch.setattr(pages, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def unbuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FOLDER", tmp_path / "none")


@pytest.mark.usefixtures("unbuilt")
def test_without_a_build_the_page_behind_a_link_explains_the_command(house: House) -> None:
    dossier = house.practice.open_dossier()
    link = house.practice.share(dossier, [house.practice.deposit(dossier)])
    answers = [house.ask("GET", f"//s/{name}") for name in (link.id, new_id(), "x", "%F0%9F%98%80")]
    assert len({page.content for page in answers}) == 1
    page = answers[0]
    assert page.status_code == 200
    assert "dossier get" in page.text
    assert 'lang="nl"' in page.text
    assert 'lang="en"' in page.text
    assert "<script" not in page.text
    assert "http" not in page.text.replace("http-equiv", "")
    assert "style-src 'sha256-" in page.headers["content-security-policy"]
    assert house.member("GET", f"/shares/{link.id}").json()["used"] == 0
    assert house.ask("GET", "//assets/a-1.js").status_code == 404
    assert house.ask("GET", "//manifest.json").status_code == 404


@pytest.mark.usefixtures("built")
def test_every_link_opens_the_same_page_also_as_mail_delivers_it(house: House) -> None:
    share = new_id()
    paths = ("//", f"//s/{share}", f"//s/{share}/", f"//s/{share}%23{'A' * 43}", f"//s/{share}%3E", "//s/x")
    for answer in (house.ask("GET", path) for path in paths):
        assert (answer.status_code, answer.content) == (200, PAGE)
        assert answer.headers["content-security-policy"] == POLICIES["page"]
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", ["//assets/a-1.js", "//s/assets/a-1.js"])
def test_a_file_of_a_hashed_name_is_kept_for_ever(house: House, path: str) -> None:
    answer = house.ask("GET", path)
    assert (answer.content, answer.headers["content-type"]) == (SCRIPT, JAVASCRIPT)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-security-policy"] == POLICIES["script"]
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("identity", None), ("zstd", None)],
)
def test_the_smallest_form_that_the_caller_takes(house: House, accepted: str, encoding: str | None) -> None:
    answer = house.http.build_request("GET", "/assets/a-1.js", headers={"Accept-Encoding": accepted})
    sent = house.http.send(answer, stream=True)
    assert sent.headers.get("content-encoding") == encoding
    sent.close()


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "path", ["//assets/b.js", "//assets/..%2Findex.html", "//assets/a-1.js.br", "//assets/", "//logo.0000000000000000"]
)
def test_nothing_else_is_a_file(house: House, path: str) -> None:
    assert house.ask("GET", path).status_code == 404


def test_half_a_build_is_none(built: Path) -> None:
    (built / "assets" / "a-1.js.gz").unlink()
    assert pages.built(built) is None


def test_a_page_shows_what_the_practice_says_of_itself(building: Callable[..., House]) -> None:
    logo = b"\x89PNG\r\n\x1a\n..."
    house = building(brand=Brand("#1f6f63", logo), clock_offset="+1d")
    said = house.ask("GET", "//practice.json").json()
    assert said.pop("name")
    assert said == {"colour": "#1f6f63", "logo": Brand(None, logo).logo_name, "trial": True}
    shown = house.ask("GET", f"//{said['logo']}")
    assert (shown.content, shown.headers["content-type"]) == (logo, "image/png")
    assert shown.headers["cache-control"].endswith("immutable")


def test_the_page_of_an_invitation_says_how_to_join_and_checks_nothing(house: House) -> None:
    answers = [house.ask("GET", f"//i/{name}") for name in (new_id(), "x", f"{new_id()}%23{'A' * 86}")]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    page = answers[0].text
    assert page.count("dossier join") == 2
    assert page.count("<main>") == page.count("</main>") == 1
    assert "dossier get" not in page
    assert "sandbox" in answers[0].headers["content-security-policy"]
    assert house.ask("HEAD", f"//i/{new_id()}").status_code == 200
