"""The images: built from what is locked, holding what the wheel holds and no more."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

from tests.infra import locks
from tests.infra.compose import OURS, ROOT, services

FILE = ROOT / "infra" / "images" / "Dockerfile"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
_UNTRACKED = shutil.ignore_patterns("__pycache__", "node_modules")
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


def stages() -> dict[str, str]:
    """The text of each stage, lines that go on joined."""
    text = re.sub(r"\\\n\s*", " ", FILE.read_text())
    parts = re.split(r"^FROM (\S+) AS (\S+)$", text, flags=re.MULTILINE)[1:]
    return {parts[n + 1]: f"FROM {parts[n]}\n{parts[n + 2]}" for n in range(0, len(parts), 3)}


def copied() -> list[str]:
    """What is copied from the project's folder, in any stage."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", re.sub(r"\\\n\s*", " ", FILE.read_text()), flags=re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def normal(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def test_an_image_has_what_the_vault_needs_and_nothing_that_only_tests_need():
    installed = {line.name for line in locks.read((ROOT / "infra" / "locks" / "run.lock").read_text())}
    assert {normal(each) for each in PROJECT["project"]["dependencies"]} <= installed
    assert (
        not {normal(each) for each in PROJECT["project"]["optional-dependencies"]["dev"]} - {"sqlalchemy"} & installed
    )


def test_the_wheel_is_whole_when_built_from_what_the_image_copies(tmp_path):
    source = tmp_path / "source"
    for name in copied():
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=_UNTRACKED, dirs_exist_ok=True)
        else:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    build = [
        sys.executable,
        "-P",
        "-m",
        "hatchling",
        "build",
        "--target",
        "wheel",
        "--directory",
        str(tmp_path / "out"),
    ]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    (wheel,) = (tmp_path / "out").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
        entries = next(archive.read(name).decode() for name in held if name.endswith("entry_points.txt"))
    assert "dossier = vault.cli.main:run" in entries
    files = (path.relative_to(ROOT) for name in PACKAGES for path in (ROOT / name).rglob("*") if path.is_file())
    meant = {str(path) for path in files if not {"__pycache__", "node_modules"} & set(path.parts)}
    # The pages travel as they were built.
    sources = {name for name in meant if name.startswith("gateway/web/") and not name.startswith("gateway/web/built/")}
    developers = {name for name in meant if name.startswith("infra/dev/")} | sources
    assert meant - developers <= held
    assert not developers & held


def test_the_builder_is_sent_what_is_copied_and_neither_data_nor_secrets():
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert {source.split("/")[0] for source in copied()} == let_in


def test_what_serves_holds_no_sources_no_installer_and_no_root():
    final = stages()["vault"]
    assert re.findall(r"^COPY (.*)$", final, flags=re.MULTILINE) == ["--from=built /opt/vault /opt/vault"]
    assert "pip uninstall" in final
    for target in ("vault", "objects", "proxy"):
        user = re.findall(r"^USER (\S+)$", stages()[target], flags=re.MULTILINE)[-1]
        users = {service["user"] for service in services().values() if service.get("build", {}).get("target") == target}
        assert users == {user}


def test_what_is_installed_is_checked_by_hash_and_never_built():
    for line in re.findall(r"pip\S*(?: --python \S+)? install [^&\n]*", stages()["built"]):
        words = set(line.split())
        assert "--no-deps" in words
        assert {"--require-hashes", "--only-binary"} <= words or "--no-index" in words
    assert "pip --python /opt/vault/bin/python check" in stages()["built"]


def test_the_image_starts_a_command_that_there_is():
    (words,) = re.findall(r"^CMD \[(.*)\]$", stages()["vault"], flags=re.MULTILINE)
    assert words == '"dossier", "serve"'
    assert "dossier" in PROJECT["project"]["scripts"]
    assert (ROOT / "vault/cli/serve.py").exists()
    assert {services()[name]["command"][0] for name in OURS} == {"python"}


def test_bases_are_named_by_version_and_without_a_host():
    bases = [text.splitlines()[0].removeprefix("FROM ") for text in stages().values()]
    assert len(bases) == 5
    for base in bases:
        name, _, tag = base.rpartition(":")
        assert re.match(r"v?\d+\.\d+\.\d+", tag), base
        assert "." not in name.split("/")[0], base
