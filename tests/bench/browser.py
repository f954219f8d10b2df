"""The pick-up page: until it can be used, the memory of 2 GiB in browsers, and its cipher beside `age-encryption`'s."""

from __future__ import annotations

import functools
import json
import re
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.pages import WEB, is_built
from tests.bench.measuring import Compared, Sample
from tests.bench.results import Goal, Result, ratio
from tests.bench.stage import Stage, plaintext, stage
from tests.tools import missing
from tests.vectors.test_reader import node
from tests.web.devtools import Chromium
from tests.web.engines import Engine, Firefox, WebKit

ROW = 14
PAINT, SLOW_PAINT, MEMORY = Goal(at_most=0.6), Goal(at_most=2), Goal(at_most=300)
CIPHER = {"Chromium": Goal(at_least=4), "Firefox": Goal(at_least=1), "WebKitGTK": Goal(at_least=1)}
# 1.6 Mbit/s down, 0.75 up, 150 ms: a phone in a train.
LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
USABLE = """new Promise((done) => { const look = () => document.querySelector('button.main')
  ? done(performance.now() / 1000) : requestAnimationFrame(look); look(); })"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"


def run(*, quick: bool = False) -> Iterator[Result]:
    """Each part, with its peers in the same minutes."""
    if not (WEB / "node_modules" / "age-encryption").exists() or not is_built():
        missing("the pages or their tools are missing; they come by: make test-web")
    yield from _ciphers(16 if quick else 128, 1 if quick else 5)
    with stage(on_s3=False) as house:
        small = plaintext(house.folder / "brief.pdf", 100_000)
        link = _shared(house, "small", small)
        yield from _paints(link, 1 if quick else 5)
        large = plaintext(house.folder / "large.bin", 20 << 20 if quick else 2 << 30)
        link, size = _shared(house, "large", large), large.stat().st_size
        large.unlink()
        yield _chromium_memory(link, size)
        yield from _or_skipped(f"{size >> 20} MiB picked up in Firefox", lambda: _firefox_memory(link, size))


def _shared(house: Stage, dossier: str, path: Path) -> str:
    house.director.stored(dossier, path)
    made = house.director.dossier("share", dossier, "--to", "client", "--max", "5")
    return str(made.result["link"])


def _or_skipped(name: str, measure: Callable[[], Result]) -> Iterator[Result]:
    """One engine that is missing does not stop the others."""
    try:
        yield measure()
    except pytest.skip.Exception as skipped:
        yield Result(ROW, name, skipped=str(skipped))


def _paints(link: str, rounds: int) -> Iterator[Result]:
    quiet, slow = "the pick-up page", "the same, four times slower CPU, 1.6 Mbit/s"
    for name, goal, throttled in ((quiet, PAINT, False), (slow, SLOW_PAINT, True)):
        painted, usable = zip(*(_first_look(link, throttled=throttled) for _ in range(rounds)), strict=True)
        median = statistics.median(painted)
        yield Result(ROW, f"{name}: first paint", median, "s", goal, min(painted), max(painted))
        yield Result(ROW, f"{name}: until the button", statistics.median(usable), "s", None, min(usable), max(usable))


def _first_look(link: str, *, throttled: bool) -> tuple[float, float]:
    """Seconds until something is painted, and until the offer has its button, with nothing in any cache."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place, Chromium(Path(place) / "profile") as browser:
        if throttled:
            browser.ask("Network.enable", browser.page)
            browser.ask("Network.emulateNetworkConditions", browser.page, **LINE)
            browser.ask("Emulation.setCPUThrottlingRate", browser.page, rate=4)
        browser.go(link)
        browser.until("location.protocol === 'http:'")
        usable = float(browser.run(USABLE))
        return float(browser.run(PAINTED)), usable


def _chromium_memory(link: str, size: int) -> Result:
    with (
        tempfile.TemporaryDirectory(dir="/var/tmp", ignore_cleanup_errors=True) as place,
        Chromium(Path(place) / "profile") as browser,
    ):
        browser.go(link)
        browser.until("document.querySelector('button.main') !== null")
        with watching(browser.process.pid) as watch:
            begun = time.monotonic()
            browser.run("document.querySelector('button.main').click()")
            browser.until("document.querySelector('.finish') !== null", within=1200, every=1)
            taken = time.monotonic() - begun
        return _said("the whole of Chromium", size, watch.most, watch.before, taken, watch.largest)


