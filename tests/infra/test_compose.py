"""docker-compose.yml: valid, closed, and the same processes with the same settings that the supervisor starts."""

from __future__ import annotations

import json
import re
import sys
from ipaddress import ip_network
from pathlib import Path

import jsonschema
import pytest

from gateway.serve import GRACE_SECONDS
from infra.backup.places import Places
from infra.roles import plan
from infra.supervisor.parts import beat_command, gateway_command, worker_command
from tests.infra.compose import (
    CHOSEN,
    OURS,
    ROOT,
    UnchosenError,
    environment,
    load,
    make_secrets,
    secret_names,
    services,
)
from tests.tools import missing
from vault.settings import Bucket, Role, Settings, environment_of

SCHEMA = ROOT / ".tools" / "compose-spec.json"
FETCH = (
    'mkdir -p .tools && cp "$(go mod download -json github.com/compose-spec/compose-go/v2@v2.16.2 | '
    'python3 -c \'import json, sys; print(json.load(sys.stdin)["Dir"])\')/schema/compose-spec.json" .tools/'
)
ENGINES = ("records", "keystore", "broker", "objects")
SERVICES = tuple(services())


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("compose") / "secrets"
    make_secrets(folder)
    return folder


@pytest.fixture(scope="module", name="made")
def _made(folder) -> dict[str, str]:
    return make_secrets(folder)


def test_the_file_follows_the_compose_specification():
    if not SCHEMA.exists():
        missing(f"{SCHEMA} is not there; {FETCH}")
    schema = json.loads(SCHEMA.read_text())
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    assert [error.message for error in validator(schema).iter_errors(load())] == []


@pytest.mark.parametrize("name", CHOSEN)
def test_what_an_operator_must_choose_has_no_default_and_says_what_to_write(name):
    with pytest.raises(UnchosenError, match=f"{name}: .*"):
        load({other: value for other, value in CHOSEN.items() if other != name})


@pytest.mark.parametrize(
    ("service", "command"),
    [("gateway", gateway_command()), ("worker", worker_command()), ("beat", beat_command())],
)
def test_containers_run_the_supervisors_commands(service, command):
    assert services()[service]["command"] == ["python" if word == sys.executable else word for word in command]


@pytest.mark.parametrize("service", OURS)
def test_every_variable_is_a_setting_and_together_they_are_whole(folder, service):
    given = environment(service, folder)
    settings = Settings.from_environment(given)
    assert settings.warnings == ()
    assert {name for name in given if not name.startswith("DOSSIER_")} == set()


@pytest.mark.parametrize(("service", "role"), [("gateway", Role.GATEWAY), ("worker", Role.WORKER)])
def test_a_process_gets_what_its_role_gets_from_the_supervisor_and_what_was_prepared_for_it(folder, service, role):
    given = environment(service, folder)
    assert environment_of(role, given) == given
    own, prepared = (
        Settings.from_environment(each) for each in (given, environment_of(role, environment("prepare", folder)))
    )
    for name in ("objects", "database_url", "keystore_url", "generation_keys", "installation_key", "setup_token_file"):
        assert getattr(own, name) == getattr(prepared, name), name


def test_the_gateway_cannot_reach_the_queue_and_beat_nothing_else(folder, made):
    settings = {name: Settings.from_environment(environment(name, folder)) for name in OURS}
    assert settings["gateway"].broker_url is None
    assert settings["worker"].broker_url == settings["beat"].broker_url == made["broker-url"]
    assert settings["beat"].database_url is None
    assert not isinstance(settings["beat"].objects, Bucket)


def test_who_prepares_has_what_a_backup_and_a_restore_need(folder):
    """RUNBOOK, "Production by containers": both run in its place, with a folder of the host's."""
    places = Places.of(environment("prepare", folder))
    mounted = {Path(str(volume).split(":")[1]) for volume in services()["prepare"]["volumes"]}
    wanted = [*places.key_files.values(), places.identity_file, places.owner.escrow_folder / "generation-1"]
    assert all(any(path.is_relative_to(folder_) for folder_ in mounted) for path in wanted)
    assert places.owner.database_url.reveal().startswith("postgresql://dossier_owner:")
    assert places.owner.objects.access_key == "dossier-owner"
    text = (ROOT / "docs" / "RUNBOOK.md").read_text()
    assert all(f":/srv/backup prepare dossier {act} /srv/backup --objects" in text for act in ("backup", "restore"))


def test_the_secrets_that_the_script_makes_are_a_plan_for_three_roles(folder):
    read = plan.read(environment("prepare", folder))
    assert plan.account(read, Role.GATEWAY)[0] == "dossier_gateway"
    assert plan.account(read, Role.WORKER)[0] == "dossier_worker"


def test_engines_and_those_who_use_them_are_given_the_same_secrets(made):
    for engine in ("records", "keystore"):
        owner = f"postgresql://dossier_owner:{made[f'{engine}-owner-password']}@{engine}:5432/{engine}"
        assert made[f"owner-{engine}-url"] == owner
        assert services()[engine]["environment"]["POSTGRES_DB"] == engine
    user, password = re.findall(r"default_(?:user|pass) = (\S+)", made["broker-account.conf"])
    assert made["broker-url"] == f"amqp://{user}:{password}@broker:5672//"


def test_the_script_makes_every_secret_and_repeats_without_writing_over_one(tmp_path):
    made = make_secrets(tmp_path / "secrets")
    assert set(made) == set(load()["secrets"])
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert make_secrets(tmp_path / "secrets") == made
    for name in ("worker-records-url", "worker-keystore-url"):
        (tmp_path / "secrets" / name).unlink()
    again = make_secrets(tmp_path / "secrets")
    assert {name for name in made if again[name] != made[name]} == {"worker-records-url", "worker-keystore-url"}


