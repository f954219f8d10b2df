"""A file name from somebody else stays one harmless component; a file that is there is never overwritten."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sdk.device import name_vectors
from vault.sdk.device.names import (
    MAX_DEPTH,
    MAX_SAVED,
    MAX_SAVED_FOLDER,
    Places,
    UnusableNameError,
    check_folder,
    check_name,
    numbered,
    safe_folder,
    safe_name,
)


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "__.._etc_passwd"),
        ("..", "_"),
        ("", "document"),
        (" . ", "_"),
        (".bashrc", "_bashrc"),
        ("a\x00b\x1b[2J\n.txt", "ab[2J.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("tekst\u2066\u2069\u200f.doc", "tekst.doc"),
        ("C:\\temp\\x", "C__temp_x"),
        ("con", "_con"),
        ("NUL.txt", "_NUL.txt"),
        ("Com1 .log", "_Com1 .log"),
        ("LPT\u00b9", "_LPT\u00b9"),
        ("console.txt", "console.txt"),
        ("einde. . ", "einde"),
        ("\U0001f600 foto.jpg", "\U0001f600 foto.jpg"),
        ("e\u0301t\u00e9.pdf", "\u00e9t\u00e9.pdf"),
        ('a*b?c|d<e>f"g', "a_b_c_d_e_f_g"),
        ("fac\u200btuur\u00ad\u180e\ufff9.pdf", "factuur.pdf"),
        ("factuur\U000e0065\U000e0078\U000e0065.pdf", "factuur.pdf"),
        ("\u3164\u2800\u115f", "document"),
        ("\u0646\u0627\u0645\u0647\u200c\u0647\u0627.pdf", "\u0646\u0627\u0645\u0647\u200c\u0647\u0627.pdf"),
        ("\U0001f469\u200d\U0001f4bb.txt", "\U0001f469\u200d\U0001f4bb.txt"),
        ("-rf", "_rf"),
        ("-", "_"),
        (" .--x", "_x"),
        ("com1." + "x" * 225, "_com1." + "x" * 224),
    ],
)
def test_a_hostile_name_is_made_harmless(name: str, saved: str) -> None:
    assert safe_name(name) == saved


def test_an_overlong_name_keeps_its_extension_and_whole_characters() -> None:
    saved = safe_name("\U0001f600" * 200 + ".pdf")
    assert saved.endswith(".pdf")
    assert len(saved.encode()) <= MAX_SAVED


@given(st.text())
def test_every_saved_name_is_one_component_and_stays_as_it_is(name: str) -> None:
    saved = safe_name(name)
    assert saved not in {"", ".", ".."}
    assert Path(saved).name == saved
    assert len(saved.encode()) <= MAX_SAVED + 1
    assert not saved.startswith((".", "-"))
    assert saved.isprintable() or any(ord(c) > 127 for c in saved)
    assert safe_name(saved) == saved


def test_a_folder_never_leaves_the_one_it_is_saved_in() -> None:
    assert safe_folder("../a//b/../CON") == Path("_/a/b/_/_CON")
    assert safe_folder("") == Path()


def test_a_folder_is_never_too_deep_to_be_made(tmp_path: Path) -> None:
    for hostile in ("a/" * 2000, "/".join(["lang" * 60] * 16), "\U0001f600/" * 1000):
        folder = safe_folder(hostile)
        assert 0 < len(folder.parts) <= MAX_DEPTH
        assert len(folder.as_posix().encode()) <= MAX_SAVED_FOLDER
        (tmp_path / folder).mkdir(parents=True)
    assert safe_folder("a/" * MAX_DEPTH) == Path("a/" * MAX_DEPTH)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a\x00b", "a\ud800", "x" * 1001])
def test_a_name_that_cannot_be_kept_is_refused(name: str) -> None:
    with pytest.raises(UnusableNameError):
        check_name(name)


@pytest.mark.parametrize("name", ["report.pdf", "\u202eevil", "NUL", "\U0001f600", "tab\there", " "])
def test_a_name_is_kept_as_text(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("folder", ["/", "a/", "a//b", "a/../b", "x/" * 2100 + "x"])
def test_a_folder_that_cannot_be_kept_is_refused(folder: str) -> None:
    with pytest.raises(UnusableNameError):
        check_folder(folder)


def test_names_that_differ_in_case_alone_do_not_meet(tmp_path: Path) -> None:
    (tmp_path / "Report.pdf").write_bytes(b"mine")
    places = Places(tmp_path)
    taken = [places.take("report.PDF").name, places.take("REPORT.pdf").name, places.take("other").name]
    assert taken == ["report (2).PDF", "REPORT (3).pdf", "other"]
    assert places.take("report.pdf", inside=Path("scans")) == tmp_path / "scans" / "report.pdf"
    assert places.take("x.pdf", suffix=".age").name == "x.pdf.age"
    assert numbered("naam.en.heellangeextensiezomaar", 2) == "naam.en.heellangeextensiezomaar (2)"


def test_a_folder_and_a_file_of_one_name_both_get_a_place(tmp_path: Path) -> None:
    places = Places(tmp_path)
    assert places.take("map") == tmp_path / "map"
    assert places.take("x.pdf", inside=Path("Map")) == tmp_path / "Map (2)" / "x.pdf"
    assert places.take("x.pdf", inside=Path("map")) == tmp_path / "Map (2)" / "x (2).pdf"
    assert places.take("y.pdf", inside=Path("map/deeper")) == tmp_path / "Map (2)" / "deeper" / "y.pdf"
    assert places.take("deeper", inside=Path("map")) == tmp_path / "Map (2)" / "deeper (2)"


def test_a_folder_that_is_there_is_used_and_a_file_in_its_place_is_not(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "file").write_bytes(b"mine")
    places = Places(tmp_path)
    assert places.take("x.pdf", inside=Path("there")) == tmp_path / "there" / "x.pdf"
    assert places.take("x.pdf", inside=Path("file")) == tmp_path / "file (2)" / "x.pdf"


def test_the_published_vectors_are_what_is_made_today() -> None:
    assert json.loads(name_vectors.FILE.read_text(encoding="ascii")) == name_vectors.names()


@pytest.mark.parametrize(
    "case", json.loads(name_vectors.FILE.read_text(encoding="ascii"))["cases"], ids=lambda case: case["about"]
)
def test_what_is_saved_is_harmless_and_of_its_own_on_every_disk(case: dict[str, Any]) -> None:
    whole = [name.removesuffix("/") for name in case["there"]] + case["saved"]
    for saved in case["saved"]:
        assert not any(part.startswith("-") for part in Path(saved).parts)
        assert not Path(saved).is_absolute()
        assert ".." not in Path(saved).parts
    for fold in (str.casefold, str.upper, lambda name: unicodedata.normalize("NFD", name).lower()):
        assert len({fold(name) for name in whole}) == len(whole)
