"""Installs the packages to run, for the demo or for tests: `python3 infra/install.py run|demo|test [FOLDER]`.

It fills a virtual environment (`.venv`) from the locks, by hash and without resolving. A complete environment is left
alone; an incomplete one is made anew. It needs only Python.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

# A Python that is too old must be able to parse this file, in order to say so: no syntax newer than 3.6.
if sys.version_info < (3, 11):  # noqa: UP036 - not yet installed, so nobody has asked before
    sys.exit(
        f"This is Python {sys.version.split()[0]}; the vault needs 3.11 or newer. "
        "Install one and name it, for example:\n"
        "  make PYTHON=python3.12 run"
    )

import fcntl

ROOT = Path(__file__).resolve().parents[1]
WHOLE, LOCKS = ROOT / "requirements.lock", ROOT / "infra" / "locks"
KINDS = {
    "run": (LOCKS / "run.lock", LOCKS / "build.lock"),
    "demo": (LOCKS / "run.lock", LOCKS / "build.lock", LOCKS / "demo.lock"),
    "test": (WHOLE,),
}
FAILED, NOT_NOW, INTERRUPTED = 1, 5, 130
_QUIET_FOR = 10.0
# Settings of pip that would install packages elsewhere.
_ELSEWHERE = {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PYTHONHOME", "PYTHONPATH"}

TEXTS = {
    "venv": (
        "een virtuele omgeving maken in {0}, met Python {1}",
        "making a virtual environment in {0}, with Python {1}",
    ),
    "anew": (
        "wat er lag was niet af of hoort elders; het wordt opnieuw gemaakt",
        "what was there was half made or belongs elsewhere; it is made anew",
    ),
    "fetch": ("{0} pakketten halen en op hun hash controleren", "fetching {0} packages, each checked by its hash"),
    "fetched": ("{0} van {1} pakketten", "{0} of {1} packages"),
    "unpack": ("uitpakken", "unpacking"),
    "project": ("de kluis zelf erbij zetten", "adding the vault itself"),
    "compile": ("vertalen, zodat elke start snel is", "compiling, so that every start is quick"),
    "check": ("nagaan of alles bij elkaar past", "checking that everything fits together"),
    "done": ("geïnstalleerd", "installed"),
    "waiting": (
        "er wordt hier al geïnstalleerd; wachten tot dat klaar is",
        "another set-up is under way here; waiting for it",
    ),
    "no_venv": (
        "Deze Python ({0}) kan geen virtuele omgeving maken. Op Debian en Ubuntu: apt-get install python3-venv",
        "This Python ({0}) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv",
    ),
    "path": (
        "In een map met “{1}” in haar naam werkt geen virtuele omgeving: {0}. Geef de map een andere naam.",
        "No virtual environment works in a folder with “{1}” in its name: {0}. Give the folder another name.",
    ),
    "read_only": (
        (
            "In {0} kan niet worden geschreven, en er is nog niets geïnstalleerd. Neem een kopie in een map van uzelf, "
            'of typ: make VENV="$HOME/dossier-venv" run (met DOSSIER_DATA voor de gegevens).'
        ),
        (
            "Nothing can be written in {0}, and nothing is installed yet. Take a copy in a folder of your own, "
            'or type: make VENV="$HOME/dossier-venv" run (with DOSSIER_DATA for the data).'
        ),
    ),
    "other": (
        "In {0} staan andere dingen dan een virtuele omgeving; er is niets aan gedaan. Kies met VENV een andere map.",
        "{0} holds other things than a virtual environment, and was left alone. Choose another folder with VENV.",
    ),
    "interrupted": (
        "Onderbroken. Er ging niets verloren: hetzelfde commando gaat verder of begint zo nodig opnieuw.",
        "Interrupted. Nothing was lost: the same command goes on, or begins anew where it must.",
    ),
    "full": (
        "De schijf van {0} is vol. Maak ruimte, en geef hetzelfde commando.",
        "The disk of {0} is full. Make room, then give the same command.",
    ),
    "network": (
        "De pakketten zijn niet te bereiken. Is er een netwerk? Geef dan hetzelfde commando opnieuw.",
        "The packages cannot be reached. Is there a network? Then give the same command again.",
    ),
    "hashes": (
        "Een pakket is niet dat wat op slot staat, en werd niet geïnstalleerd. Vertrouw het niet, en vraag na waarom.",
        "A package is not the one that was locked, and was not installed. Do not trust it, and ask why.",
    ),
    "none_fits": (
        "Voor deze machine of deze Python ({0}) is een pakket er niet. Beloofd zijn Python 3.11 tot en met 3.14.",
        "A package does not exist for this machine or this Python ({0}). Promised are Python 3.11 to 3.14.",
    ),
    "failed": ("Het installeren lukte niet. Wat {0} ervan zei:", "The set-up failed. What {0} said of it:"),
}
# Patterns of pip's failures; the first match is reported.
SIGNS = (
    ("full", NOT_NOW, ("No space left on device", "Disk quota exceeded")),
    ("hashes", FAILED, ("DO NOT MATCH THE HASHES",)),
    ("network", NOT_NOW, ("connection broken by", "ConnectionError", "Max retries exceeded", "timed out", "SSLError")),
    ("none_fits", FAILED, ("No matching distribution found", "is not a supported wheel", "Could not find a version")),
)


class Refusal(Exception):  # noqa: N818 - most are no error of anybody's
    """The reason for stopping, as a sentence, and the exit code."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.code = code


