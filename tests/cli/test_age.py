"""`dossier age` and `age-keygen`: whole or not at all, with exit codes to script against."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.age.vectors import parameters, require_vectors
from vault.age import HybridIdentity, X25519Identity, encrypt
from vault.cli import age, age_keygen, age_output, age_secrets

IDENTITY = HybridIdentity(bytes(32))
LETTER = b"a letter" * 20_000


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DOSSIER_PASSWORD_FILE", raising=False)
    Path("key").write_text(f"# mine\n{IDENTITY.to_string()}\n")
    Path("recipients").write_text(f"# me\n\n{IDENTITY.recipient().to_string()}\n")
    Path("letter").write_bytes(LETTER)
    Path("letter.age").write_bytes(encrypt(LETTER, [IDENTITY.recipient()]))
    return tmp_path


def names():
    return sorted(path.name for path in Path().iterdir())


def run(*words, given=b""):
    """Run the command as a process; return its code, what it wrote, and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "vault.cli.age", *words], input=given, capture_output=True, check=False
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize("armor", [[], ["-a"]])
@pytest.mark.parametrize("to", [["-R", "recipients"], ["-e", "-i", "key"], ["-r", IDENTITY.recipient().to_string()]])
def test_a_file_goes_round_by_name(folder, to, armor):
    assert age.main([*to, *armor, "-o", "out.age", "letter"]) == 0
    assert age.main(["-d", "-i", "key", "-o", "out", "out.age"]) == 0
    assert Path("out").read_bytes() == LETTER
    assert names() == ["key", "letter", "letter.age", "out", "out.age", "recipients"]


@pytest.mark.parametrize("armor", [[], ["-a"]])
def test_a_pipe_goes_round(folder, armor):
    code, content, said = run("-R", "recipients", *armor, given=LETTER)
    assert (code, said) == (0, "")
    assert run("-d", "-i", "key", given=content) == (0, LETTER, "")
    Path("piped.age").write_bytes(content)
    assert run("-d", "-i", "key", "piped.age") == (0, LETTER, "")


def test_a_passphrase_goes_round(folder, monkeypatch):
    Path("passphrase").write_text("correct horse\n")
    monkeypatch.setenv("DOSSIER_PASSWORD_FILE", "passphrase")
    assert age.main(["-p", "-o", "out.age", "letter"]) == 0
    assert b"scrypt" in Path("out.age").read_bytes()[:100]
    assert age.main(["-d", "-o", "out", "out.age"]) == 0
    assert Path("out").read_bytes() == LETTER
    assert age.main(["-d", "-i", "key", "-o", "no", "out.age"]) == 1
    Path("passphrase").write_text("battery staple")
    assert age.main(["-d", "-o", "no", "out.age"]) == 1
    Path("passphrase").write_text("\n")
    assert age.main(["-p", "-o", "no", "letter"]) == 1
    assert not Path("no").exists()


def test_an_identity_file_may_be_encrypted_itself(folder, monkeypatch):
    Path("passphrase").write_text("correct horse")
    monkeypatch.setenv("DOSSIER_PASSWORD_FILE", "passphrase")
    assert age.main(["-p", "-a", "-o", "key.age", "key"]) == 0
    assert age.main(["-d", "-i", "key.age", "-o", "out", "letter.age"]) == 0
    Path("passphrase").write_text("battery staple")
    assert age.main(["-d", "-i", "key.age", "-o", "no", "letter.age"]) == 1
    assert not Path("no").exists()


def test_a_passphrase_is_asked_twice_on_the_terminal(monkeypatch):
    monkeypatch.delenv("DOSSIER_PASSWORD_FILE", raising=False)
    answers = iter(["one", "two", "one", "one"])
    monkeypatch.setattr(age_secrets, "_ask", lambda _prompt: next(answers))
    with pytest.raises(age_secrets.NoPassphraseError, match="differ"):
        age_secrets.passphrase("Passphrase: ", confirm=True)
    assert age_secrets.passphrase("Passphrase: ", confirm=True) == "one"


@pytest.mark.parametrize("vector", parameters(without=("success",)))
def test_no_vector_that_fails_leaves_a_file_or_a_byte(vector, folder, monkeypatch, capfd):
    require_vectors()
    Path("in.age").write_bytes(vector.content)
    who = []
    for number, identity in enumerate(vector.identities):
        Path(f"k{number}").write_text(identity)
        who += ["-i", f"k{number}"]
    if vector.passphrases:
        Path("passphrase").write_text(vector.passphrases[-1])
        monkeypatch.setenv("DOSSIER_PASSWORD_FILE", "passphrase")
    before = names()
    assert age.main(["-d", *who, "-o", "out", "in.age"]) == 1
    assert names() == before
    assert age.main(["-d", *who, "in.age"]) == 1
    wrote, said = capfd.readouterr()
    assert wrote == ""
    assert said.startswith("age: ")
    assert "Traceback" not in said


@pytest.mark.parametrize("cut", [1, 16, 70_000])
def test_a_cut_file_leaves_what_was_there_and_releases_nothing(folder, cut):
    content = Path("letter.age").read_bytes()[:-cut]
    Path("cut.age").write_bytes(content)
    Path("out").write_bytes(b"what was there")
    assert age.main(["-d", "-i", "key", "-o", "out", "cut.age"]) == 1
    assert Path("out").read_bytes() == b"what was there"
    for given in (["cut.age"], []):
        code, wrote, said = run("-d", "-i", "key", *given, given=content)
        assert (code, wrote) == (1, b"")
        assert said.count("\n") == 1