def _firefox_memory(link: str, size: int) -> Result:
    with (
        tempfile.TemporaryDirectory(dir="/var/tmp", ignore_cleanup_errors=True) as place,
        Firefox(Path(place) / "firefox") as browser,
    ):
        browser.go(link)
        browser.heading("document")
        with watching(browser.process.pid) as watch:
            begun = time.monotonic()
            browser.run("document.querySelector('button.main').click()")
            while not browser.run("return document.querySelector('.finish') !== null"):
                if time.monotonic() - begun > 1200:
                    raise RuntimeError(f"it does not end: {browser.text()}")
                time.sleep(1)
            taken = time.monotonic() - begun
        return _said("Firefox's tab", size, watch.largest["tab"], watch.before, taken, watch.largest)


def _said(what: str, size: int, most: float, before: float, taken: float, parts: dict[str, float]) -> Result:
    return Result(
        ROW,
        f"{size >> 20} MiB picked up: {what} at the most",
        most,
        "MiB",
        MEMORY,
        ours=f"{size / taken / 1e6:,.0f} MB/s",
        details={"all_before": round(before, 1), **{name: round(value, 1) for name, value in parts.items()}},
    )


_HELD = re.compile(r"^Pss_(?:Anon|Shmem):\s+(\d+) kB", re.MULTILINE)


class Watch:
    """The memory of a browser's processes: the most of all together, and of the largest of each kind (MiB).

    Each page counts once (PSS). The pages of the program's own files do not: they are shared by all that run it, and the
    system takes them back when it likes; of Chromium they are 230 MiB where no other runs, 25 where ten do.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.largest: dict[str, float] = {}
        self.before = self.most = sum(self._look())
        self.over = threading.Event()

    def _look(self) -> list[float]:
        found = []
        for pid in _family(self.pid):
            try:
                held = _HELD.findall(Path(f"/proc/{pid}/smaps_rollup").read_text())
                kind = _kind(Path(f"/proc/{pid}/cmdline").read_bytes())
            except OSError:
                continue
            found.append(sum(map(int, held)) / 1024)
            self.largest[kind] = max(self.largest.get(kind, 0.0), found[-1])
        return found

    def keep_looking(self) -> None:
        while not self.over.wait(0.25):
            self.most = max(self.most, sum(self._look()))


@contextmanager
def watching(pid: int) -> Iterator[Watch]:
    """Watch a browser until the end of the block."""
    watch = Watch(pid)
    thread = threading.Thread(target=watch.keep_looking, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.over.set()
        thread.join()


def _family(pid: int) -> list[int]:
    try:
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return []
    return [pid, *(one for child in children for one in _family(child))]


def _kind(command: bytes) -> str:
    words = command.replace(b"\0", b" ").decode(errors="replace")
    chromium = re.search(r"--type=(\S+)(?:.*--utility-sub-type=(\w+))?", words)
    if chromium:
        return chromium[2] or chromium[1]
    return words.split()[-1] if "-contentproc" in words else "browser"


def _ciphers(mebibytes: int, rounds: int) -> Iterator[Result]:
    with _served() as url, tempfile.TemporaryDirectory() as place:
        address = f"{url}#{mebibytes},{rounds}"
        yield from _or_skipped("decrypt in Chromium", lambda: _chromium_cipher(address, Path(place), mebibytes))
        for kind in (Firefox, WebKit):
            name = {Firefox: "Firefox", WebKit: "WebKitGTK"}[kind]
            measure = functools.partial(_cipher_of, kind, name, address, Path(place) / name, mebibytes)
            yield from _or_skipped(f"decrypt in {name}", measure)


def _chromium_cipher(address: str, place: Path, mebibytes: int) -> Result:
    with Chromium(place / "profile") as browser:
        browser.go(address)
        return _compared(
            "Chromium", browser.until("document.title.startsWith('{') && document.title", 600, 1), mebibytes
        )


def _cipher_of(kind: type[Engine], name: str, address: str, place: Path, mebibytes: int) -> Result:
    with kind(place) as browser:
        browser.go(address)
        end = time.monotonic() + 600
        while not (title := str(browser.run("return document.title"))).startswith("{"):
            if time.monotonic() > end:
                raise RuntimeError("it does not end")
            time.sleep(1)
        return _compared(name, title, mebibytes)


def _compared(name: str, title: str, mebibytes: int) -> Result:
    said = json.loads(title)
    if "error" in said:
        raise RuntimeError(said["error"])
    compared = Compared(tuple(Sample(one) for one in said["ours"]), tuple(Sample(one) for one in said["theirs"]))
    what = f"decrypt {mebibytes} MiB in {name} against `age-encryption`'s own stream"
    return ratio(ROW, what, compared, CIPHER[name], size=mebibytes * 1.048576)


@contextmanager
def _served() -> Iterator[str]:
    """The page that measures ciphers, at an address of this machine."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([node(), WEB / "tests" / "speed" / "build.mjs", folder], check=True)

        class Quiet(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/index.html"
        finally:
            server.shutdown()
            server.server_close()
