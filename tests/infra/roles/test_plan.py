"""What the command reads before it makes anything, and what it refuses, without repeating a secret."""

from __future__ import annotations

import pytest

from infra.roles import plan
from infra.roles.command import main
from vault.errors import ConfigurationError
from vault.settings import Role

NAMES = ("DATABASE_URL", "KEYSTORE_URL")


def databases(**changed: str) -> dict[str, str]:
    given = {
        f"DOSSIER_{prefix}{name}": f"postgresql://{role}:hush-{role}@127.0.0.1:1/{name[:7].lower()}"
        for prefix, role in (("", "gateway"), ("WORKER_", "worker"), ("OWNER_", "owner"))
        for name in NAMES
    }
    return given | {f"DOSSIER_{name}": value for name, value in changed.items()}


def bucket(folder, *, accounts=("gateway", "worker", "owner")) -> dict[str, str]:
    given = {"DOSSIER_OBJECTS": "s3:papers", "DOSSIER_S3_ENDPOINT": "http://127.0.0.1:1"}
    for prefix, account in zip(("", "WORKER_", "OWNER_"), accounts, strict=True):
        for name in ("ACCESS_KEY", "SECRET_KEY"):
            path = folder / f"{prefix}{name}"
            path.write_text(f"{account}\n" if name == "ACCESS_KEY" else "hush-hush\n")
            given[f"DOSSIER_{prefix}S3_{name}_FILE"] = str(path)
    return given


def test_the_accounts_are_those_of_the_addresses_that_processes_use():
    read = plan.read(databases())
    assert plan.account(read, Role.GATEWAY) == ("gateway", "hush-gateway")
    assert plan.account(read, Role.WORKER) == ("worker", "hush-worker")
    assert read.bucket is None


def test_a_bucket_alone_is_a_plan_too(tmp_path):
    read = plan.read(bucket(tmp_path))
    assert not read.databases
    assert [read.keys_of(role).access_key for role in Role] == ["gateway", "worker", "owner"]


def test_embedded_engines_have_no_roles():
    with pytest.raises(ConfigurationError, match="embedded"):
        plan.read({})


@pytest.mark.parametrize("same", ["WORKER", "OWNER"])
@pytest.mark.parametrize("name", NAMES)
def test_one_account_for_two_roles_is_refused(same, name):
    given = databases()
    given[f"DOSSIER_{same}_{name}"] = given[f"DOSSIER_{name}"]
    with pytest.raises(ConfigurationError, match="three accounts") as refused:
        plan.read(given)
    assert f"DOSSIER_{same}_{name}" in refused.value.advice


def test_one_key_for_two_roles_of_the_bucket_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="three accounts"):
        plan.read(bucket(tmp_path, accounts=("same", "same", "owner")))


@pytest.mark.parametrize("name", ["ACCESS_KEY", "SECRET_KEY"])
def test_a_file_that_holds_more_than_a_key_is_refused_and_not_repeated(tmp_path, name):
    given = bucket(tmp_path)
    (tmp_path / f"WORKER_{name}").write_text("hush\nhush\n")
    with pytest.raises(ConfigurationError, match="holds something else than a key") as refused:
        plan.read(given)
    assert "hush" not in f"{refused.value}{refused.value.advice}"


def test_an_owner_that_is_not_named_is_refused():
    given = {name: value for name, value in databases().items() if "OWNER" not in name}
    with pytest.raises(ConfigurationError, match="three accounts"):
        plan.read(given)


def test_roles_in_different_databases_are_refused():
    with pytest.raises(ConfigurationError, match="different databases"):
        plan.read(databases(WORKER_DATABASE_URL="postgresql://worker:hush@127.0.0.1:1/other"))


@pytest.mark.parametrize("address", ["hush hush", "sqlite:////tmp/hush.db", "postgresql://owner:hush@127.0.0.1:1"])
def test_an_address_that_is_none_of_postgresql_is_refused_and_not_repeated(address):
    with pytest.raises(ConfigurationError) as refused:
        plan.read(databases(OWNER_DATABASE_URL=address))
    assert "hush" not in f"{refused.value}{refused.value.advice}{refused.value.__cause__}"


@pytest.mark.parametrize("user", ["other:hush-gateway", "gateway:other", "gateway"])
def test_a_role_has_one_account_in_both_databases(user):
    read = plan.read(databases(KEYSTORE_URL=f"postgresql://{user}@127.0.0.1:1/keystor"))
    with pytest.raises(ConfigurationError, match="name no account, or two different ones"):
        plan.account(read, Role.GATEWAY)


def test_a_refusal_is_two_lines_on_standard_error_and_an_exit_code(monkeypatch, capsys):
    for name, value in databases(WORKER_DATABASE_URL="postgresql://gateway:hush-gateway@127.0.0.1:1/databas").items():
        monkeypatch.setenv(name, value)
    assert main([]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: gateway, worker and owner do not have three accounts")
    assert "hush" not in said.err


def test_an_engine_that_is_away_is_a_refusal_too(monkeypatch, capsys):
    for name, value in databases().items():
        monkeypatch.setenv(name, value)
    assert main([]) == 1
    assert "hush" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--check", "--versity"], ["--check", "--gateway-principal", "x"], ["--what"]])
def test_a_command_that_is_none_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err
