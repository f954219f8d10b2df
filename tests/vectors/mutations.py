"""Small changes of what a reader accepts: to bytes, to JSON, to the records in an envelope, which are signed anew."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from nacl.signing import SigningKey

from vault.records.encoding import RecordError, format_instant, from_base64url, parse_day, parse_instant, to_base64url
from vault.records.envelope import signed_bytes
from vault.records.strict_json import dump

FOLDER = Path(__file__).parent
Json = Any
# What readers in different languages could take differently.
TOKENS = [
    *(
        b'"',
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"/",
        b"[[[[[[[[[[[[[[[[",
        b"]]]]]]]]]]]]]]]]",
        b'{"a":',
        b'"a":1,',
    ),
    *(b" ", b"\t", b"\n", b"\x0b", b"\x0c", b"\x00", b"\x1f", b"\x7f", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xef\xbb\xbf"),
    *(
        b"\\u0000",
        b"\\ud83d",
        b"\\ude00",
        b"\\ud83d\\ude00",
        b"\\uD83D\\uDE00",
        b"\\u00e9",
        b"\\u00E9",
        b"\\x41",
        b"\\/",
    ),
    *(b"\xed\xa0\xbd", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\xff", b"\xf0\x9f\x98\x80"),
    *(b"-0", b"0", b"00", b"-1", b"01", b"1e2", b"1E2", b"1.0", b"-", b"+1", b"9007199254740991", b"9007199254740992"),
    *(b"true", b"null", b"NaN", b"Infinity", b"-Infinity", b"__proto__", b"constructor", b"toString", b"length"),
]
VALUES: list[Json] = [
    *(None, True, False, 0, 1, 2, -1, 16, 90, 91, 2**43, 2**43 + 1, 2**53 - 1, -(2**53) + 1),
    *("", "x", "A", "another", "director", "holder", "root", "retention", "staff", "client", "superseded", "erased"),
    *("é" * 16, "a" * 33, "😀", "__proto__", "0" * 32, "f" * 64, "F" * 64, "0" * 63, "A" * 43, "B" * 43),
    *("2026-11-23", "2026-02-29", "2026-11-23T09:00:00Z", "2026-11-23T09:00:60Z", "2999-12-31T23:59:59Z"),
    *([], {}, [[]], [None], {"a": None}, {"number": 0, "hash": None}, {"version": 1, "hash": "0" * 64}),
]


@cache
def read(name: str) -> Json:
    """A file of vectors; nobody changes it in place."""
    return json.loads((FOLDER / f"{name}.json").read_bytes())


def allowed(name: str, family: str, verdict: str = "verdict") -> list[Json]:
    """The cases of a family that are allowed."""
    return [case for case in read(name)[family] if case[verdict] == "allowed"]


def often(rng: Random, percent: int) -> bool:
    """Whether chance says so."""
    return rng.randrange(100) < percent


def change_bytes(rng: Random, raw: bytes) -> bytes:
    """The bytes with one to three changes."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(0, len(raw))
        to = min(len(raw), at + rng.choice((0, 0, 1, 1, 2, 8, 40)))
        put = rng.choice((b"", bytes([rng.randrange(256)]), raw[at:to] * 2, rng.choice(TOKENS), rng.choice(TOKENS)))
        raw = raw[:at] + put + raw[to:]
    return raw


def change_json(rng: Random, value: Json) -> Json:
    """The value with one change or two below it; every name is as likely, however often it stands there."""
    changed = copy.deepcopy(value)
    for _ in range(rng.choice((1, 1, 1, 2))):
        places = list(_places(changed))
        names = sorted({_name(place) for place in places})
        name = rng.choice([name for name in names if name not in _COMMON or often(rng, 10)] or names)
        holder, key = rng.choice([place for place in places if _name(place) == name])
        _change(rng, holder, key, [inner[at] for inner, at in places])
    return changed


def _places(value: Json) -> Iterator[tuple[Json, Any]]:
    """Every place, as what holds it and the key; a text that is an envelope's record is a place and no more."""
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


_COMMON = {"v", "type", "practice", "signer"}


def _name(place: tuple[Json, Any]) -> str:
    return place[1] if isinstance(place[0], dict) else f"one of {len(place[0])}"


