"""The verbs about documents: results as interface.md promises them, failures told apart by exit code."""

import hashlib
import io
import json
import os
import sys
from typing import Any

import pytest

from tests.client.house import House
from vault.cli import main as cli
from vault.cli.terminal import qr
from vault.cli.terminal.output import Output
from vault.cli.terminal.progress import Bar
from vault.cli.terminal.shown import shown, shown_json
from vault.sdk.device.walk import collect
from vault.sdk.documents.deposit import deposit
from vault.sdk.documents.described import Description
from vault.sdk.documents.listing import list_documents
from vault.sdk.dossiers.finding import load_dossier, open_dossier
from vault.sdk.keys.words import passphrase
from vault.sdk.shares.sharing import ShareTerms, share


@pytest.fixture
def practice(house: House, no_pauses: None, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setenv("DOSSIER_LANG", "en")
    assert house.dossier.name == "Anna Bakker"
    return house


def run(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, Any, str]:
    code = cli.main([str(argument) for argument in argv])
    said = capsys.readouterr()
    result = json.loads(said.out) if "--json" in argv and said.out else said.out
    return code, result, said.err


def test_put_share_get_revoke(practice: House, capsys: pytest.CaptureFixture[str]) -> None:
    path = practice.write("verslag.pdf", b"%PDF-1.7 inhoud")
    code, value, _ = run(capsys, "put", "--json", "Anna Bakker", path)
    (document,) = value["documents"]
    assert (code, document["name"], document["size"], document["state"]) == (0, "verslag.pdf", 15, "stored")
    assert set(document) == {"id", "name", "size", "state"}
    code, value, _ = run(
        capsys, "share", practice.dossier.id, "--to", "client", "--days", 7, "--max", 3, "--passphrase", "--json"
    )
    assert (code, set(value), value["max"]) == (0, {"share", "link", "passphrase", "expires_at", "max"}, 3)
    words = practice.write("words", value["passphrase"].encode())
    out = practice.folder / "out"
    code, got, said = run(capsys, "get", value["link"], "--out", out, "--passphrase-file", words, "--json")
    digest = hashlib.sha256(b"%PDF-1.7 inhoud").hexdigest()
    assert (code, got) == (0, {"files": [{"name": "verslag.pdf", "size": 15, "sha256": digest}]})
    assert "Dirkje" in said
    assert run(capsys, "revoke", value["share"], "--json")[:2] == (0, {"share": value["share"], "state": "revoked"})
    code, _, said = run(capsys, "get", value["link"], "--out", out, "--passphrase-file", words, "--json")
    assert (code, json.loads(said)["error"]["code"]) == (6, "link_unavailable")


def test_some_failed_is_three_and_all_failed_is_one(practice: House, capsys: pytest.CaptureFixture[str]) -> None:
    good = practice.write("good", b"1")
    code, value, said = run(capsys, "put", practice.dossier.id, good, practice.folder / "gone", "--json")
    assert (code, [d["state"] for d in value["documents"]]) == (3, ["stored", "failed"])
    assert "gone: not stored. There is no such file." in said
    assert run(capsys, "put", practice.dossier.id, practice.folder / "gone")[0] == 1
    code, text, _ = run(capsys, "put", practice.dossier.id, good)
    assert (code, text) == (0, "good (1 bytes): was there already\n")


def test_put_says_how_to_go_on(
    practice: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vault.cli.put.deposit", stop)
    monkeypatch.setattr("vault.cli.get.pick_up", stop)
    code, _, said = run(capsys, "put", practice.dossier.id, practice.write("a", b""))
    assert (code, "same command again" in said) == (130, True)
    code, _, said = run(capsys, "get", f"http://127.0.0.1/s/{'0' * 32}#{'A' * 43}")
    assert (code, "within the hour" in said) == (130, True)


def test_cat_gives_the_bytes_or_a_file(practice: House, capfdbinary: Any) -> None:
    practice.deposit(practice.write("a.bin", bytes(range(256))))
    assert cli.main(["cat", practice.dossier.id, "a.bin"]) == 0
    assert capfdbinary.readouterr().out == bytes(range(256))
    out = practice.folder / "out"
    assert cli.main(["cat", practice.dossier.id, "a.bin", "--out", str(out), "--json"]) == 0
    value = json.loads(capfdbinary.readouterr().out)
    assert (value["size"], out.read_bytes()) == (256, bytes(range(256)))
    assert cli.main(["cat", practice.dossier.id, "a.bin", "--json"]) == 2
    assert cli.main(["cat", practice.dossier.id, "nothing"]) == 1


def test_a_place_that_never_takes_a_file_is_no_reason_to_try_again(
    practice: House, capsys: pytest.CaptureFixture[str]
) -> None:
    practice.deposit(practice.write("a.txt", b"a"))
    nowhere = practice.write("file", b"") / "inside"
    for words in (["cat", practice.dossier.id, "a.txt", "--out", nowhere], ["export", practice.dossier.id, nowhere]):
        code, _, said = run(capsys, *words, "--json")
        assert (code, json.loads(said.splitlines()[-1])["error"]["code"]) == (1, "place")


def test_export_names_files_and_key(practice: House, capsys: pytest.CaptureFixture[str]) -> None:
    practice.deposit(practice.write("a.txt", b"a"))
    code, value, _ = run(capsys, "export", practice.dossier.id, practice.folder / "out", "--json")
    assert (code, value["identity"], [file["name"] for file in value["files"]]) == (0, "identity.txt", ["a.txt.age"])
    [first] = practice.listed()
    practice.deposit(practice.write("b.txt", b"b"))
    practice.line.lie_of_each(
        "/documents$", lambda item: {**item, "metadata": "AAAA"} if item["document"] == first.id else item
    )
    code, text, said = run(capsys, "export", practice.dossier.id, practice.folder / "out2", "--classic")
    assert code == 3, "some stayed out"
    assert "does not verify" in said
    assert "age -d -i identity.txt" in text
    practice.line.lie_of_each("/documents$", lambda item: {**item, "metadata": "AAAA"})
    code, _, said = run(capsys, "export", practice.dossier.id, practice.folder / "out3", "--json")
    assert (code, json.loads(said.splitlines()[-1])["error"]["code"]) == (7, "quarantined"), "all stayed out"


def test_a_third_party_needs_consent(practice: House, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, said = run(capsys, "share", practice.dossier.id, "--to", "employer", "--json")
    assert (code, json.loads(said)["error"]["code"]) == (1, "consent_required")


def test_link_and_passphrase_stand_apart(practice: House, capsys: pytest.CaptureFixture[str]) -> None:
    practice.deposit(practice.write("a.txt", b"a"))
    code, text, _ = run(capsys, "share", practice.dossier.id, "--passphrase")
    lines = text.splitlines()
    assert code == 0
    assert lines[0].startswith(f"{practice.url}/s/")
    assert len(lines[-2].split()) == 6
    assert "another way" in lines[-4]


def test_get_reads_the_link_from_standard_input(
    practice: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.deposit(practice.write("a.txt", b"a"))
    monkeypatch.setattr(sys, "stdin", io.StringIO(practice.share(note="Dag \x1b[2J").link.to_string() + "\n"))
    code, text, said = run(capsys, "get", "-", "--out", practice.folder / "out")
    assert (code, "a.txt (1 bytes)" in text) == (0, True)
    assert ": Dag \ufffd[2J" in said


def test_a_note_is_one_line_that_the_receiver_sees(practice: House, capsys: pytest.CaptureFixture[str]) -> None:
    practice.deposit(practice.write("a.txt", b"a"))
    for note in ("a\nb", "a\x1b[2J", "", "a" * 2001):
        code, _, said = run(capsys, "share", practice.dossier.id, "--note", note, "--json")
        assert (code, json.loads(said)["error"]["code"]) == (2, "invalid")
    code, text, _ = run(capsys, "share", practice.dossier.id, "--note", " Tot vrijdag! ", "--json")
    assert code == 0
    _, _, said = run(capsys, "get", text["link"], "--out", practice.folder / "out")
    assert ": Tot vrijdag!\n" in said


def test_wrong_words_are_twelve_and_a_mistyped_link_is_six(practice: House, capsys: pytest.CaptureFixture[str]) -> None:
    practice.deposit(practice.write("a.txt", b"a"))
    link = practice.share(passphrase=True).link.to_string()
    words = practice.write("words", b"aap noot mies")
    code, _, said = run(capsys, "get", link, "--passphrase-file", words, "--json")
    assert (code, json.loads(said)["error"]["code"]) == (12, "passphrase_wrong")
    assert run(capsys, "get", link[:-2], "--passphrase-file", words)[0] == 6
    assert run(capsys, "get", link, "--passphrase-file", practice.folder / "none")[0] == 2


def test_a_pick_up_is_done_also_where_its_names_cannot_be_shown(
    practice: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was counted; so it must not end as a failure because a Latin-1 terminal lacks a letter."""
    practice.deposit(practice.write("Łukasz 文.txt", b"a"))
    link, narrow = practice.share().link.to_string(), io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", narrow)
        patched.setattr(sys, "argv", ["dossier", "get", link, "--out", str(practice.folder / "out")])
        assert cli.run() == 0
    assert "?ukasz ?.txt" in narrow.buffer.getvalue().decode("latin-1")
    assert (practice.folder / "out" / "Łukasz 文.txt").read_bytes() == b"a"


def test_what_is_not_given_any_more_is_three(practice: House, capsys: pytest.CaptureFixture[str]) -> None:
    practice.deposit(practice.write("a.txt", b"a"), practice.write("b.txt", b"b"))
    made = practice.share()
    practice.destroy(*(one for one in practice.listed() if one.metadata.name == "a.txt"))
    code, value, said = run(capsys, "get", made.link.to_string(), "--out", practice.folder / "out", "--json")
    assert (code, len(value["files"]), "No longer given" in said, "estroyed" in said) == (3, 1, True, False)


def test_a_passphrase_is_asked_for_until_it_is_right(
    practice: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.deposit(practice.write("a.txt", b"a"))
    made = practice.share(passphrase=True)
    typed = ["no such words", passphrase(), made.passphrase]
    monkeypatch.setattr(Output, "secret", lambda self, key, **values: typed.pop(0))
    code, _, said = run(capsys, "get", made.link.to_string(), "--out", practice.folder / "out")
    assert (code, typed) == (0, [])
    assert "not in our list" in said
    assert "not the passphrase" in said


def test_progress_is_drawn_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Bar(Output(language="en")) as bar:
        bar.expect(10)
        bar.advance(5)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Bar(Output(language="en")) as bar:
        bar.expect(2_000_000)
        bar.advance(1_000_000)
        line = bar.line(1e9)
    assert "1.0 MB of 2.0 MB" in line
    assert "left" in line
    assert capsys.readouterr().err.endswith("\r\x1b[K")


def test_a_code_can_be_scanned() -> None:
    drawn = qr.lines("http://127.0.0.1:8420/s/" + "0" * 32 + "#" + "A" * 43)
    assert len({len(line) for line in drawn}) == 1
    assert len(drawn) > 15


def test_texts_from_elsewhere_cannot_move_the_cursor() -> None:
    assert shown("a\x1b[2J\u202eb\n") == "a\ufffd[2J\ufffdb\ufffd"
    assert os.linesep not in shown("\r\n")


HOSTILE = "a\x1b]0;t\x07\x1b[2Jb\nc\rd\u202ee\u2066f\x9b31mg\x7fh"
OBEYED = set("\x1b\x07\r\u202e\u2066\x9b\x7f")


def test_json_parses_to_the_same_and_holds_nothing_that_a_terminal_obeys() -> None:
    value = {"name": HOSTILE, "half": "\ud800", "plain": "één 文"}
    written = shown_json(value)
    assert json.loads(written) == value
    assert not OBEYED & set(written)
    assert "\n" not in written
    assert "één 文" in written


def test_no_name_from_elsewhere_reaches_the_terminal_raw(
    practice: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.sdk.dossiers.new_dossier._check_line", lambda text, what, limit: text)  # another client
    dossier = open_dossier(practice.signed_in, HOSTILE, purpose=HOSTILE)
    path = practice.write(HOSTILE, b"1")
    commands: list[tuple[object, ...]] = [
        ("put", dossier, path, practice.folder / f"gone{HOSTILE}"),
        ("ls",),
        ("ls", dossier),
        ("ls", HOSTILE + "x"),
        ("cat", dossier, HOSTILE, "--out", practice.folder / f"out{HOSTILE}"),
        ("cat", dossier, HOSTILE + "x"),
        ("export", dossier, practice.folder / f"export{HOSTILE}"),
        ("close", HOSTILE),
        ("reopen", HOSTILE),
        ("revoke", HOSTILE),
        ("share", dossier, HOSTILE),
        (HOSTILE,),
        ("ls", "a", HOSTILE),
    ]
    for argv in commands:
        for also in ((), ("--json",)):
            cli.main([*map(str, argv), *also])
            said = "".join(capsys.readouterr())
            assert not OBEYED & set(said), argv
            assert "b\nc" not in said, argv
    monkeypatch.setattr("vault.sdk.shares.sharing.sender_name", lambda _: HOSTILE)
    made = share_by_hand(dossier, practice)
    for also in ((), ("--json",)):
        cli.main(["get", made, "--out", str(practice.folder / "got"), *also])
        said = "".join(capsys.readouterr())
        assert not OBEYED & set(said)
        assert "b\nc" not in said


def share_by_hand(dossier: str, practice: House) -> str:
    opened = load_dossier(practice.signed_in, dossier)
    made = share(opened, list_documents(opened), ShareTerms(note=HOSTILE), base="http://127.0.0.1:8420")
    return made.link.to_string()


def test_words_in_a_text_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(language="en")
    assert not OBEYED & set(output.text("login.done", practice=HOSTILE, email=HOSTILE))
    assert "b\nc" not in output.text("login.done", practice=HOSTILE, email=HOSTILE)
    output.result({}, HOSTILE)
    output.line(HOSTILE)
    output.failure("code", HOSTILE, HOSTILE)
    Output(json=True).failure("code", HOSTILE, HOSTILE)
    assert not OBEYED & set("".join(capsys.readouterr()))


def test_an_empty_path_is_a_slip_and_stores_nothing(
    practice: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = practice.write("here/good", b"1")
    monkeypatch.chdir(good.parent)
    for paths in (("",), (good, "")):
        code, _, said = run(capsys, "put", practice.dossier.id, *paths, "--json")
        assert (code, json.loads(said)["error"]["code"]) == (2, "invalid")
    assert practice.listed() == []
    assert run(capsys, "put", practice.dossier.id, ".")[0] == 0


def test_a_link_as_mail_broke_it_is_read_from_standard_input(
    practice: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.deposit(practice.write("verslag.pdf", b"1"))
    link = practice.share().link.to_string()
    delivered = f"\ufeff\r\n\r\n<{link[:70]}=\r\n{link[70:]}>\r\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(delivered))
    code, got, _ = run(capsys, "get", "-", "--out", practice.folder / "out", "--json")
    assert (code, [file["name"] for file in got["files"]]) == (0, ["verslag.pdf"])


@pytest.mark.parametrize("end", ["", "#", "#AAAA"])
def test_a_link_without_its_end_says_that_a_part_is_missing(
    practice: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    code, _, said = run(capsys, "get", f"http://127.0.0.1:1/s/{'5a' * 16}{end}", "--json")
    error = json.loads(said)["error"]
    assert (code, error["code"]) == (6, "link_incomplete")
    assert "#" in error["advice"]


@pytest.mark.parametrize(("language", "advice"), [("nl", "oorspronkelijke bericht"), ("en", "original message")])
def test_a_filters_address_without_a_link_in_it_says_where_the_link_is(
    practice: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str, advice: str
) -> None:
    monkeypatch.setenv("DOSSIER_LANG", language)
    address = "https://protect-eu.mimecast.com/s/AbCdEf?domain=dossier.example.nl"
    code, _, said = run(capsys, "get", address, "--json")
    error = json.loads(said)["error"]
    assert (code, error["code"], advice in error["advice"]) == (6, "link_rewritten", True)


def test_what_a_later_version_put_is_listed_as_of_an_unknown_kind_and_opens(
    practice: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.rules.rights.check_words", lambda _: None)
    path = practice.write("later.txt", b"of a later day")
    deposit(practice.dossier, collect([path]), Description("begeleiding", "another"))
    code, said, _ = run(capsys, "ls", "Anna Bakker")
    assert (code, "[unknown kind]" in said) == (0, True)
    code, value, _ = run(capsys, "ls", "--json", "Anna Bakker")
    assert (code, [one["kind"] for one in value["documents"]]) == (0, ["another"])
    assert [one.metadata.name for one in list_documents(practice.dossier)] == ["later.txt"]


def test_a_dossier_of_an_unknown_kind_opens_and_is_never_closed(
    practice: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.rules.rights.check_words", lambda _: None)
    monkeypatch.setattr("vault.sdk.dossiers.new_dossier.KINDS", frozenset({"another"}))
    open_dossier(practice.signed_in, "Later", "another", "begeleiding")
    for argv in (("ls",), ("ls", "Later")):
        code, said, _ = run(capsys, *argv)
        assert (code, "[unknown kind]" in said) == (0, True)
    for verb in (("close", "Later"), ("reopen", "Later")):
        code, _, said = run(capsys, *verb)
        assert (code, "this software is too old for this kind of dossier" in said) == (7, True)
