"""Makes `tests/vectors/{2-basics,2-boxes,3-envelopes}.json`: `python -m tests.records.vectors` writes them anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from tests.records.practice import COACH, DIRECTOR, KEYS, OTHER, PRACTICE
from vault.boxes import BoxError, box, hkdf, unbox
from vault.records import read
from vault.records.encoding import RecordError, from_base64url, lp, parse_day, parse_instant, to_base64url
from vault.records.envelope import SignatureError, TooOldError, parse, signed_bytes, verify
from vault.records.strict_json import MAX_INTEGER, dump, parse_object

FOLDER = Path(__file__).parents[1] / "vectors"
KEY, NONCE = bytes(range(32)), bytes(range(100, 124))
Reader = Callable[[Any], Any]

# 2-basics.json: each family is what is read of a text, and what is refused.

BASE64URL = (
    *("", "AA", "AAA", "AAAA", "_-8", "-_-_", "Zg", "Zm8", "Zm9v", "AAB", "AAD", "AB", "AP", "AAF", "A", "AAAAA"),
    *(
        "AA==",
        "AAA=",
        "A+",
        "A/",
        "A A",
        " AA",
        "AA\n",
        "AA\r\n",
        "AA\x01",
        "é",
        "\uff21\uff21",
        "A-_9",
        "A=",
        "====",
        "AA-",
        "AQ",
        "Aw",
    ),
)
HEX = (
    "00" * 16,
    "0a" * 16,
    "ff" * 16,
    "0A" * 16,
    "0a" * 15,
    "0a" * 17,
    "0g" * 16,
    "0a" * 15 + "0\n",
    " " + "0a" * 15 + "0",
    "\u0660" * 32,
    "",
)
INSTANTS = (
    *(
        "1900-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "2026-11-29T20:00:00Z",
        "2999-12-31T23:59:59Z",
        "2028-02-29T12:00:00Z",
    ),
    *(
        "2000-02-29T00:00:00Z",
        "2400-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-02-29T00:00:00Z",
    ),
    *(
        "2026-02-30T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-00-10T00:00:00Z",
        "2026-13-10T00:00:00Z",
        "2026-01-00T00:00:00Z",
    ),
    *(
        "2026-01-32T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T23:60:00Z",
        "2016-12-31T23:59:60Z",
        "2026-01-01T23:59:61Z",
    ),
    *(
        "2026-11-29t20:00:00Z",
        "2026-11-29T20:00:00z",
        "2026-11-29 20:00:00Z",
        "2026-11-29T20:00:00",
        "2026-11-29T20:00Z",
    ),
    *("2026-11-29T20:00:00+00:00", "2026-11-29T20:00:00-00:00", "2026-11-29T20:00:00.0Z", "2026-11-29T20:00:00.000Z"),
    *(
        "20261129T200000Z",
        "2026-W48-7T20:00:00Z",
        "2026-333T20:00:00Z",
        " 2026-11-29T20:00:00Z",
        "2026-11-29T20:00:00Z\n",
    ),
    *(
        "2026-1-29T20:00:00Z",
        "+002026-11-29T20:00:00Z",
        "1899-12-31T23:59:59Z",
        "3000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ),
    *(
        "0000-01-01T00:00:00Z",
        "\u0662\u0660\u0662\u0666-11-29T20:00:00Z",
        "\uff12\uff10\uff12\uff16-11-29T20:00:00Z",
        "2026-11-29T2_:00:00Z",
        "2026-11-29T+2:00:00Z",
        "",
        "-1",
    ),
)
DAYS = (
    *("1900-01-01", "2026-11-29", "2028-02-29", "2000-02-29", "2999-12-31", "1900-02-29", "2100-02-29", "2027-02-29"),
    *("2026-02-30", "2026-04-31", "2026-00-10", "2026-13-01", "2026-01-00", "2026-01-32", "1899-12-31", "3000-01-01"),
    *("20261129", "2026-W48-7", "2026-333", "2026-1-29", "29-11-2026", "2026/11/29", " 2026-11-29", "2026-11-29\n"),
    *(
        "2026-11-29T00:00:00Z",
        "2026-11-29Z",
        "\u0662\u0660\u0662\u0666-11-29",
        "\uff12\uff10\uff12\uff16-11-29",
        "2026-11-+9",
        "",
    ),
)
INTEGERS = (0, 1, -1, MAX_INTEGER, -MAX_INTEGER)
NO_INTEGERS = (True, False, None, "1", "", [], {})
# Of at most 12 bytes.
TEXTS = (
    "x",
    "x" * 12,
    "é" * 6,
    "€" * 4,
    "😀" * 3,
    " ",
    "\n",
    "\u200b",
    "e\u0301",
    "",
    "x" * 13,
    "é" * 6 + "x",
    "€" * 4 + "x",
    "😀" * 3 + "x",
    "é" * 12,
)
NO_TEXTS = (None, True, 1, [], {}, ["x"])


def family(read_one: Reader, texts: tuple[Any, ...], spelled: Reader) -> dict[str, Any]:
    """Which of the texts are read, and as what."""
    accept, refuse = [], []
    for text in texts:
        try:
            accept.append({"text": text, **spelled(read_one(text))})
        except RecordError:
            refuse.append(text)
    return {"accept": accept, "refuse": refuse}


def day_number(day: date) -> int:
    """Days since 1 January 1970: what a language's own dates can be held to."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def field(reader: Callable[..., Any], value: Any, **bounds: int) -> Any:
    return reader(parse_object(dump({"f": value}), limit=10_000), "f", **bounds)