def _change(rng: Random, holder: Json, key: Any, others: list[Json]) -> None:
    """One change, which mostly keeps the form: else nothing is looked at but forms."""
    value = holder[key]
    like = [other for other in others if type(other) is type(value) and other != value and _form(other) == _form(value)]
    match rng.choices(("near", "like", "any", "gone", "more"), (50, 30, 6, 6, 8))[0]:
        case "like" if like:
            holder[key] = copy.deepcopy(rng.choice(like))
        case "any":
            holder[key] = copy.deepcopy(rng.choice(VALUES))
        case "gone":
            del holder[key]
        case "more" if isinstance(holder, list):
            holder.insert(rng.randint(0, len(holder)), copy.deepcopy(value))
        case "more":
            holder[rng.choice(("more", "must", "__proto__", "hash"))] = copy.deepcopy(rng.choice(VALUES))
        case _:
            holder[key] = _near(rng, value)


_FORMS = {
    "hex": r"[0-9a-f]{32}([0-9a-f]{32})?",
    "instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "key": r"[A-Za-z0-9_-]{22}|[A-Za-z0-9_-]{43}|[A-Za-z0-9_-]{86}",
    "day": r"\d{4}-\d\d-\d\d",
    "word": r"[a-z0-9_]+",
}
_WORDS = (
    "another",
    "director",
    "coach",
    "holder",
    "client",
    "staff",
    "retention",
    "ordinary",
    "recovery",
    "copy",
    "ledger",
    "checkpoint",
    "attest",
)
_SHIFTS = (1, 299, 300, 301, 86_399, 86_400, 86_401, 31_622_400)


def _form(value: Json) -> str:
    if not isinstance(value, str):
        return type(value).__name__
    return next((name for name, form in _FORMS.items() if re.fullmatch(form, value)), f"text of {len(value)}")


def _near(rng: Random, value: Json) -> Json:
    """What looks like the value and is another."""
    try:
        return _NEAR.get(_form(value), _near_text)(rng, value)
    except RecordError:  # no such day, or none after it
        return _near_text(rng, value)


def _near_text(rng: Random, value: str) -> str:
    at = rng.randrange(len(value)) if value else 0
    put = rng.choice(("", value[at : at + 1] * 2, rng.choice("0123456789abcdefABZ-_:. \n")))
    return value[:at] + put + value[at + 1 :]


def _near_hex(rng: Random, value: str) -> str:
    at = rng.randrange(len(value))
    return value[:at] + rng.choice("0123456789abcdefF") + value[at + 1 :]


def _near_key(rng: Random, value: str) -> str:
    at = rng.randrange(len(value))
    return value[:at] + rng.choice("AQgwBz09-_") + value[at + 1 :]


def _near_instant(rng: Random, value: str) -> str:
    return format_instant(parse_instant(value) + rng.choice((-1, 1)) * timedelta(seconds=rng.choice(_SHIFTS)))


def _near_day(rng: Random, value: str) -> str:
    return (parse_day(value) + rng.choice((-1, 1)) * timedelta(days=rng.choice((1, 30, 366)))).isoformat()


_NEAR: dict[str, Callable[[Random, Any], Json]] = {
    "bool": lambda _, value: not value,
    "NoneType": lambda *_: True,
    "int": lambda rng, value: value + rng.choice((-301, -300, -1, 1, 300, 301)),
    "list": lambda rng, value: rng.choice((value[::-1], rng.sample(value, len(value)), value[1:], value[:-1])),
    "dict": lambda rng, value: {name: each for name, each in value.items() if often(rng, 90)},
    "key": _near_key,
    "hex": _near_hex,
    "instant": _near_instant,
    "day": _near_day,
    "word": lambda rng, _: rng.choice(_WORDS),
}


class Signers:
    """The fixed practice's keys, by which a changed record is signed anew."""

    def __init__(self) -> None:
        seeds = {name: SigningKey(bytes.fromhex(seed)) for name, seed in read("3-records")["keys"].items()}
        own = {f"installation:{bytes(key.verify_key).hex()}": key for key in seeds.values()}
        self.keys = {**seeds, **own}

    def change(self, rng: Random, envelope: Json, kind: str) -> Json:
        """The envelope with its record changed, and mostly signed by whom it names; or with itself changed."""
        if often(rng, 20):
            return change_json(rng, envelope)
        fields = change_json(rng, json.loads(from_base64url(envelope["record"])))
        return self.sign(kind, fields, envelope["signatures"][0]["signer"])

    def sign(self, kind: str, fields: Json, otherwise: str) -> Json:
        """The envelope of these fields, signed by the signer that they name where there is a key of that name."""
        signer = fields.get("signer")
        name = signer if isinstance(signer, str) and signer in self.keys else otherwise
        raw = dump(fields)
        sig = self.keys[name].sign(signed_bytes(kind, raw)).signature if name in self.keys else bytes(64)
        return {
            "record": to_base64url(raw),
            "signatures": [{"alg": "ed25519", "signer": name, "sig": to_base64url(sig)}],
        }
