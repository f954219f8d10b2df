"""The two catalogues in step: the same keys and holes, nothing that a browser could not fill in, no key too many."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.actors import NOW, memory_ports
from tests.health import checks
from vault.texts import catalogue

HERE = Path(catalogue.__file__).parent
ROOT = HERE.parent.parent
HOLE = re.compile(r"\{(\w+)\}")
LANGUAGES = get_args(catalogue.Language)
# What `tests/cli/terminal/test_details.py` and `tests/cli/terminal/test_failures.py` look at, and `test_every_verb_is_a_file` here.
# The rooms of the pages are looked at by `gateway/web/tests/texts`.
ELSEWHERE = ("details.", "failures.", "verbs.", "home_page.", "pickup_page.", "pickup_states.")
JARGON = re.compile(
    r"\b(end-to-end|ciphertext|plaintext|payload|nonce|blobs?|backend|endpoint|hash(es)?|cryptograph\w*|cryptograf\w*"
    r"|UUID|tokens?|string|null|exception|stack)\b",
    re.IGNORECASE,
)
OF_THE_FIELD = re.compile(r"set-up token|setup-token|--[a-z-]+")
# A link whose words are the secret has no door yet: `vault.sdk.shares.offer` asks for them.
ASKED_BY_THE_SDK = {"get.ask.locator"}


# What a device has seen is what finds a lying server out: no text says to throw it away.
THROWN_AWAY = re.compile(
    r"\b(delete|remove|erase|wipe|clear|verwijder|wis|gooi)\b[^.]*\b(pins|(?<!file init in )(?<!bestand init in )DOSSIER_HOME)\b",
    re.IGNORECASE,
)


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in node.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


@cache
def texts(spoken: str) -> dict[str, str]:
    return dict(leaves(json.loads((HERE / f"{spoken}.json").read_bytes())))


def keys() -> set[str]:
    """As the program asks for them: `{"one", "other"}` is one text."""
    return {key.removesuffix(".one").removesuffix(".other") for key in texts("nl")}


def test_there_is_a_file_for_each_language() -> None:
    assert {path.stem for path in HERE.glob("*.json")} == set(LANGUAGES)


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_a_file_is_written_one_way(spoken: str) -> None:
    """UTF-8, two blanks a level, one line end at the end, rooms by name, no key twice: a change is a line in a diff."""
    raw = (HERE / f"{spoken}.json").read_text(encoding="utf-8")
    pairs: list[list[str]] = []

    def once(found: list[tuple[str, Any]]) -> dict[str, Any]:
        pairs.append([name for name, _ in found])
        return dict(found)

    read = json.loads(raw, object_pairs_hook=once)
    assert raw == json.dumps(read, ensure_ascii=False, indent=2) + "\n"
    assert all(len(names) == len(set(names)) for names in pairs)
    assert list(read) == sorted(read)


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(texts("nl")) == list(texts("en"))


def test_both_languages_fill_in_the_same() -> None:
    for key, dutch in texts("nl").items():
        holes, of_english = set(HOLE.findall(dutch)), set(HOLE.findall(texts("en")[key]))
        if key.startswith("details."):
            assert holes <= of_english, key  # those of English are what is recognised
        elif not key.endswith(".one"):  # which may leave its number out: "once at most"
            assert holes == of_english, key


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_a_text_is_there_and_holds_names_alone(spoken: str) -> None:
    for key, text in texts(spoken).items():
        assert text, key
        assert text == text.lstrip(), key
        assert not re.search(r"[{}]", HOLE.sub("", text)), key
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text), key


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_no_text_speaks_jargon(spoken: str) -> None:
    for key, text in texts(spoken).items():
        if not key.startswith(("details.settings.", "details.supervisor.")):  # for those who run a server
            assert not JARGON.search(OF_THE_FIELD.sub("", text)), key


def test_a_text_with_a_number_has_both_forms() -> None:
    one, other = ({key.removesuffix(form) for key in texts("nl") if key.endswith(form)} for form in (".one", ".other"))
    assert one == other
    assert all("{count}" in texts(spoken)[f"{key}.other"] for key in other for spoken in LANGUAGES)


SAYING = ("vault/cli", "infra/supervisor")
NAMING = (*SAYING, "vault/sdk", "vault/flows", "gateway/routes")


@cache
def nodes(rooms: tuple[str, ...]) -> list[ast.AST]:
    paths = (path for room in rooms for path in sorted((ROOT / room).rglob("*.py")))
    return [node for path in paths for node in ast.walk(ast.parse(path.read_bytes()))]


def strings(rooms: tuple[str, ...]) -> set[str]:
    """Every string that is written down whole."""
    inside = {id(part) for node in nodes(rooms) if isinstance(node, ast.JoinedStr) for part in node.values}
    constants = [node for node in nodes(rooms) if isinstance(node, ast.Constant) and id(node) not in inside]
    return {node.value for node in constants if isinstance(node.value, str)}


def patterns(rooms: tuple[str, ...]) -> set[str]:
    """Every f-string, as a pattern whose holes are groups."""
    made = [node.values for node in nodes(rooms) if isinstance(node, ast.JoinedStr)]
    hole = r"([\w.-]+)"
    return {"".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else hole for p in parts) for parts in made}


def test_every_key_in_the_program_is_there() -> None:
    rooms = "|".join({key.partition(".")[0] for key in keys()})
    named = {text for text in strings(SAYING) if re.fullmatch(rf"({rooms})\.[a-z_.]+", text)}
    assert named - keys() == set()
    made = {pattern for pattern in patterns(SAYING) if re.match(rf"({rooms})\\\.", pattern)}
    assert [pattern for pattern in made if not any(re.fullmatch(pattern, key) for key in keys())] == []


def test_every_key_is_said_somewhere() -> None:
    """By its name, or by an f-string whose holes are words that the program knows."""
    known, made = strings(NAMING), [re.compile(pattern) for pattern in patterns(NAMING) if r"\." in pattern]
    known |= {f"{what}_not_signed" for what in known}  # `vault.sdk.erasures.certificate` puts that behind what was not

    def said(key: str) -> bool:
        found = (pattern.fullmatch(key) for pattern in made)
        return key in known or any(match and set(match.groups()) <= known for match in found)

    asked = {key for key in keys() if not key.startswith(ELSEWHERE)}
    assert {key for key in asked if not said(key)} == ASKED_BY_THE_SDK


def test_every_verb_is_a_file() -> None:
    """A verb is its file and its line in the two catalogues; `dossier --help` and completion follow from those."""
    verbs = catalogue.room("verbs", "nl")
    modules = {path.stem for path in (ROOT / "vault/cli").glob("*.py") if "\ndef add_arguments(" in path.read_text()}
    assert {verb.replace("-", "_") for verb in verbs} == modules | {"age", "age_keygen"}


def test_a_text_is_filled_in_once() -> None:
    assert catalogue.fill("{a} {b} {c}", {"a": "{b}", "b": 2}) == "{b} 2 {c}"


def test_the_number_chooses_the_form() -> None:
    assert "once at most" in catalogue.text("share.made", "en", documents=1, until="x", count=1)
    assert "3 times at most" in catalogue.text("share.made", "en", documents=1, until="x", count=3)


def test_a_key_that_is_missing_ends_no_command() -> None:
    assert catalogue.lookup("put.nothing_like_it", "nl") is None
    assert catalogue.lookup("put.stored.deeper", "nl") is None
    assert catalogue.lookup("put", "nl") is None
    assert catalogue.text("put.nothing_like_it", "nl") == "put.nothing_like_it"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "nl"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "C"}, "nl"),
        ({"LANG": "en_GB", "DOSSIER_LANG": "nl"}, "nl"),
    ],
)
def test_dutch_unless_the_machine_speaks_english(
    environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DOSSIER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert catalogue.language() == expected
    assert catalogue.language("en") == "en"


def test_every_check_of_the_server_has_words() -> None:
    """`/readyz` names its checks; `dossier doctor` shows each by the text of that name."""
    named = {check.name for check in checks(memory_ports(), NOW)}
    assert named <= set(json.loads((HERE / "nl.json").read_bytes())["doctor"]["check"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_advises_to_throw_away_what_a_device_has_seen(language: catalogue.Language) -> None:
    texts = json.loads((HERE / f"{language}.json").read_text(encoding="utf-8"))
    assert THROWN_AWAY.search("Delete your pins.")
    assert [path for path, text in leaves(texts) if THROWN_AWAY.search(text)] == []
