"""What is raised in English can be said in Dutch: no sentence is forgotten, and none is kept that nobody says."""

from __future__ import annotations

import ast
import errno
import importlib
import os
import pkgutil
import re
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import infra.supervisor
import vault.adapters
import vault.sdk
import vault.settings
from gateway.http.failures import CATALOGUE
from tests.texts.test_catalogue import leaves
from vault.cli.terminal.details import in_dutch
from vault.domain.positions import Fault, Finding, StoreName
from vault.errors import VaultError
from vault.flows.positions import saying
from vault.texts import catalogue

ROOT = Path(__file__).parents[3]
ROOMS = (
    "vault/sdk",
    "vault/settings",
    "infra/supervisor",
    "infra/backup",
    "vault/cli",
    "vault/adapters/sql",
    "vault/boxes.py",
    "vault/files.py",
)
# Where lists get their reasons: what does not verify is named beside the rest.
SIGNED = ("vault/records", "vault/rules")
# What a start asks of the engines; what they refuse later stands in the server's log, in English.
AT_START = (
    "vault/adapters/installation.py",
    "vault/adapters/objects_s3/connection.py",
    "vault/flows/positions/adopting.py",
    "vault/flows/positions/saying.py",
    "workers/outside_broker.py",
)
# Recognised but raised elsewhere: by argparse, by the server, as a part of another sentence.
FOREIGN = (
    "stores.",
    "health.",
    "arguments.",
    "words.",
    "system.",
    "engines.of.",
    "settings.strange_alike",
    "settings.s3_lacks",
)
# Whose sentence is of the format, of the server, or a reason that no user sees as it is.
OTHERWISE = {"RecordError", "ApiError", "DamagedDocumentError", "FileFailedError"}


@cache
def codes() -> dict[str, str]:
    """The stable code of every class of error."""
    for package in (vault.sdk, vault.settings, vault.adapters, infra.supervisor):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    classes, found = [VaultError], {}
    while classes:
        kind = classes.pop()
        classes += kind.__subclasses__()
        found[kind.__name__] = kind.code if isinstance(getattr(kind, "code", None), str) else VaultError.code
    return found


def files(room: str) -> list[Path]:
    place = ROOT / room
    return sorted(place.rglob("*.py")) if place.is_dir() else [place]


def sentence(node: ast.expr | None, constants: dict[str, ast.expr]) -> str | None:
    """What is written there, with `7` for what is not known yet; None for what is made elsewhere."""
    if isinstance(node, ast.Name):
        node = constants.get(node.id)
    if isinstance(node, ast.BoolOp):
        node = node.values[-1]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_part, node.values))
    return None


def _part(part: ast.expr) -> str:
    value = part.value if isinstance(part, ast.FormattedValue) else part
    value = value.body if isinstance(value, ast.IfExp) else value  # "is" or "are"
    return str(value.value) if isinstance(value, ast.Constant) else "7"


def raised() -> Iterator[tuple[str, str, str]]:
    """Where, "message" or "advice", and the sentence."""
    for room in (*ROOMS, *AT_START):
        for path in files(room):
            if path.name.startswith("age"):
                continue  # programs of their own, in English as age is
            yield from raised_in(path)