def main(argv: list[str]) -> int:
    """Install; return the exit code. Failures are printed as a sentence."""
    began = time.monotonic()
    try:
        kind, venv = argv[0], Path(argv[1] if argv[1:] else ROOT / ".venv").absolute()
        Installing(kind, venv, began).run()
    except KeyboardInterrupt:
        _say("\n" + text("interrupted"))
        return INTERRUPTED
    except Refusal as refusal:
        _say(str(refusal))
        return refusal.code
    except OSError as error:
        _say(f"{error.strerror}: {error.filename or ''}")
        return FAILED
    return 0


class Installing:
    """One run."""

    def __init__(self, kind: str, venv: Path, began: float) -> None:
        self._kind = kind
        self._venv = venv
        self._python = venv / "bin" / "python"
        self._busy = venv / ".busy"
        self._place = venv / ".place"
        self._began = began
        self._digest = self._digest_of_all()

    def run(self) -> None:
        """Install unless everything matches the locks."""
        if self._is_done():
            return
        self._check_place()
        with self._alone():
            if self._is_done():  # by another installation, while this one waited
                return
            if not self._usable():
                self._make()
            self._fill()
            self._stamp(self._kind).write_text(self._digest)
            self._step("done")

    def _stamp(self, kind: str) -> Path:
        return self._venv / f".installed-{kind}"

    def _is_done(self) -> bool:
        """Whether the environment suffices: one for tests serves everything, one for the demo also serves `run`."""
        enough = {"run": ("run", "demo", "test"), "demo": ("demo", "test"), "test": ("test",)}[self._kind]
        if self._busy.exists() or not self._python.exists():
            return False
        return any(_read(self._stamp(kind)) == self._digest for kind in enough) and self._is_ours()

    def _is_ours(self) -> bool:
        """Whether it was made for this path: its commands and the path to our sources are absolute."""
        return _read(self._place) in {"", self._where()}

    def _where(self) -> str:
        return f"{self._venv}\n{ROOT}\n{'.'.join(map(str, sys.version_info[:2]))}\n"

    def _digest_of_all(self) -> str:
        files = (WHOLE, *sorted(LOCKS.glob("*.lock")), ROOT / "pyproject.toml")
        return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()

    def _check_place(self) -> None:
        for sign in (os.pathsep, "\n"):
            if sign in str(self._venv):
                raise Refusal(text("path", self._venv, sign))
        try:
            import ensurepip  # noqa: F401, PLC0415 - Debian has it in a package of its own
            import venv  # noqa: F401, PLC0415
        except ImportError as error:
            raise Refusal(text("no_venv", sys.executable)) from error
        existing = self._venv if self._venv.exists() else self._venv.parent
        if not os.access(existing, os.W_OK):
            raise Refusal(text("read_only", existing))

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """A lock on the folder: one installation at a time; released with the process, and leaves no file."""
        handle = os.open(self._venv.parent, os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._step("waiting")
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _usable(self) -> bool:
        """Whether it is complete, made for this path, and its Python and pip run."""
        if self._busy.exists() or not self._is_ours() or not (self._venv / "pyvenv.cfg").exists():
            return False
        asks = [str(self._python), "-I", "-c", "import sys, pip; print(sys.version_info >= (3, 11))"]
        try:
            return subprocess.run(asks, capture_output=True, check=False).stdout.strip() == b"True"
        except OSError:
            return False

    def _make(self) -> None:
        if self._venv.exists():
            if any(self._venv.iterdir()) and not (self._busy.exists() or (self._venv / "pyvenv.cfg").exists()):
                raise Refusal(text("other", self._venv))
            self._step("anew")
            shutil.rmtree(self._venv)
        self._step("venv", os.path.relpath(self._venv), ".".join(map(str, sys.version_info[:3])))
        self._venv.mkdir()
        self._busy.touch()
        self._run("venv", [sys.executable, "-I", "-m", "venv", str(self._venv)])
        self._place.write_text(self._where())
        self._busy.unlink()

    def _fill(self) -> None:
        locks = KINDS[self._kind]
        count = sum(line[:1].isalnum() for path in locks for line in path.read_text().splitlines())
        self._step("fetch", count)
        wanted = [word for path in locks for word in ("--requirement", str(path))]
        # Compiled below on every core; pip would use one.
        exactly = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile", "--progress-bar", "off"]
        before = self._state()
        self._busy.touch()
        try:
            self._pip("install", *exactly, *wanted, count=count)
            self._step("project")
            self._pip("install", "--no-deps", "--no-index", "--no-build-isolation", "--editable", str(ROOT))
            if self._kind != "test":
                self._step("compile")
                self._run(
                    "compileall",
                    [str(self._python), "-I", "-m", "compileall", "-q", "-j", "0", str(self._venv / "lib")],
                )
        except BaseException:
            if self._state() == before:  # nothing was begun: the old environment is unchanged
                self._busy.unlink()
            raise
        self._step("check")
        self._pip("check")
        self._busy.unlink()

    def _state(self) -> list[int]:
        """A fingerprint that changes when a package is added or removed."""
        return [path.stat().st_mtime_ns for path in (*self._venv.glob("lib/python*/site-packages"), self._venv / "bin")]

    def _pip(self, *words: str, count: int = 0) -> None:
        self._run("pip", [str(self._python), "-I", "-m", "pip", *words], count)

    def _run(self, name: str, command: list[str], count: int = 0) -> None:
        """Run a command to its end; raise Refusal, with the reason found in its output, when it fails."""
        environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
        environment.update(PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
        with subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        ) as process:
            try:
                said = self._listen(process, count)
                code = process.wait()
            except KeyboardInterrupt:  # the child got the signal too, and may need a moment to clean up
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(5)
                process.kill()
                raise
        if code in {-2, INTERRUPTED}:
            raise KeyboardInterrupt
        if code:
            raise self._why(name, said)

    def _listen(self, process: "subprocess.Popen[bytes]", count: int) -> str:
        """Collect the command's output; show progress now and then."""
        said, fetched, told = [], 0, time.monotonic()
        for raw in process.stdout or ():
            line = raw.decode(errors="replace")
            said.append(line)
            fetched += line.startswith("Collecting ")
            if count and line.startswith("Installing collected packages"):
                self._step("unpack")
                count = 0
            elif count and time.monotonic() - told > _QUIET_FOR:
                told = time.monotonic()
                self._step("fetched", fetched, count)
        return "".join(said)

    def _why(self, name: str, said: str) -> Refusal:
        for key, code, signs in SIGNS:
            if any(sign in said for sign in signs):
                detail = self._venv if key == "full" else sys.version.split()[0]
                return Refusal("\n".join([text(key, detail), *_errors(said)]), code)
        return Refusal("\n".join([text("failed", name), *(_errors(said) or said.splitlines()[-5:])]))

    def _step(self, key: str, *values: object) -> None:
        _say(f"[{time.monotonic() - self._began:5.1f} s] {text(key, *values)}")


def text(key: str, *values: object) -> str:
    """The text, in Dutch unless the locale is English, like the `dossier` command."""
    names = (os.environ.get(name, "")[:2].lower() for name in ("DOSSIER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
    spoken = next((name for name in names if name in {"nl", "en"}), "nl")
    return TEXTS[key][spoken == "en"].format(*values)


def _errors(said: str) -> list[str]:
    """The last error lines of pip."""
    return [f"  {line}" for line in said.splitlines() if line.startswith("ERROR:")][-3:]


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
