"""The script. It ends with 0 only when every step succeeded and every file came out unchanged."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
import sys
import time
from pathlib import Path

from infra.dev.demo import papers
from infra.dev.demo.stage import LANGUAGE, Person, ScriptError, free_port, opens_a_page, stage, vault

_CLIENT = "J. de Vries"
_LINK = re.compile(r"https?://\S+/s/[0-9a-f]{32}#\S+")
_SHARE = re.compile(r"revoke ([0-9a-f]{32})")
_PASSPHRASE = re.compile(r"^ {4}(\S.*\S)$", re.MULTILINE)
_UNAVAILABLE = 6
_NOT_NOW = 5
_EMAIL = "anna@debrug.example"
_FIVE_YEARS = "+1827d"
_GONE_WITHIN = 60.0


def main() -> int:
    """Play it; 0 on success."""
    try:
        with stage() as folder:
            port = free_port()
            _make_papers(folder / "coach")
            with vault(folder, port) as url:
                coach = _coach(folder, url)
                _set_up(coach, folder)
                _deposit(coach)
                _hand_over(coach, folder, url)
                _read_back(coach)
                link, dossier = _close(coach, folder)
            _forget(coach, folder, port, link, dossier)
            _in_the_browser(coach, folder, port)
    except ScriptError as error:
        print(f"\nNot as it should be: {error}", file=sys.stderr)
        return 1
    return 0


def _make_papers(folder: Path) -> None:
    (folder / "scans").mkdir(parents=True)
    papers.report(folder / "verslag.pdf", "Verslag", 4)
    papers.report(folder / "scans" / "plan van aanpak.pdf", "Plan van aanpak", 2)
    papers.scans(folder / "scans" / "scans.pdf")
    for path in _all(folder):
        _note(f"{path.relative_to(folder)}: {path.stat().st_size:,} bytes")


def _coach(folder: Path, url: str) -> Person:
    password = folder / "password"
    password.write_text(secrets.token_urlsafe(24) + "\n")
    password.chmod(0o600)
    environment = {
        "DOSSIER_URL": url,
        "DOSSIER_HOME": str(folder / "coach-home"),
        "DOSSIER_PASSWORD_FILE": str(password),
    }
    return Person("coach", folder / "coach", environment)


def _set_up(coach: Person, folder: Path) -> None:
    _step(
        "De directie richt de praktijk in, eenmalig, en meldt zich aan",
        "The director sets up the practice and signs in",
    )
    token, sheet = str(folder / "data" / "setup-token"), str(folder / "herstelblad.txt")
    practice = ["--practice", "Loopbaanpraktijk De Brug", "--email", _EMAIL]
    coach.types("dossier", "init", *practice, "--setup-token-file", token, "--sheet", sheet)
    coach.types("dossier", "login", "--email", _EMAIL)


def _deposit(coach: Person) -> None:
    _step("Een dossier met documenten: een bestand en een map", "A dossier, and in it a file and a folder")
    coach.types("dossier", "open", _CLIENT, "--purpose", "Loopbaanbegeleiding 2026")
    coach.types("dossier", "put", _CLIENT, "verslag.pdf", "scans")
    coach.types("dossier", "ls", _CLIENT)


def _hand_over(coach: Person, folder: Path, url: str) -> None:
    _step(
        "Een kopie voor de cliënt: de link langs de ene weg, de wachtwoordzin langs de andere",
        "A copy for the client: the link one way, the passphrase another",
    )
    answer = coach.types("dossier", "share", _CLIENT, "--to", "client", "--days", "14", "--max", "3", "--passphrase")
    link, share, passphrase = (_found(pattern, answer) for pattern in (_LINK, _SHARE, _PASSPHRASE))
    _step("De cliënt haalt het op, elders en zonder account", "The client picks it up elsewhere, without an account")
    client = _client(folder, url, passphrase)
    client.types("dossier", "get", link, "--out", "opgehaald", "--passphrase-file", "passphrase")
    _compare(coach.folder, client.folder / "opgehaald")
    _step("De begeleider ziet dat, en trekt de link in", "The coach sees that, and ends the share")
    coach.types("dossier", "ls", _CLIENT)
    coach.types("dossier", "revoke", share)
    again = ["--out", "nogmaals", "--passphrase-file", "passphrase"]
    client.types("dossier", "get", link, *again, expect=_UNAVAILABLE)
    if _all(client.folder / "nogmaals"):
        raise ScriptError("something was saved although the share had been revoked")


def _client(folder: Path, url: str, passphrase: str) -> Person:
    client = Person("client", folder / "client", {"DOSSIER_URL": url, "DOSSIER_HOME": str(folder / "client-home")})
    client.folder.mkdir()
    (client.folder / "passphrase").write_text(passphrase + "\n")
    return client


def _read_back(coach: Person) -> None:
    _step(
        "De begeleider leest iets terug, en neemt alles mee als gewone age-bestanden",
        "The coach reads something back, and takes everything out as ordinary age files",
    )
    coach.types("dossier", "cat", _CLIENT, "verslag.pdf", "--out", "gelezen.pdf")
    _same(coach.folder / "verslag.pdf", coach.folder / "gelezen.pdf")
    coach.types("dossier", "export", _CLIENT, "uitgevoerd")
    exported = [path for path in _all(coach.folder / "uitgevoerd") if path.suffix == ".age"]
    programs = [["dossier", "age"], *([["age"]] if shutil.which("age") else [])]
    for program in programs:
        for path in exported:
            original = next(coach.folder.rglob(path.name.removesuffix(".age")))
            opened = coach.folder / "geopend.pdf"
            inside = str(path.relative_to(coach.folder))
            coach.types(*program, "-d", "-i", "uitgevoerd/identity.txt", "-o", opened.name, inside)
            _same(original, opened)
            opened.unlink()
    if len(exported) != len([*coach.folder.glob("verslag.pdf"), *_all(coach.folder / "scans")]):
        raise ScriptError("not every document was exported")


def _close(coach: Person, folder: Path) -> tuple[str, str]:
    """Make one more link and copy records and objects, to try after the erasure; return link and dossier number."""
    _step(
        "Het traject eindigt: de bewaartermijn begint. Er blijft nog een link open, en iemand houdt een back-up",
        "The trajectory ends: the term begins. One more link stays open, and somebody keeps a backup",
    )
    answer = coach.types("dossier", "share", _CLIENT, "--to", "client", "--days", "90")
    coach.types("dossier", "close", _CLIENT)
    coach.types("dossier", "ls", _CLIENT)
    dossier = json.loads(coach.types("dossier", "ls", _CLIENT, "--json"))["dossier"]
    shutil.copytree(folder / "data" / "objects", folder / "backup" / "objects")
    for path in (folder / "data").glob("records.db*"):
        shutil.copy2(path, folder / "backup" / path.name)
    return _found(_LINK, answer), str(dossier)


def _forget(coach: Person, folder: Path, port: int, link: str, dossier: str) -> None:
    _step("Vijf jaar later vernietigt de kluis het dossier vanzelf", "Five years later the vault destroys it by itself")
    with vault(folder, port, clock=_FIVE_YEARS) as url:
        later = _later(coach, url)
        later.types("dossier", "login", "--email", _EMAIL)
        _wait_until_gone(later, dossier)
        later.types("dossier", "ls")
        later.types("dossier", "certificate", "get", dossier)
        certificate = next((folder / "coach-home" / "certificates").glob("*.json"))
        later.types("dossier", "certificate", "verify", str(certificate))
        later.types("dossier", "audit", "verify")
        _step("De oude link zegt alleen nog hoe stil het is", "The old link is worth nothing any more")
        _elsewhere(folder, url).types("dossier", "get", link, "--out", "te-laat", expect=_UNAVAILABLE)
    _step(
        "Zelfs een back-up van toen, met de sleutels van nu, opent niets",
        "Even a backup from then, with the keys of now, opens nothing",
    )
    shutil.copytree(
        folder / "data", folder / "restored", ignore=shutil.ignore_patterns("records.db*", "objects", "lock")
    )
    shutil.copytree(folder / "backup", folder / "restored", dirs_exist_ok=True)
    with vault(folder, port, data="restored") as url:
        restored = _later(coach, url, clock="")
        restored.types("dossier", "login", "--email", _EMAIL)
        restored.types("dossier", "cat", dossier, "verslag.pdf", "--out", "uit-de-backup.pdf", expect=None)
        # A store that was put back: the vault stands still, and a director would have to accept it.
        _elsewhere(folder, url).types("dossier", "get", link, "--out", "te-laat", expect=_NOT_NOW)
    if (coach.folder / "uit-de-backup.pdf").exists() or _all(folder / "elsewhere" / "te-laat"):
        raise ScriptError("something that was destroyed came back")


def _in_the_browser(coach: Person, folder: Path, port: int) -> None:
    """End with a vault that runs, and a link to open; at a terminal it waits until it was seen."""
    _step("Tot slot: de cliënt opent haar link in een browser", "At last: the client opens her link in a browser")
    environment = {**coach.environment, "DOSSIER_HOME": str(folder / "browser-home")}
    with vault(folder, port, data="browser") as url:
        again = Person(coach.name, coach.folder, {**environment, "DOSSIER_URL": url})
        token, sheet = str(folder / "browser" / "setup-token"), str(folder / "herstelblad-2.txt")
        practice = ["--practice", "Loopbaanpraktijk De Brug", "--email", _EMAIL]
        again.types("dossier", "init", *practice, "--setup-token-file", token, "--sheet", sheet)
        again.types("dossier", "login", "--email", _EMAIL)
        again.types("dossier", "open", _CLIENT, "--purpose", "Loopbaanbegeleiding 2026")
        again.types("dossier", "put", _CLIENT, "verslag.pdf", "scans")
        link = _found(_LINK, again.types("dossier", "share", _CLIENT, "--to", "client", "--days", "14", "--max", "3"))
        if not opens_a_page(link):
            _note(_text("de pagina's zijn niet gebouwd: make web", "the pages are not built: make web"))
        dutch = "Alles ging zoals gezegd; elk bestand kwam er uit zoals het erin ging. Open nu zelf, in een browser:"
        english = "Everything went as said, and every file came out as it went in. Now open, in a browser:"
        print("\n" + _text(dutch, english))
        print(f"\n    {link}\n", flush=True)
        if sys.stdin.isatty():
            input(_text("Met Enter stopt de kluis, en is alles weg. ", "Enter stops the vault, and all is gone. "))


def _later(coach: Person, url: str, clock: str = _FIVE_YEARS) -> Person:
    environment = {**coach.environment, "DOSSIER_URL": url}
    return Person(coach.name, coach.folder, environment | ({"DOSSIER_CLOCK_OFFSET": clock} if clock else {}))


def _elsewhere(folder: Path, url: str) -> Person:
    home = folder / "elsewhere"
    home.mkdir(exist_ok=True)
    return Person("somebody", home, {"DOSSIER_URL": url, "DOSSIER_HOME": str(home / "home")})


def _wait_until_gone(coach: Person, dossier: str) -> None:
    """Wait for the worker, which sweeps every few seconds."""
    deadline = time.monotonic() + _GONE_WITHIN
    while dossier in coach.asks("dossier", "ls", "--json"):
        if time.monotonic() > deadline:
            raise ScriptError("the dossier was not destroyed")
        time.sleep(1)


def _compare(sent: Path, received: Path) -> None:
    """Check that exactly the coach's files have arrived, unchanged."""
    before = sorted(_hash(path) for path in _all(sent))
    after = sorted(_hash(path) for path in _all(received))
    if before != after:
        raise ScriptError("what arrived is not what was sent")
    _note(_text(f"{len(after)} bestanden, bit voor bit gelijk", f"{len(after)} files, the same to the last bit"))


def _same(one: Path, other: Path) -> None:
    if _hash(one) != _hash(other):
        raise ScriptError(f"{other.name} is not {one.name}")
    _note(_text(f"dezelfde SHA-256 als {one.name}", f"the same SHA-256 as {one.name}"))


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _all(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    if found is None:
        raise ScriptError("the answer does not hold what it should")
    return found[found.re.groups]


def _step(dutch: str, english: str) -> None:
    print(f"\n— {_text(dutch, english)}", flush=True)


def _text(dutch: str, english: str) -> str:
    """The text in the language of the commands, which inherit our environment."""
    return english if LANGUAGE == "en" else dutch


def _note(text: str) -> None:
    print(f"  ({text})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
