from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.infra.serving import Server
from tests.journeys.machine import Director, DirectorHere
from tests.web import browser as driver
from tests.web.browser import Browser

CONTENT = b"Dit is geheim: KANARIE-IN-DE-INHOUD. " * 40
MANY = 40
LARGE = 20_000_001  # three segments


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    driver.program()
    folder = tmp_path_factory.mktemp("web-server")
    with Server(folder / "data", log=folder / "log") as running:
        yield running


@pytest.fixture(scope="session")
def director(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Director:
    director = DirectorHere(tmp_path_factory.mktemp("web-people") / "director", server.url)
    director.set_up(server)
    director.write("stukken/KANARIENAAM verslag.txt", CONTENT)
    director.write("stukken/bijlagen/Scan.pdf", os.urandom(LARGE))
    director.write("brief.txt", CONTENT)
    for number in range(MANY):
        director.write(f"veel/verslag {number:02d}.txt", CONTENT)
    director.stored("De Wit", director.folder / "veel")
    director.stored("Jansen", director.folder / "stukken")
    director.stored("Pietersen", director.folder / "brief.txt")
    return director


@pytest.fixture
def shared(director: Director) -> Callable[..., dict[str, Any]]:
    """A new link of a dossier: `shared("Jansen", "--passphrase")`."""

    def share(dossier: str, *words: str) -> dict[str, Any]:
        made: dict[str, Any] = director.dossier("share", dossier, "--to", "client", *words).result
        return made

    return share


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One for all tests: its start takes longer than most of them."""
    with Browser(tmp_path_factory.mktemp("chromium") / "profile") as started:
        yield started


@pytest.fixture
def browse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Browser]]:
    """A new page of the browser of all tests, which keeps nothing of another; or a browser of this test alone, where it
    names a profile or has options.
    """
    opened: list[Browser] = []

    def open_one(profile: str = "", **options: Any) -> Browser:
        if not profile and not options:
            shared: Browser = request.getfixturevalue("chromium")
            shared.forget(tmp_path / "downloads")
            return shared
        opened.append(Browser(tmp_path / (profile or "profile"), **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.__exit__()