def basics() -> dict[str, Any]:
    return {
        "about": "FORMAT.md, Basics: what is read, and what is refused. Bytes are hex; `second` and `day` count from 1 January 1970; `integer` and `text` are values of JSON.",
        "base64url": family(from_base64url, BASE64URL, lambda raw: {"bytes": raw.hex()}),
        "id": family(partial(field, read.identifier), HEX, lambda _: {}),
        "instant": family(parse_instant, INSTANTS, lambda at: {"second": int(at.timestamp())}),
        "day": family(parse_day, DAYS, lambda day: {"day": day_number(day)}),
        "integer": family(partial(field, read.integer, least=-MAX_INTEGER), (*INTEGERS, *NO_INTEGERS), lambda _: {}),
        "text": {"limit": 12, **family(partial(field, read.text, limit=12), (*TEXTS, *NO_TEXTS), lambda _: {})},
        "lp": [
            {"parts": [part.hex() for part in parts], "bytes": lp(*parts).hex()}
            for parts in ((), (b"",), (b"a", b"bc"), ("é".encode(), b"\0" * 300))
        ],
    }


# 2-boxes.json


def boxes() -> dict[str, Any]:
    return {
        "about": "FORMAT.md, Basics, HKDF and box. Bytes are hex.",
        "hkdf": [
            {"ikm": ikm.hex(), "label": label, "key": bytes(hkdf(ikm, label)).hex()}
            for ikm in (b"", b"\0", KEY, KEY * 5)
            for label in ("vault/v1/spool", "vault/v1/link/possess")
        ],
        "box": [
            {
                "name": name,
                "key": key.hex(),
                "aad": aad.hex(),
                "box": sealed.hex(),
                "plaintext": opened(key, aad, sealed),
            }
            for name, key, aad, sealed in _boxes()
        ],
    }


def opened(key: bytes, aad: bytes, sealed: bytes) -> str | None:
    """What a box holds, hex; None where it does not open."""
    try:
        return bytes(unbox(key, aad, sealed)).hex()
    except BoxError:
        return None


