"""Boxes, keyrings, pins, session files: what they hold comes back, and one flipped bit opens nothing."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from vault.boxes import BoxError, box, hkdf, unbox
from vault.errors import ConfigurationError, IntegrityError, UnavailableError, VaultError
from vault.records.encoding import RecordError, dump, parse_object
from vault.records.envelope import write
from vault.records.standing import Standing
from vault.sdk.device import clock
from vault.sdk.device.home import Home, read_private
from vault.sdk.device.pins import Pins, Seen, open_pins, seal_pins
from vault.sdk.errors import ForkError, RollbackError, WeakPasswordError
from vault.sdk.keys import one_time_codes
from vault.sdk.keys.derivation import PasswordKey, derive, new_parameters, normalise, read_parameters
from vault.sdk.keys.keyring import Keyring, new_keyring, open_keyring, parse_keyring, seal_keyring
from vault.sdk.keys.password import check_new_password, guesses
from vault.sdk.keys.words import generate_password
from vault.sdk.people.session_file import StoredSession, open_session, seal_session
from vault.secret import Secret

KEY = bytes(range(32))
MEMBER, PRACTICE, HASH = "1" * 32, "2" * 32, "3" * 64


def keyring() -> Keyring:
    return new_keyring(PRACTICE, MEMBER, bytes(32), Standing(1, HASH))


def test_hkdf_is_rfc_5869_with_an_empty_salt() -> None:
    # RFC 5869, test case 3, cut to one block and with its empty info.
    assert hkdf(b"\x0b" * 22, "").hex() == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"


@given(plaintext=st.binary(max_size=300), aad=st.binary(max_size=50))
def test_a_box_gives_back_what_went_in_and_shows_nothing(plaintext: bytes, aad: bytes) -> None:
    opened = unbox(KEY, aad, box(KEY, aad, plaintext))
    assert bytes(opened) == plaintext
    assert repr(opened) == str(opened) == "Secret(…)"


@given(bit=st.integers(min_value=0))
def test_a_box_with_one_flipped_bit_stays_shut(bit: int) -> None:
    sealed = bytearray(box(KEY, b"aad", b"content"))
    sealed[bit // 8 % len(sealed)] ^= 1 << bit % 8
    with pytest.raises(BoxError):
        unbox(KEY, b"aad", bytes(sealed))


@pytest.mark.parametrize(("key", "aad"), [(bytes(32), b"aad"), (KEY, b"other")])
def test_a_box_of_another_key_or_place_stays_shut(key: bytes, aad: bytes) -> None:
    with pytest.raises(BoxError):
        unbox(key, aad, box(KEY, b"aad", b"content"))


@given(sealed=st.binary(max_size=200))
def test_no_bytes_crash_a_parser(sealed: bytes) -> None:
    for attempt in (
        lambda: unbox(KEY, b"", sealed),
        lambda: parse_keyring(sealed),
        lambda: open_pins(box(KEY, b"vault/v1/pins", sealed), KEY),
        lambda: open_session(box(KEY, b"vault/v1/session", sealed), KEY),
    ):
        with pytest.raises(VaultError):
            attempt()


def test_a_keyring_is_bound_to_its_member_and_parameters() -> None:
    own, parameters = keyring(), new_parameters()
    sealed = seal_keyring(own, KEY, parameters)
    assert open_keyring(sealed, KEY, MEMBER, parameters) == own
    for key, member, given_parameters in (
        (bytes(32), MEMBER, parameters),
        (KEY, PRACTICE, parameters),
        (KEY, MEMBER, new_parameters()),
    ):
        with pytest.raises(BoxError):
            open_keyring(sealed, key, member, given_parameters)
    assert bytes(own.signing).hex() not in repr(own)


@pytest.mark.parametrize("field", ["v", "practice", "member", "signing", "identity", "wrap", "root", "roster"])
def test_a_keyring_without_a_field_is_refused(field: str) -> None:
    fields = parse_object(keyring().to_bytes(), limit=4096)
    del fields[field]
    with pytest.raises(RecordError):
        parse_keyring(dump(fields))


def test_parameters_are_written_in_one_way() -> None:
    parameters = new_parameters()
    text = parameters.text()
    assert text.startswith(b'{"algorithm":"argon2id","lanes":1,"memory":65536,"passes":3,"salt":"')
    assert read_parameters(parameters.to_json()) == parameters


def test_a_password_is_normalised_and_gives_two_unrelated_keys() -> None:
    parameters = new_parameters()
    first, second = derive("cafe\u0301 Ⅷ", parameters), derive("café VIII", parameters)
    assert isinstance(first, PasswordKey)
    assert first == second
    assert first.login != first.keyring
    assert normalise("ﬁ") == b"fi"


def chain() -> tuple[Pins, str]:
    roster = write("roster", {"version": 1}, practice=PRACTICE, signer="root", key=SigningKey(KEY))
    policy = write("policy", {"version": 1}, practice=PRACTICE, signer=MEMBER, key=SigningKey(KEY))
    return Pins((roster,), (policy,), {MEMBER: Seen(1, HASH, 2, HASH), PRACTICE: Seen(1, HASH)}), roster.hash


def test_pins_come_back_whole() -> None:
    pins, _ = chain()
    again = open_pins(seal_pins(pins, KEY), KEY)
    assert (again.rosters, again.policies, again.dossiers) == (pins.rosters, pins.policies, pins.dossiers)


@pytest.mark.parametrize(
    "value", [[], [1, HASH, 1], [0, HASH, 0, ""], [1, "x", 0, ""], [1, HASH, 1, ""], "x", [1, HASH, True, HASH]]
)
def test_a_pin_that_is_none_is_refused(value: object) -> None:
    fields = {"v": 1, "rosters": [], "policies": [], "dossiers": {MEMBER: value}}
    with pytest.raises(RecordError):
        open_pins(box(KEY, b"vault/v1/pins", dump(fields)), KEY)


@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from("ab")), max_size=12))
def test_pins_never_go_back_and_never_sideways(shown: list[tuple[int, str]]) -> None:
    pins, newest = Pins(), (0, "")
    for version, head in shown:
        fork, back = version == newest[0] and head != newest[1], version < newest[0]
        try:
            pins.see_head(MEMBER, version, head)
        except ForkError:
            assert fork
        except RollbackError:
            assert back
        else:
            assert not fork
            assert not back
            newest = version, head


def test_what_two_commands_saw_is_joined(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    one, two = Pins(), Pins()
    one.see_head(MEMBER, 2, HASH)
    two.see_head(MEMBER, 1, "4" * 64)
    two.see_head(PRACTICE, 1, HASH)
    one.save(home, KEY)
    two.save(home, KEY)
    raw = home.read("pins")
    assert raw is not None
    assert open_pins(raw, KEY).dossiers == {MEMBER: Seen(2, HASH), PRACTICE: Seen(1, HASH)}


def test_a_session_file_comes_back_and_hides_its_token() -> None:
    for public in (None, "https://dossier.example.nl"):
        session = StoredSession("token", keyring(), public)
        sealed = seal_session(session, KEY)
        assert open_session(sealed, KEY) == session
    assert "token" not in repr(session).replace("token=", "")
    for key in (bytes(32), b"short"):
        with pytest.raises(BoxError):
            open_session(sealed, key)


def test_a_home_is_private_even_if_it_was_not(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o755)
    assert stat.S_IMODE(Home(folder).path.stat().st_mode) == 0o700
    assert stat.S_IMODE(Home(folder).spool.stat().st_mode) == 0o700


def test_a_home_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError):
        Home(tmp_path / "file")


def test_a_file_is_replaced_whole_and_leaves_nothing_behind(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.write("file", b"one")
    home.write("file", b"two")
    assert home.read("file") == b"two"
    assert [p.name for p in home.path.iterdir()] == ["file"]
    with pytest.raises(UnavailableError):
        read_private(home.path)


def test_two_commands_take_turns(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.lock(), pytest.raises(UnavailableError), home.lock(patience=0):
        pass
    with home.lock(patience=0):
        pass


@given(secret=st.binary(min_size=10, max_size=64))
def test_a_secret_reads_back_however_it_is_typed(secret: bytes) -> None:
    text = one_time_codes.to_base32(secret)
    spaced = " ".join(text[n : n + 4] for n in range(0, len(text), 4)).lower()
    assert (
        one_time_codes.from_base32(text)
        == one_time_codes.from_base32(spaced)
        == one_time_codes.from_base32(text + "==")
        == secret
    )


@pytest.mark.parametrize("text", ["", "1", "AAAA", "é", "A" * 200])
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(one_time_codes.TotpSecretError):
        one_time_codes.from_base32(text)


def test_a_secret_file_is_private_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "totp"
    assert one_time_codes.read_secret_file(path) is None
    secret = one_time_codes.new_secret()
    one_time_codes.write_secret_file(path, secret)
    assert one_time_codes.read_secret_file(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"\xff")
    with pytest.raises(one_time_codes.TotpSecretError):
        one_time_codes.read_secret_file(path)


def test_an_app_reads_the_uri() -> None:
    uri = one_time_codes.otpauth_uri(Secret(b"12345678901234567890"), account="a@b.nl", issuer="De Praktijk")
    assert uri == (
        "otpauth://totp/De%20Praktijk:a@b.nl?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=De%20Praktijk&algorithm=SHA1&digits=6&period=30"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+1827d", timedelta(days=1827)),
        ("-90m", timedelta(minutes=-90)),
        ("0s", timedelta(0)),
        ("2h", timedelta(hours=2)),
    ],
)
def test_a_clock_can_be_moved(text: str, expected: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clock.parse_offset(text) == expected
    monkeypatch.setenv("DOSSIER_CLOCK_OFFSET", text)
    assert abs(clock.now() - datetime.now(UTC) - expected) < timedelta(seconds=5)


@pytest.mark.parametrize("text", ["", "d", "1", "1w", "+1.5d", "++1d", "999999999d", "\u0661d"])
def test_an_offset_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        clock.parse_offset(text)


def test_the_day_is_the_one_in_amsterdam() -> None:
    assert clock.local_day(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)).isoformat() == "2026-07-01"


WEAK = [
    "",
    "a",
    "wachtwoord",
    "Welkom2026!",
    "P4ssw0rd",
    "a" * 200,
    "abc" * 60,
    "qwertyuiopasdfghjkl",
    "12345678901234567890",
    "01-02-1980 03-04-1981",
    "Correct Horse Battery Staple!",
    "dcba" * 9,
]


@pytest.mark.parametrize("password", WEAK)
def test_a_password_that_could_be_guessed_is_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        check_new_password(password)


def test_six_generated_words_always_do() -> None:
    for _ in range(50):
        check_new_password(generate_password())
    check_new_password("xK9#mQ2$vL7pRt!w")
    with pytest.raises(WeakPasswordError):
        check_new_password("x" * 2000)


@given(password=st.text(max_size=30), more=st.characters())
def test_the_estimate_is_never_above_ten_guesses_a_character(password: str, more: str) -> None:
    assert 1 <= guesses(password) <= 10 ** (2 * len(password) + 1) * 10
    assert guesses(password + more) >= 1


def test_integrity_errors_are_integrity_errors() -> None:
    assert issubclass(BoxError, IntegrityError)
