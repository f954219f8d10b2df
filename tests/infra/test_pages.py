"""The pages are built once for each change; what is missing for it is said, and keeps no vault from running."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from infra import pages


class Machine:
    """What is run, and what it leaves behind."""

    def __init__(self, built: Path) -> None:
        self.ran: list[str] = []
        self.fails = ""
        self._built = built

    def __call__(self, command: list[str]) -> subprocess.CompletedProcess[bytes]:
        name = next(word for word in ("ci", "build.mjs", "pip") if word in command)
        self.ran.append(name)
        if name == "build.mjs" and self.fails != name:
            self._built.mkdir(exist_ok=True)
            (self._built / "manifest.json").write_text("{}")
        return subprocess.CompletedProcess(command, int(self.fails == name), b"it is broken")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    web = tmp_path / "gateway" / "web"
    for name in ("gateway/web/src/main.ts", "gateway/web/node_modules/x.js", *pages.BESIDE):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    monkeypatch.setenv("DOSSIER_LANG", "en")
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    monkeypatch.setattr(pages, "WEB", web)
    monkeypatch.setattr(pages, "BUILT", web / "built")
    monkeypatch.setattr(pages, "tools", lambda _: ("node", ["npm"]))
    made = Machine(web / "built")
    monkeypatch.setattr(pages, "_run", made)
    return made


def run(capsys: pytest.CaptureFixture[str]) -> str:
    assert pages.main([]) == 0
    return capsys.readouterr().err


def test_they_are_built_once_for_each_change(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert "the pages are built" in run(capsys)
    assert machine.ran == ["ci", "build.mjs"]
    assert run(capsys) == ""
    (pages.WEB / "node_modules" / "y.js").write_text("not a source")
    assert run(capsys) == ""
    (pages.ROOT / pages.BESIDE[0]).write_text("another text")
    assert "the pages are built" in run(capsys)


def test_packages_are_fetched_again_when_an_update_brought_others(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    lock, there = pages.WEB / "package-lock.json", pages.WEB / "node_modules" / ".package-lock.json"

    def locked(version: str) -> str:
        packages = {"": {}, "node_modules/vite": {"version": version}, "node_modules/x": {"version": "1", "dev": True}}
        return json.dumps({"packages": packages})

    lock.write_text(locked("8.3.8"))
    there.write_text(json.dumps({"packages": {"node_modules/vite": {"version": "8.3.8"}}}))
    run(capsys)
    assert machine.ran == ["build.mjs"], "what is there is what the lock says"
    lock.write_text(locked("8.4.0"))
    run(capsys)
    assert machine.ran == ["build.mjs", "ci", "build.mjs"]


@pytest.mark.parametrize(
    ("fails", "said"), [("ci", "npm's packages cannot be fetched"), ("build.mjs", "the build failed")]
)
def test_what_is_missing_is_said_and_the_vault_runs(
    machine: Machine, capsys: pytest.CaptureFixture[str], fails: str, said: str
) -> None:
    machine.fails = fails
    text = run(capsys)
    assert said in text
    assert "it is broken" in text, "why, in the words of the program that failed"
    assert "The vault works" in text
    assert not pages.is_built()


def test_a_checkout_that_cannot_be_written_has_none(
    machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "nothing can be written" in run(capsys)
    assert machine.ran == []


def test_a_build_that_is_interrupted_says_so_by_its_code(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pages, "build", interrupted)
    assert pages.main([]) == 130
    assert machine.ran == []


def tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, found: str | None) -> tuple[str, list[str]]:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(node) if name == "node" else "/usr/bin/npm")
    monkeypatch.setattr(pages, "_of_wheel", lambda _: found)
    monkeypatch.setattr(pages, "_run", lambda command: subprocess.CompletedProcess(command, 1, b""))
    return pages.tools(tmp_path)


def test_the_machines_node_is_taken_where_it_is_new_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert tools(monkeypatch, tmp_path, "v20.19.0", None)[1] == ["/usr/bin/npm"]
    node, npm = tools(monkeypatch, tmp_path, "v20.18.9", "/wheel/node")
    assert (node, npm[0]) == ("/wheel/node", str(tmp_path / "bin" / "python"))
    for version in ("v18.0.0", "nothing"):
        with pytest.raises(pages.Without):
            tools(monkeypatch, tmp_path, version, None)


def test_the_node_of_a_wheel_is_found_where_it_is_installed(tmp_path: Path) -> None:
    assert pages._of_wheel(tmp_path / "python") is None
    found = pages._of_wheel(Path(sys.executable))
    assert found is None or Path(found).exists()