@pytest.mark.parametrize("service", SERVICES)
def test_secrets_come_as_files_alone(made, service):
    described = services()[service]
    named = set(re.findall(r"/run/secrets/([\w.-]+)", json.dumps(described)))
    mounted_elsewhere = {each["source"] for each in described.get("secrets", []) if not isinstance(each, str)}
    assert named | mounted_elsewhere == set(secret_names(described))
    assert set(secret_names(described)) <= set(load()["secrets"])
    for name, value in described.get("environment", {}).items():
        hides = any(word in name for word in ("PASSWORD", "SECRET", "DATABASE_URL", "KEYSTORE_URL", "BROKER_URL"))
        assert not hides or str(value).startswith("/run/secrets/"), name
        assert str(value) not in made.values(), name


def test_the_owners_credentials_are_nowhere_but_where_roles_are_made_and_at_the_engine_itself():
    holders = {name for name, service in services().items() if any("owner" in each for each in secret_names(service))}
    assert holders == {"prepare", "records", "keystore", "objects"}


def test_the_proxy_alone_is_reachable_and_on_loopback_until_chosen_otherwise():
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert set(published) == {"proxy"}
    assert all(port.startswith("127.0.0.1:") for port in published["proxy"])


def test_networks_join_only_those_who_talk():
    on = {name: set(service["networks"]) for name, service in services().items()}
    leading_out = {name for name, network in load()["networks"].items() if not network.get("internal")}
    assert leading_out == {"outside"}
    assert {name for name in on if "outside" in on[name]} == {"proxy"}
    assert {name for name in on if "front" in on[name]} == {"proxy", "gateway"}
    assert {name for name in on if "queue" in on[name]} == {"worker", "beat", "broker"}
    assert {name for name in on if "carriage" in on[name]} == {"proxy", "objects"}
    assert {name for name in on if "stores" in on[name]} == {
        "gateway",
        "worker",
        "prepare",
        "records",
        "keystore",
        "objects",
    }


def test_the_gateways_believe_the_network_of_the_proxy_and_no_other(folder):
    believed = Settings.from_environment(environment("gateway", folder)).trusted_proxies
    assert believed == (ip_network(load()["networks"]["front"]["ipam"]["config"][0]["subnet"]),)


def test_the_proxy_carries_from_the_store_that_the_gateways_sign_for_and_has_no_key_to_it(folder):
    bucket = Settings.from_environment(environment("gateway", folder)).objects
    assert Settings.from_environment(environment("gateway", folder)).proxy_carries
    assert isinstance(bucket, Bucket)
    assert services()["proxy"]["environment"]["PROXY_OBJECTS"] == bucket.endpoint
    assert not services()["proxy"].get("secrets")


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_has_no_way_to_more_rights_and_an_end_to_what_it_takes(service):
    described = services()[service]
    assert described["read_only"] is True
    assert described["cap_drop"] == ["ALL"]
    assert described.get("cap_add", []) == (["NET_BIND_SERVICE"] if service == "proxy" else [])
    assert described["security_opt"] == ["no-new-privileges:true"]
    assert int(described["user"].split(":")[0]) > 0
    assert not {"privileged", "pid", "ipc", "network_mode", "devices"} & set(described)
    assert set(described["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert described["restart"] == ("no" if service == "prepare" else "unless-stopped")
    assert described["logging"]["options"]


@pytest.mark.parametrize("service", OURS)
def test_no_core_file_can_hold_a_key(service):
    assert services()[service]["ulimits"]["core"] == 0


@pytest.mark.parametrize("service", [name for name in SERVICES if name not in {"prepare", "worker", "beat"}])
def test_whoever_answers_is_asked_whether_he_does(service):
    assert services()[service]["healthcheck"]["test"]


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "prepare"])
def test_everybody_has_the_time_to_end_well(service):
    seconds = int(services()[service]["stop_grace_period"].removesuffix("s"))
    assert seconds > GRACE_SECONDS


def test_keys_lie_apart_from_databases_and_only_the_worker_changes_them():
    mounts = {
        name: {volume.split(":")[0]: volume.split(":")[2:] for volume in service.get("volumes", [])}
        for name, service in services().items()
    }
    assert mounts["gateway"]["keys"] == ["ro"]
    assert {name for name, volumes in mounts.items() if "keys" in volumes} == {"gateway", "worker", "prepare"}
    for engine in ("records", "keystore"):
        assert {name for name, volumes in mounts.items() if engine in volumes} == {engine}
    for role in ("gateway", "worker"):  # the installation's keys: each role sees its own, and changes none
        assert {name for name, volumes in mounts.items() if role in volumes} == {role, "prepare"}
        assert mounts[role][role] == ["ro"]
    assert {volume for volumes in mounts.values() for volume in volumes} == set(load()["volumes"])


def test_who_serves_waits_for_what_prepares_and_that_for_the_engines():
    waits = {name: service.get("depends_on", {}) for name, service in services().items()}
    assert {name for name in ("gateway", "worker") if "prepare" in waits[name]} == {"gateway", "worker"}
    assert waits["gateway"]["prepare"]["condition"] == "service_completed_successfully"
    assert set(waits["prepare"]) == {"records", "keystore", "objects"}
    assert set(waits["proxy"]) == {"gateway"}


@pytest.mark.parametrize("service", SERVICES)
def test_images_are_named_by_version_and_without_a_host(service):
    name, _, tag = services()[service]["image"].rpartition(":")
    assert re.match(r"v?\d+\.\d+", tag)
    assert "." not in name.split("/")[0]