def _boxes() -> Iterator[tuple[str, bytes, bytes, bytes]]:
    with mock.patch("vault.boxes.secrets.token_bytes", return_value=NONCE):
        for size in (0, 1, 63, 64, 65, 300):
            plain = bytes(index % 251 for index in range(size))
            yield f"{size} bytes", KEY, b"vault/v1/pins", box(KEY, b"vault/v1/pins", plain)
        sealed = box(KEY, b"", b"Hallo wereld")
    yield "no associated data", KEY, b"", sealed
    yield "other associated data", KEY, b"x", sealed
    yield "another key", bytes(32), b"", sealed
    yield "another version", KEY, b"", b"\x02" + sealed[1:]
    yield "version 0", KEY, b"", b"\0" + sealed[1:]
    for place, name in ((1, "nonce"), (25, "ciphertext"), (len(sealed) - 1, "tag")):
        yield (
            f"a flipped bit in the {name}",
            KEY,
            b"",
            sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :],
        )
    yield "a byte too few", KEY, b"", sealed[:-1]
    yield "a byte too many", KEY, b"", sealed + b"\0"
    yield "shorter than any box", KEY, b"", sealed[:40]
    yield "nothing", KEY, b"", b""


# 3-envelopes.json


def envelopes() -> dict[str, Any]:
    keys = {signer: bytes(key.verify_key) for signer, key in KEYS.items() if signer in (DIRECTOR, COACH)}
    return {
        "about": "FORMAT.md, Envelope: whether the JSON text `envelope` is read as one of that type, and its signatures verify under `keys` (of each signer, hex), where those of `required` are required.",
        "keys": {signer: key.hex() for signer, key in keys.items()},
        "cases": [
            {
                "name": name,
                "type": "profile",
                "envelope": text,
                "required": required,
                "verdict": verdict(text.encode(), "profile", keys, required),
            }
            for name, text, required in (*((*each, ["ed25519"]) for each in _envelopes()), *_required())
        ],
    }


def verdict(raw: bytes, kind: str, keys: dict[str, bytes], required: list[str]) -> str:
    """`allowed`, or the code of the refusal."""
    try:
        verify(parse(raw, kind), keys, required)
    except (RecordError, SignatureError, TooOldError) as error:
        return error.code
    return "allowed"


def _sign(record: bytes, *signers: str, kind: str = "profile") -> list[dict[str, Any]]:
    return [
        {"alg": "ed25519", "signer": each, "sig": to_base64url(KEYS[each].sign(signed_bytes(kind, record)).signature)}
        for each in signers
    ]


def _text(record: bytes, signatures: list[dict[str, Any]], **more: Any) -> str:
    return json.dumps({"record": to_base64url(record), "signatures": signatures, **more}, ensure_ascii=False)


