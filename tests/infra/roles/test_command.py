"""`python -m infra.roles` on real engines: it makes everything, can be repeated, and its trials notice what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import psycopg
import pytest

from infra.roles.command import main
from tests.buckets import Bucket
from tests.infra.loopback import Loopback, loopback
from vault.adapters.database import SqlStore
from vault.adapters.sql.factory import database_engine
from vault.domain.people import PracticeRow
from vault.settings import Settings


class Said(NamedTuple):
    code: int
    lines: list[str]
    errors: str


Command = Callable[..., Said]


@pytest.fixture(scope="module", name="place")
def _place(tmp_path_factory) -> Iterator[Loopback]:
    with loopback(tmp_path_factory.mktemp("roles")) as place:
        yield place


@pytest.fixture(name="command")
def _command(place, monkeypatch, capsys) -> Command:
    def run(*arguments: str, **changed: str) -> Said:
        for name, value in place.environment("prepare", **changed).items():
            monkeypatch.setenv(name, value)
        code = main(arguments)
        out, err = capsys.readouterr()
        return Said(code, out.splitlines(), err)

    return run


@pytest.fixture(name="made")
def _made(command) -> Said:
    return command("--versity")


def failed(said: Said) -> list[str]:
    return [line for line in said.lines if not line.startswith("ok ")]


def test_everything_is_made_a_line_each_and_again_without_harm(command, place):
    first = command("--versity")
    assert (first.code, first.errors) == (0, "")
    assert len(first.lines) == 8
    token, keys = (place.data / "setup-token").read_bytes(), sorted(path.name for path in place.keys.iterdir())
    assert keys == ["generation-1", "generation-of"]
    made = {role: sorted((place.folder / role).iterdir()) for role in ("gateway", "worker")}
    assert [path.name for path in made["worker"]] == ["installation-checkpoint", "installation-ledger"]
    again = command("--versity")
    assert (again.code, again.errors) == (0, "")
    assert (place.data / "setup-token").read_bytes() == token
    assert sorted(path.name for path in place.keys.iterdir()) == keys
    assert {role: sorted((place.folder / role).iterdir()) for role in made} == made


def test_nothing_that_is_said_is_a_secret(made, command, place):
    said = "\n".join([*made.lines, made.errors, *command("--check").lines])
    hidden = [value for name, value in place.made.items() if not name.endswith("s3-access-key")]
    assert not [value for value in [*hidden, (place.data / "setup-token").read_text().strip()] if value in said]


@pytest.mark.usefixtures("made")
def test_every_trial_ends_as_it_must_and_leaves_nothing(command, place):
    said = command("--check")
    assert failed(said) == []
    assert (said.code, said.errors) == (0, "")
    assert len(said.lines) > 50
    assert Bucket(place.s3, place.bucket).left() == ["ledger/installation"]


@pytest.mark.usefixtures("made")
def test_a_right_too_many_is_found_and_taken_back(command, place):
    with psycopg.connect(place.keystore, autocommit=True) as owner:
        owner.execute(f'GRANT DELETE ON shred_key TO "{place.account("gateway")}"')
    said = command("--check")
    assert said.code == 1
    assert failed(said) == ["FAIL keystore: the gateway cannot destroy a key: it was allowed to"]
    assert "1 of these do not hold" in said.errors
    assert command().code == 0
    assert command("--check").code == 0


@pytest.mark.usefixtures("made")
def test_a_right_too_few_is_found(command, place):
    with psycopg.connect(place.records, autocommit=True) as owner:
        owner.execute(f'REVOKE DELETE ON document FROM "{place.account("worker")}"')
    assert failed(command("--check")) == [
        "FAIL records: the worker can remove what is due: it could not: ProgrammingError"
    ]
    assert command().code == 0


@pytest.mark.usefixtures("made")
def test_a_bucket_that_anybody_may_read_and_change_is_found(command, place):
    everybody = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", '
        f'"Resource": ["arn:aws:s3:::{place.bucket}", "arn:aws:s3:::{place.bucket}/*"]}}]}}'
    )
    Bucket(place.s3, place.bucket).client().set_bucket_policy(place.bucket, everybody)
    names = [line.split(": ")[1:3] for line in failed(command("--check"))]
    assert ["nobody without keys can get a document", "the answer was 200"] in names
    assert ["the gateway cannot remove a document", "it was allowed to"] in names
    assert ["the worker cannot put a document", "it was allowed to"] in names
    assert command().code == 0
    Bucket(place.s3, place.bucket).empty()
    assert command("--check").code == 0


@pytest.mark.usefixtures("made")
def test_a_password_that_was_changed_is_set_and_the_old_one_is_worth_nothing(command, place):
    files = [place.secrets / f"worker-{database}-url" for database in ("records", "keystore")]
    old = [file.read_text() for file in files]
    try:
        for file, text in zip(files, old, strict=True):
            name = place.account("worker")
            file.write_text(text.replace(text.split(f"{name}:")[1].split("@")[0], "another"))
        assert failed(command("--check"))
        assert command().code == 0
        assert command("--check").code == 0
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(place.as_role("worker", "records"))
    finally:
        for file, text in zip(files, old, strict=True):
            file.write_text(text)
        assert command().code == 0


@pytest.mark.usefixtures("made")
def test_a_server_that_makes_no_users_for_these_keys_is_told_apart(command, tmp_path):
    (tmp_path / "nobody").write_text("nobody\n")
    said = command("--versity", DOSSIER_OWNER_S3_ACCESS_KEY_FILE=str(tmp_path / "nobody"))
    assert said.code == 1
    assert "does not make users" in said.errors


def test_an_object_server_that_is_away_is_told(command):
    said = command("--versity", DOSSIER_S3_ENDPOINT="http://127.0.0.1:1")
    assert said.code == 1
    assert said.errors.startswith("error: the object server does not answer")


@pytest.mark.usefixtures("made")
def test_the_token_goes_once_the_practice_is_set_up(command, place):
    settings = Settings.from_environment(place.environment("gateway"))
    assert settings.setup_token_file.exists()
    engine = database_engine(place.records)
    with SqlStore(engine).transaction() as rows:
        rows.add_practice(
            PracticeRow(id="0" * 32, setup="0" * 64, director="0" * 32, sheet=b"s" * 32, created_at=datetime.now(UTC))
        )
    engine.dispose()
    with psycopg.connect(place.keystore, autocommit=True) as owner:
        owner.execute("INSERT INTO tombstone (kind, id) VALUES ('member', %s)", ["0" * 32])  # it holds something
    try:
        assert "the set-up token is gone" in command().lines[-1]
        assert not settings.setup_token_file.exists()
    finally:
        with psycopg.connect(place.records, autocommit=True) as owner:
            owner.execute("DELETE FROM practice")
        with psycopg.connect(place.keystore, autocommit=True) as owner:
            owner.execute("DELETE FROM tombstone")
    assert "not set up yet" in command().lines[-1]