def test_a_file_system_without_nameless_files_serves_as_well(folder, monkeypatch):
    monkeypatch.setattr(os, "O_TMPFILE", os.O_RDWR | os.O_DIRECTORY)
    assert age.main(["-d", "-i", "key", "-o", "out", "letter.age"]) == 0
    assert Path("out").read_bytes() == LETTER
    Path("cut.age").write_bytes(Path("letter.age").read_bytes()[:-1])
    assert age.main(["-d", "-i", "key", "-o", "no", "cut.age"]) == 1
    assert not [name for name in names() if name == "no" or name.startswith(".")]


def test_what_is_replaced_keeps_its_permissions(folder):
    Path("out").touch(mode=0o600)
    assert age.main(["-d", "-i", "key", "-o", "out", "letter.age"]) == 0
    assert Path("out").stat().st_mode & 0o777 == 0o600


def test_a_link_is_followed_to_the_file_it_names(folder):
    Path("kept").touch()
    Path("out").symlink_to("kept")
    assert age.main(["-d", "-i", "key", "-o", "out", "letter.age"]) == 0
    assert Path("out").is_symlink()
    assert Path("kept").read_bytes() == LETTER


def test_a_device_is_written_to_and_not_replaced(folder):
    assert age.main(["-d", "-i", "key", "-o", "/dev/null", "letter.age"]) == 0
    assert age_output.is_stream("/dev/null")
    code, _, said = run("-d", "-i", "key", "-o", "/dev/full", "letter.age")
    assert code == 1
    assert "No space left" in said


@pytest.mark.parametrize(
    "words",
    [
        ["-x"],
        ["-e", "-d"],
        ["-d", "-a"],
        ["-d", "-r", "age1"],
        ["-p", "-r", "age1"],
        ["-i", "key"],
        [],
        ["-R", "-"],
        ["-R", "recipients", "one", "two"],
        ["-R", "recipients", "-o", "letter", "letter"],
    ],
)
def test_an_impossible_command_line_is_2(folder, words, capfd):
    assert age.main(words) == 2
    assert capfd.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ["-d", "-i", "missing", "letter.age"],
        ["-d", "-i", "letter.age", "letter.age"],
        ["-d", "-i", "recipients", "letter.age"],
        ["-d", "letter.age"],
        ["-d", "-i", "key", "missing"],
        ["-d", "-i", "key", "."],
        ["-d", "-i", "key", "-o", "missing/out", "letter.age"],
        ["-d", "-i", "key", "-o", ".", "letter.age"],
        ["-d", "-i", "key", "letter"],
        ["-R", "key", "letter"],
        ["-r", "age1qq", "letter"],
        ["-R", "/dev/zero", "letter"],
    ],
)
def test_what_fails_says_so_in_one_line_and_is_1(folder, words, capfd, monkeypatch):
    monkeypatch.setattr(age_secrets, "_MAX_FILE", 200_000)
    assert age.main(words) == 1
    wrote, said = capfd.readouterr()
    assert wrote == ""
    assert said.count("\n") == 1
    assert IDENTITY.to_string() not in said


def test_a_reader_that_goes_away_is_1_without_a_trace(folder):
    Path("letter.age").write_bytes(encrypt(bytes(3_000_000), [IDENTITY.recipient()]))
    command = [sys.executable, "-m", "vault.cli.age", "-d", "-i", "key", "letter.age"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        running.stdout.read(10)
        running.stdout.close()
        said = running.stderr.read().decode()
    assert running.returncode == 1
    assert "Traceback" not in said


def test_help_is_0(folder, capfd):
    assert age.main(["--help"]) == 0
    assert age_keygen.main(["-h"]) == 0
    assert "Usage" in capfd.readouterr().out


@pytest.mark.parametrize(("flags", "kind"), [([], X25519Identity), (["-pq"], HybridIdentity)])
def test_a_key_is_made_for_its_owner_alone(folder, flags, kind, capfd):
    assert age_keygen.main([*flags, "-o", "new"]) == 0
    assert Path("new").stat().st_mode & 0o777 == 0o600
    (identity,) = age_secrets.read_identities("new")
    assert isinstance(identity, kind)
    assert identity.recipient().to_string() in capfd.readouterr().err
    assert age_keygen.main(["-y", "-o", "its", "new"]) == 0
    assert Path("its").read_text() == identity.recipient().to_string() + "\n"
    assert age_keygen.main(["-o", "new"]) == 1
    assert age_keygen.main([*flags]) == 0
    assert identity.to_string() not in capfd.readouterr().out


@pytest.mark.parametrize("words", [["-y", "-pq"], ["letter"], ["-y", "one", "two"], ["-x"]])
def test_an_impossible_key_command_is_2(folder, words):
    assert age_keygen.main(words) == 2


def test_a_key_that_cannot_be_written_whole_is_not_there(folder, monkeypatch):
    def refuse(_fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    assert age_keygen.main(["-o", "new"]) == 1
    assert not Path("new").exists()
