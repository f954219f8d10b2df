"""A gateway whose pages are not those that were built is found from outside."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from gateway import pages
from tests.client.house import House
from vault.cli import main as cli
from vault.sdk.server import served_pages
from vault.sdk.server.served_pages import PagesFinding, compare

POLICY = "default-src 'none'"
FILES = {"index.html": b"<!doctype html>", "s/index.html": b"<!doctype html><p>", "assets/a-1.js": b"export {};"}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "built"
    said = {}
    for path, content in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        for end in ("", ".br", ".gz"):
            (folder / f"{path}{end}").write_bytes(content)
        kind = "text/html; charset=utf-8" if path.endswith("html") else "text/javascript; charset=utf-8"
        said[path] = {"type": kind, "policy": "page", "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps({"v": 1, "files": said, "policies": {"page": POLICY}}))
    monkeypatch.setattr(pages, "FOLDER", folder)
    pages.built.cache_clear()
    return folder / "manifest.json"


def changed(manifest: Path, tmp_path: Path, *where: str, value: str) -> Path:
    """Another manifest, as another build would have it."""
    said = json.loads(manifest.read_text())
    inner = said
    for step in where[:-1]:
        inner = inner[step]
    inner[where[-1]] = value
    other = tmp_path / "other.json"
    other.write_text(json.dumps(said))
    return other


def test_the_pages_that_were_built_are_found_to_be_them(house: House, built: Path) -> None:
    assert compare(house.signed_in.api, built) is None


def test_the_doctor_asks_once_for_each_file(house: House, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served_pages, "MANIFEST", built)
    cli.main(["doctor", "--json"])
    assert [house.line.count("GET", pattern) for pattern in (r"/manifest\.json$", r"/assets/a-1\.js$", r"/s/\w+$")] == [
        1,
        1,
        1,
    ]


@pytest.mark.parametrize("path", FILES)
def test_a_file_of_another_content_is_named(house: House, built: Path, tmp_path: Path, path: str) -> None:
    other = changed(built, tmp_path, "files", path, "sha256", value="0" * 64)
    assert compare(house.signed_in.api, other) == PagesFinding(path)


def test_another_policy_or_type_is_a_difference(house: House, built: Path, tmp_path: Path) -> None:
    other = changed(built, tmp_path, "policies", "page", value="default-src *")
    assert compare(house.signed_in.api, other) == PagesFinding("assets/a-1.js")
    other = changed(built, tmp_path, "files", "index.html", "type", value="text/plain")
    assert compare(house.signed_in.api, other) == PagesFinding("index.html")


def test_a_gateway_without_pages_is_found(
    house: House, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FOLDER", tmp_path / "none")
    assert compare(house.signed_in.api, built) == PagesFinding("")


def test_the_doctor_ticks_nothing_that_it_could_not_compare(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(served_pages, "MANIFEST", tmp_path / "none")
    cli.main(["doctor", "--json"])
    assert all(one["name"] != "pages" for one in json.loads(capsys.readouterr().out)["checks"])


def test_the_doctor_names_the_file_that_differs(
    house: House, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = changed(built, tmp_path, "files", "index.html", "sha256", value="0" * 64)
    monkeypatch.setattr(served_pages, "MANIFEST", other)
    assert cli.main(["doctor", "--json"]) == 1
    (check,) = [one for one in json.loads(capsys.readouterr().out)["checks"] if one["name"] == "pages"]
    assert "index.html" in check["advice"]