def raised_in(path: Path) -> Iterator[tuple[str, str, str]]:
    tree = ast.parse(path.read_bytes())
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    constants = {target.id: node.value for node in assigned for target in node.targets if isinstance(target, ast.Name)}
    # A class that writes its own sentence does so in `super().__init__`.
    of_class = {
        id(call): node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for call in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        name = of_class.get(id(node), "") if name == "super().__init__" else name.rpartition(".")[2]
        if name not in codes() or not node.args:
            continue
        message = sentence(node.args[0], constants) if name not in OTHERWISE else None
        holds_detail = "{detail}" in str(catalogue.lookup(f"failures.{codes()[name]}.message", "nl"))
        if message and holds_detail and re.search("[a-z]{3} ", message):
            yield f"{path.name}:{node.lineno}", "message", message
        for keyword in node.keywords:
            advice = sentence(keyword.value, constants) if keyword.arg == "advice" else None
            if advice:
                yield f"{path.name}:{node.lineno}", "advice", advice


def test_every_sentence_that_is_raised_is_known_in_dutch() -> None:
    found = list(raised())
    assert len(found) > 100
    unknown = [one for one in found if in_dutch(one[2]) is None and in_dutch(one[2].removesuffix("7")) is None]
    assert [one for one in unknown if re.search(r"[a-z] [a-z]", one[2].removeprefix("dossier "))] == []


def test_every_reason_why_something_does_not_verify_is_known_in_dutch() -> None:
    found = [
        (f"{path.name}:{node.lineno}", sentence(node.args[0], {}))
        for path in (path for room in SIGNED for path in files(room))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in codes() and node.args
    ]
    assert len(found) > 80
    assert [one for one in found if one[1] is not None and in_dutch(one[1]) is None] == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.ENOENT, errno.EROFS, errno.EDQUOT, errno.EIO])
def test_what_the_machine_refuses_is_known_in_dutch(number: int) -> None:
    assert in_dutch(os.strerror(number)) is not None


def test_what_is_wrong_with_a_store_is_known_in_dutch() -> None:
    for finding in (Finding(store, fault) for store in StoreName for fault in Fault):
        assert in_dutch(saying.told((finding,))) not in {None, saying.told((finding,))}
        assert "RUNBOOK" not in saying.told((finding,)) or "RUNBOOK" in str(in_dutch(saying.told((finding,))))
        if finding.fault is not Fault.BEHIND:
            assert in_dutch(f"{saying.said(finding)[0]}; nothing was started") is not None


def test_no_sentence_is_kept_that_nobody_says() -> None:
    text = " ".join(
        str(node.value)
        for room in (*ROOMS, *AT_START, *SIGNED, "vault/adapters")
        for path in files(room)
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Constant)
    )
    text += " ".join(f"{failure.title}." for failure in CATALOGUE.values())
    for key, english in leaves(catalogue.room("details", "en")):
        if not key.startswith(FOREIGN):
            longest = max(catalogue.fill(english, dict.fromkeys(_holes(english), "\0")).split("\0"), key=len)
            assert longest.strip() in text, key


def _holes(text: str) -> list[str]:
    return [part.partition("}")[0] for part in text.split("{")[1:]]


@pytest.mark.parametrize(
    ("english", "dutch"),
    [
        ("A link may live from 1 to 30 days.", "een link mag 1 tot 30 dagen werken."),
        (
            "a dossier's purpose is one line of 1 to 200 bytes",
            "het doel van een dossier is één regel van 1 tot 200 bytes",
        ),
        ("argument --days: invalid int value: 'x'", "--days moet een getal zijn, niet 'x'"),
        (
            "the erasure cannot be taken back: shredded",
            "de vernietiging kan niet worden teruggenomen: de sleutels zijn vernietigd",
        ),
        ("records, as the worker: the database is busy", "gegevens, als worker: de database is bezig"),
        ("purpose is not a folder.", "purpose is geen map."),
        ("this sentence is nobody's", None),
        ("", None),
    ],
)
def test_a_sentence_is_said_in_dutch_with_what_it_names(english: str, dutch: str | None) -> None:
    assert in_dutch(english) == dutch


def test_a_server_cannot_keep_the_command_busy_with_words() -> None:
    """Every sentence is tried on what a server sends, and a sentence with three holes has many ways to fit."""
    parts = [catalogue.fill(english, {}) for _, english in leaves(catalogue.room("details", "en"))]
    started = time.process_time()
    for part in parts:
        literals = [piece.partition("}")[2] for piece in part.split("{")[1:]]
        hostile = "x" + "".join(literal * 200 for literal in literals)
        in_dutch(hostile[:999])
        in_dutch(hostile * 100)
    assert time.process_time() - started < 20