def _envelopes() -> Iterator[tuple[str, str]]:
    base = {"v": 1, "type": "profile", "practice": PRACTICE, "signer": COACH}
    record = dump(base)
    good = _sign(record, COACH)
    other, future = _sign(record, DIRECTOR), {"alg": "future", "signer": COACH, "sig": ""}
    yield "one signature", _text(record, good)
    yield "two signers", _text(record, [*good, *other])
    yield "an unknown member of the envelope", _text(record, good, more=1)
    yield "an unknown algorithm beside", _text(record, [future, *good])
    yield "an unknown algorithm alone", _text(record, [future])
    yield "an unknown algorithm twice", _text(record, [future, future, *good])
    yield "an algorithm in capitals", _text(record, [{**good[0], "alg": "Ed25519"}])
    yield "the same signer twice", _text(record, good * 2)
    yield "another signer alone", _text(record, other)
    yield "a signer whose key is not known", _text(record, [*good, *_sign(record, OTHER)])
    yield "another's signature under the name", _text(record, [{**other[0], "signer": COACH}])
    yield "a wrong signature beside a right one", _text(record, [*good, {**other[0], "sig": good[0]["sig"]}])
    yield "signed as another type", _text(record, _sign(record, COACH, kind="share"))
    yield (
        "signed without the type",
        _text(record, [{**good[0], "sig": to_base64url(KEYS[COACH].sign(record).signature)}]),
    )
    yield "a short signature", _text(record, [{**good[0], "sig": good[0]["sig"][:-2]}])
    yield "an empty signature", _text(record, [{**good[0], "sig": ""}])
    yield "a padded signature", _text(record, [{**good[0], "sig": good[0]["sig"] + "=="}])
    yield "no signature", _text(record, [])
    yield "nine signatures", _text(record, [*good, *({**future, "alg": f"f{n}"} for n in range(8))])
    yield "eight signatures", _text(record, [*good, *({**future, "alg": f"f{n}"} for n in range(7))])
    for name, more in (("numbers", {"alg": 1}), ("null", {"signer": None}), ("an empty name", {"signer": ""})):
        yield f"a signature with {name}", _text(record, [{**good[0], **more}])
    yield "signatures that are no list", json.dumps({"record": to_base64url(record), "signatures": good[0]})
    yield "a signature that is no object", json.dumps({"record": to_base64url(record), "signatures": ["x"]})
    yield "no record", json.dumps({"signatures": good})
    yield "a record that is an object", json.dumps({"record": base, "signatures": good})
    yield "a record with padding", json.dumps({"record": to_base64url(record) + "=", "signatures": good})
    yield "an envelope that is a list", json.dumps([to_base64url(record), good])
    yield "a member twice", _text(record, good)[:-1] + ',"signatures":[]}'
    for name, changed in (
        ("another order and white space", b' {"signer":"%s","practice":"%s","type":"profile","v":1}\n' % (COACH.encode(), PRACTICE.encode())),
        ("an unknown field", dump({**base, "more": [1, {"a": None}]})),
        ("an empty `must`", dump({**base, "must": []})),
        ("a `must` that names a field", dump({**base, "more": 1, "must": ["more"]})),
        ("a `must` of numbers", dump({**base, "must": [1]})),
        ("a `must` that is null", dump({**base, "must": None})),
        ("version 2", dump({**base, "v": 2})),
        ("version true", dump({**base, "v": True})),
        ("version as a text", dump({**base, "v": "1"})),
        ("no version", dump({name: value for name, value in base.items() if name != "v"})),
        ("another type", dump({**base, "type": "share"})),
        ("no practice", dump({name: value for name, value in base.items() if name != "practice"})),
        ("a practice in capitals", dump({**base, "practice": PRACTICE.upper() if PRACTICE.upper() != PRACTICE else "AB" * 16})),
        ("no signer", dump({name: value for name, value in base.items() if name != "signer"})),
        ("a key twice", record[:-1] + b',"v":1}'),
        ("a fraction", record[:-1] + b',"n":1.0}'),
        ("nothing", b""),
        ("a byte order mark", b"\xef\xbb\xbf" + record),
        ("an end cut off", record[:-1]),
    ):  # fmt: skip
        yield f"a record with {name}", _text(changed, _sign(changed, COACH))


def _required() -> Iterator[tuple[str, str, list[str]]]:
    """By a reader who knows no other suite than ed25519."""
    record = dump({"v": 1, "type": "profile", "practice": PRACTICE, "signer": COACH})
    good, other = _sign(record, COACH), {"alg": "future", "signer": COACH, "sig": ""}
    forged = [{**good[0], "sig": _sign(record, DIRECTOR)[0]["sig"]}]
    both = ["ed25519", "future"]
    yield "a suite required that nobody knows", _text(record, good), both
    yield "a suite required that nobody knows, signed by it", _text(record, [other, *good]), both
    yield "a suite required that nobody knows, a wrong signature by another", _text(record, [other, *forged]), both
    yield "a suite required that nobody knows, signed by it alone", _text(record, [other]), both
    yield "only a suite required that nobody knows", _text(record, [other, *good]), ["future"]


FILES = {"2-basics": basics, "2-boxes": boxes, "3-envelopes": envelopes}


if __name__ == "__main__":
    for name, make in FILES.items():
        (FOLDER / f"{name}.json").write_text(json.dumps(make(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
