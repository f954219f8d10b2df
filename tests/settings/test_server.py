"""Settings are whole, or refused with what to do; no secret shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from vault.errors import ConfigurationError
from vault.secret import SecretText
from vault.settings import Bucket, Clock, Folder, Role, Settings, environment_of

PAIR = {"DOSSIER_DATABASE_URL": "postgresql://a@h/records", "DOSSIER_KEYSTORE_URL": "postgresql://b@h/keys"}


def read(**given: str) -> Settings:
    return Settings.from_environment({f"DOSSIER_{name}": value for name, value in given.items()})


def bucket(folder: Path) -> dict[str, str]:
    (folder / "access").write_text("AK\n")
    (folder / "secret").write_text("hush-hush\n")
    return {
        "OBJECTS": "s3:papers",
        "S3_ENDPOINT": "https://s3.example",
        "S3_ACCESS_KEY_FILE": str(folder / "access"),
        "S3_SECRET_KEY_FILE": str(folder / "secret"),
    }


def test_nothing_set_is_the_embedded_vault_on_this_machine():
    settings = read()
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8420, "http://127.0.0.1:8420")
    assert settings.data == Path("data").absolute()
    assert settings.objects == Folder(settings.data / "objects")
    assert settings.erasure_delay == timedelta(hours=24)
    assert settings.warnings == ()


def test_every_file_lies_under_the_data_unless_told_otherwise(tmp_path):
    settings = read(DATA=str(tmp_path))
    files = [
        settings.records_file,
        settings.keystore_file,
        settings.generation_keys,
        settings.installation_key,
        settings.setup_token_file,
        settings.broker_folder,
    ]
    assert all(file.is_relative_to(tmp_path) for file in files)
    apart = read(DATA=str(tmp_path), GENERATION_KEY_FILE="/keys/g", INSTALLATION_KEY_FILE="/keys/i")
    assert (apart.generation_keys, apart.installation_key) == (Path("/keys/g"), Path("/keys/i"))


def test_a_worker_may_have_its_keys_elsewhere_and_a_gateway_is_not_told_where():
    given = {
        "DOSSIER_INSTALLATION_KEY_FILE": "/gateway/installation",
        "DOSSIER_WORKER_INSTALLATION_KEY_FILE": "/worker/installation",
    }
    own = {role: environment_of(role, given) for role in (Role.GATEWAY, Role.WORKER)}
    bases = {role: Settings.from_environment(each).installation_key for role, each in own.items()}
    assert bases == {Role.GATEWAY: Path("/gateway/installation"), Role.WORKER: Path("/worker/installation")}
    assert not [value for value in own[Role.GATEWAY].values() if "worker" in value]
    with pytest.raises(ConfigurationError, match="DOSSIER_INSTALLATION_KEY_FILE is not"):
        Settings.from_environment({"DOSSIER_WORKER_INSTALLATION_KEY_FILE": "/worker/installation"})


def test_an_empty_variable_is_an_unset_one():
    assert read(DATABASE_URL="", CLOCK_OFFSET=" ") == read()


@pytest.mark.parametrize("text", ["8420", ":8420", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "h:65536", "h:²", "h:-1"])
def test_a_listening_address_that_is_none_is_refused(text):
    with pytest.raises(ConfigurationError, match="DOSSIER_LISTEN") as refused:
        read(LISTEN=text)
    assert "127.0.0.1:8420" in refused.value.advice


def test_an_address_of_the_newer_kind_is_understood():
    settings = read(LISTEN="[::1]:8421")
    assert (settings.host, settings.port, settings.public_url) == ("::1", 8421, "http://[::1]:8421")


def test_listening_everywhere_needs_the_address_that_people_type():
    with pytest.raises(ConfigurationError) as refused:
        read(LISTEN="0.0.0.0:8420")
    assert "DOSSIER_PUBLIC_URL" in refused.value.advice
    assert read(LISTEN="0.0.0.0:8420", PUBLIC_URL="https://kluis.example/").public_url == "https://kluis.example"


@pytest.mark.parametrize("text", ["kluis.example", "ftp://kluis.example", "https://", "https://a:b@c", "https://c/#x"])
def test_a_public_address_that_is_no_website_is_refused(text):
    with pytest.raises(ConfigurationError, match="DOSSIER_PUBLIC_URL"):
        read(PUBLIC_URL=text)


@pytest.mark.parametrize("name", PAIR)
def test_half_a_production_database_is_refused(name):
    with pytest.raises(ConfigurationError) as refused:
        Settings.from_environment({name: PAIR[name]})
    assert all(variable in refused.value.advice for variable in PAIR)


def test_records_and_keys_in_one_database_are_refused():
    with pytest.raises(ConfigurationError, match="same database"):
        Settings.from_environment(dict.fromkeys(PAIR, "postgresql://h/all"))


def test_a_bucket_is_read_with_its_keys_from_files(tmp_path):
    settings = read(**bucket(tmp_path))
    assert settings.objects == Bucket("papers", "https://s3.example", "us-east-1", "AK", SecretText("hush-hush"))
    assert "hush-hush" not in repr(settings)


@pytest.mark.parametrize("name", ["S3_ENDPOINT", "S3_ACCESS_KEY_FILE", "S3_SECRET_KEY_FILE"])
def test_half_a_bucket_is_refused(tmp_path, name):
    given = bucket(tmp_path)
    del given[name]
    with pytest.raises(ConfigurationError, match=f"DOSSIER_{name} is missing"):
        read(**given)


def test_keys_of_a_bucket_without_a_bucket_are_refused():
    with pytest.raises(ConfigurationError, match="DOSSIER_S3_REGION"):
        read(S3_REGION="eu-central-1")


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_a_key_file_without_a_key_is_refused_without_showing_it(tmp_path, content):
    given = bucket(tmp_path)
    path = Path(given["S3_SECRET_KEY_FILE"])
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="DOSSIER_S3_SECRET_KEY_FILE"):
        read(**given)


@pytest.mark.parametrize("text", ["papers", "s3:", "dir:", "gcs:papers"])
def test_a_place_for_documents_that_is_none_is_refused(text):
    with pytest.raises(ConfigurationError, match="DOSSIER_OBJECTS"):
        read(OBJECTS=text)


def test_documents_may_lie_in_a_folder_of_their_own():
    assert read(OBJECTS="dir:/srv/papers").objects == Folder(Path("/srv/papers"))


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("+1827d", timedelta(days=1827)),
        ("-2h", timedelta(hours=-2)),
        ("+90m", timedelta(minutes=90)),
        ("+0s", timedelta(0)),
        ("+3s", timedelta(seconds=3)),
    ],
)
def test_the_clock_is_moved_as_said(text, offset):
    clock = read(CLOCK_OFFSET=text).clock
    assert clock == Clock(offset)
    assert abs(clock.now() - offset - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.text == text


@pytest.mark.parametrize("text", ["1827d", "+", "+d", "+1w", "+1.5d", "+1827 d", "+999999d", "+²d", "tomorrow"])
def test_an_offset_that_is_none_is_refused(text):
    with pytest.raises(ConfigurationError, match="DOSSIER_CLOCK_OFFSET"):
        read(CLOCK_OFFSET=text)


def test_the_clock_of_real_dossiers_cannot_be_moved(tmp_path):
    with pytest.raises(ConfigurationError, match="embedded"):
        Settings.from_environment({**PAIR, "DOSSIER_CLOCK_OFFSET": "+1d"})
    with pytest.raises(ConfigurationError, match="embedded"):
        read(**bucket(tmp_path), CLOCK_OFFSET="+1d")


@pytest.mark.parametrize("text", ["24", "-1h", "31d", "soon"])
def test_a_delay_that_is_none_is_refused(text):
    with pytest.raises(ConfigurationError, match="DOSSIER_ERASURE_DELAY"):
        read(ERASURE_DELAY=text)


@pytest.mark.parametrize("text", ["24", "-1h", "91d", "soon", "4m"])
@pytest.mark.parametrize("name", ["SESSION_IDLE", "SESSION_MAX"])
def test_a_limit_of_sessions_that_is_none_is_refused(name, text):
    with pytest.raises(ConfigurationError, match=f"DOSSIER_{name}"):
        read(**{name: text})


def test_sessions_end_unused_sooner_than_at_most():
    settings = read(SESSION_IDLE="30m", SESSION_MAX="8h")
    assert (settings.session_idle, settings.session_max) == (timedelta(minutes=30), timedelta(hours=8))
    with pytest.raises(ConfigurationError, match="longer"):
        read(SESSION_IDLE="9h", SESSION_MAX="8h")


def test_a_mistyped_variable_is_told():
    assert read(LISTN="127.0.0.1:1", TEST_REQUIRE="all", HOME="/x", WEATHER="red").warnings == (
        "DOSSIER_LISTN is not a setting and was ignored; did you mean DOSSIER_LISTEN?",
        "DOSSIER_WEATHER is not a setting and was ignored",
    )


def test_secrets_in_addresses_do_not_show():
    settings = Settings.from_environment(
        {
            "DOSSIER_DATABASE_URL": "postgresql://a:hush@h/r",
            "DOSSIER_KEYSTORE_URL": "postgresql://b:hush@h/k",
            "DOSSIER_BROKER_URL": "amqp://c:hush@h",
        }
    )
    assert "hush" not in repr(settings)


ROLES = {
    "DOSSIER_DATABASE_URL": "postgresql://gateway@h/records",
    "DOSSIER_KEYSTORE_URL": "postgresql://gateway@h/keys",
    "DOSSIER_WORKER_DATABASE_URL": "postgresql://worker@h/records",
    "DOSSIER_OWNER_KEYSTORE_URL_FILE": "/run/owner",
    "DOSSIER_WORKER_S3_ACCESS_KEY_FILE": "/run/worker",
    "HOME": "/root",
}


def test_a_process_is_given_its_own_credentials_and_nobody_elses():
    shared = {
        "DOSSIER_DATABASE_URL": ROLES["DOSSIER_DATABASE_URL"],
        "DOSSIER_KEYSTORE_URL": "postgresql://gateway@h/keys",
    }
    assert environment_of(Role.GATEWAY, ROLES) == {**shared, "HOME": "/root"}
    assert environment_of(Role.WORKER, ROLES) == {
        **shared,
        "DOSSIER_DATABASE_URL": "postgresql://worker@h/records",
        "DOSSIER_S3_ACCESS_KEY_FILE": "/run/worker",
        "HOME": "/root",
    }
    owner = environment_of(Role.OWNER, ROLES)
    assert owner["DOSSIER_KEYSTORE_URL_FILE"] == "/run/owner"
    assert "DOSSIER_KEYSTORE_URL" not in owner, "the file stands in its place"


def test_the_credentials_of_roles_are_settings_like_others():
    given = {name: value for name, value in ROLES.items() if "S3" not in name}
    assert Settings.from_environment(given).warnings == ()


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"DOSSIER_WORKER_DATABASE_URL": "postgresql://worker@h/records"}, "DOSSIER_DATABASE_URL"),
        ({"DOSSIER_OWNER_KEYSTORE_URL_FILE": "/run/owner"}, "DOSSIER_KEYSTORE_URL"),
        ({"DOSSIER_WORKER_S3_SECRET_KEY_FILE": "/run/worker"}, "DOSSIER_S3_SECRET_KEY_FILE"),
    ],
)
def test_credentials_of_a_role_beside_nothing_are_refused(given, missing):
    with pytest.raises(ConfigurationError, match=f"{missing} is not"):
        Settings.from_environment(given)


def test_half_a_key_of_a_role_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="DOSSIER_WORKER_S3_SECRET_KEY_FILE is not"):
        read(**bucket(tmp_path), WORKER_S3_ACCESS_KEY_FILE="/run/worker")


def test_a_gateway_is_not_told_where_the_broker_is():
    given = {"DOSSIER_BROKER_URL": "amqp://h", "DOSSIER_BROKER_URL_FILE": "/run/broker", "DOSSIER_BROKER_QUEUE": "q"}
    assert environment_of(Role.GATEWAY, given) == {}
    assert environment_of(Role.WORKER, given) == given


@pytest.mark.parametrize(
    "url",
    ["amqp://u:p@h//", "amqps://u:p@h:5671/vault", "redis://:p@h:6379/3", "rediss://h", "redis://[::1]:1/"],
)
def test_a_broker_of_either_kind_is_taken(url):
    assert read(BROKER_URL=url).broker_url == url


@pytest.mark.parametrize(
    "url",
    [
        "sqs://u:hush@h", "amqp://", "memory://", "filesystem://", "hush", "amqp://u:hush@h:no", "amqp://u:hush@h:0",
        "amqp://u:hush@h;amqp://other", "redis://:hush@h/name", "redis://:hush@h/0?ssl_cert_reqs=none",
        "pyamqp://u:hush@h", "amqp://u:hush@h/v#x", "amqp://[hush",
    ],
)  # fmt: skip
def test_a_broker_that_no_worker_could_use_is_refused_without_its_password(url):
    with pytest.raises(ConfigurationError, match="DOSSIER_BROKER_URL") as refused:
        read(BROKER_URL=url)
    assert "hush" not in str(refused.value) + refused.value.advice
    assert "amqp://user:password@host" in refused.value.advice


def test_two_vaults_on_one_broker_have_a_queue_each():
    assert read(BROKER_URL="amqp://h").broker_queue == "dossier"
    assert read(BROKER_URL="amqp://h", BROKER_QUEUE="brug-2").broker_queue == "brug-2"
    with pytest.raises(ConfigurationError, match="no broker"):
        read(BROKER_QUEUE="brug")
    with pytest.raises(ConfigurationError, match="no name of a queue"):
        read(BROKER_URL="amqp://h", BROKER_QUEUE="../x")


def test_proxies_are_trusted_by_their_address_alone():
    assert read().trusted_proxies == ()
    networks = (ip_network("127.0.0.1"), ip_network("10.0.3.0/24"), ip_network("fd00::/8"))
    assert read(TRUSTED_PROXIES="127.0.0.1, 10.0.3.0/24,fd00::/8").trusted_proxies == networks


def test_a_proxy_carries_where_it_is_trusted_and_there_is_a_store_that_it_can_reach(tmp_path):
    on_s3 = bucket(tmp_path)
    assert not read().proxy_carries
    assert not read(PROXY_CARRIES="no").proxy_carries
    assert read(PROXY_CARRIES="yes", TRUSTED_PROXIES="127.0.0.1", **on_s3).proxy_carries
    for given in ({"TRUSTED_PROXIES": "127.0.0.1"}, on_s3):
        with pytest.raises(ConfigurationError, match="DOSSIER_PROXY_CARRIES"):
            read(PROXY_CARRIES="yes", **given)
    with pytest.raises(ConfigurationError, match="neither yes nor no"):
        read(PROXY_CARRIES="1", TRUSTED_PROXIES="127.0.0.1", **on_s3)


@pytest.mark.parametrize("text", ["*", "caddy", "10.0.3.1/24", "10.0.0.0/33", "1.2.3.4;5.6.7.8"])
def test_a_proxy_that_is_no_address_is_refused(text):
    with pytest.raises(ConfigurationError, match="DOSSIER_TRUSTED_PROXIES"):
        read(TRUSTED_PROXIES=text)


def test_an_address_may_lie_in_a_file(tmp_path):
    place = tmp_path / "broker"
    place.write_text("amqp://u:p@h//\n")
    assert read(BROKER_URL_FILE=str(place)).broker_url == "amqp://u:p@h//"
    with pytest.raises(ConfigurationError, match="both set"):
        read(BROKER_URL_FILE=str(place), BROKER_URL="amqp://h")
    with pytest.raises(ConfigurationError, match="BROKER_URL_FILE"):
        read(BROKER_URL_FILE=str(tmp_path / "absent"))


@pytest.mark.parametrize("text", ["red", "#12345", "#1234567", "#12345g", "1f6f63"])
def test_a_colour_that_is_none_is_refused(text):
    with pytest.raises(ConfigurationError, match="DOSSIER_COLOUR") as refused:
        read(COLOUR=text)
    assert "#1f6f63" in refused.value.advice
    assert read(COLOUR="#1F6F63").colour == "#1f6f63"


@pytest.mark.parametrize("content", [None, b"", b"<svg/>", b"RIFF1234WAVE", b"\x89PNG\r\n\x1a\n" + b"0" * 262_144])
def test_a_logo_that_no_browser_shows_is_refused(tmp_path, content):
    file = tmp_path / "logo"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match="DOSSIER_LOGO_FILE"):
        read(LOGO_FILE=str(file))
    for picture in (b"\x89PNG\r\n\x1a\n...", b"\xff\xd8\xff...", b"RIFF1234WEBP"):
        file.write_bytes(picture)
        assert read(LOGO_FILE=str(file)).logo_file == file


def test_a_backup_is_due_every_week_unless_told_otherwise():
    assert read().backup_every == timedelta(days=7)
    assert read(BACKUP_EVERY="36h").backup_every == timedelta(hours=36)
    for wrong in ("59m", "15d", "daily"):
        with pytest.raises(ConfigurationError, match="no time from an hour to 14 days"):
            read(BACKUP_EVERY=wrong)
