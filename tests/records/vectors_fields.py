"""Makes `tests/vectors/3-fields.json`: what is a record of each type, and what is none.

`python -m tests.records.vectors_fields` writes it anew. A case changes fields of the record of that type in
`3-records.json`: `set` gives them other values, by path (`limits.share_days`), `without` takes them out.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from tests.records import samples
from tests.records.vectors import FOLDER
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, parse_record
from vault.records.strict_json import dump
from vault.records.table import type_of

COMMON = {"v", "type", "practice", "signer"}
ANYTHING: list[Any] = [None, True, "", "x", -1, [], {}, "2026-02-30T09:00:00Z"]
SHORT = 16
Case = dict[str, Any]


def fields() -> dict[str, Any]:
    return {
        "about": "FORMAT.md, Types: whether the record of that type in 3-records.json is one with these fields changed.",
        "cases": [
            {"type": kind, **change, "verdict": verdict(kind, record, change)}
            for kind, record in records().items()
            for change in _changes(kind, record)
        ],
    }


def records() -> dict[str, dict[str, Any]]:
    return {kind: envelope.fields for kind, envelope in samples.every().items()}


def changed(record: dict[str, Any], change: Case) -> dict[str, Any]:
    """The record with what the case sets and without what it takes out."""
    made = copy.deepcopy(record)
    for path, value in change.get("set", {}).items():
        _inside(made, path)[path.rpartition(".")[2]] = value
    for path in change.get("without", []):
        _inside(made, path).pop(path.rpartition(".")[2])
    return made


def _inside(record: dict[str, Any], path: str) -> dict[str, Any]:
    for step in path.split(".")[:-1]:
        record = record[step]
    return record


def verdict(kind: str, record: dict[str, Any], change: Case) -> str:
    """`allowed`, or the code of the refusal."""
    try:
        raw = dump(changed(record, change))
        type_of(kind).cls.read(Envelope(kind, raw, (), parse_record(raw, kind)))
    except RecordError as error:
        return error.code
    return "allowed"


def _changes(kind: str, record: dict[str, Any]) -> Iterator[Case]:
    yield {"set": {"more": [1, {"a": None}]}}
    for path, value in _paths(record):
        yield {"without": [path]}
        for other in (*ANYTHING, *_like(value)):
            yield {"set": {path: other}}
    for more in MORE.get(kind, []):
        yield {"set": more}


def _paths(record: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if before or name not in COMMON:
            yield before + name, value
            if isinstance(value, dict):
                yield from _paths(value, f"{before}{name}.")


def _like(value: Any) -> Iterator[Any]:
    """What looks like the value and is another, or none."""
    if isinstance(value, str):
        yield from (value.upper(), value[:-1], value + value[-1:], value + "\n", [value])
        yield from ("1899-12-31", "3000-01-01") if len(value) == len("2026-11-23") else ()
        yield from ("another", "an other") if len(value) <= SHORT and value.islower() else ()
    elif isinstance(value, list):
        yield from (value * 2, value[::-1], [*value, None], {"0": value})
    elif isinstance(value, int):
        yield from (str(value), 1, 90, 91, 10_001, 2**53 - 1)


A, B, HIGH = "0a" * 16, "0b" * 16, "ff" * 32
HOLDERS = [{"id": A, "role": "holder"}, {"id": B, "role": "holder"}]
REMOVED = [{"hash": "0a" * 32, "why": "erased", "by": HIGH}, {"hash": "0b" * 32, "why": "another", "by": HIGH}]
HOSTS = [
    "a.nl:1",
    "a.nl:65535",
    "a.nl:0",
    "a.nl:65536",
    "a.nl:000443",
    "a.nl:",
    ":443",
    "a_b.nl",
    "[::1",
    "a[::1]",
    "[a.nl]",
]
SHARED = [{"document": A, "record": HIGH}, {"document": B, "record": HIGH}]
PUT_BACK = [{"store": "keystore", "has": 3, "seen": 8}, {"store": "records", "has": 812, "seen": 1040}]
MORE: dict[str, list[dict[str, Any]]] = {
    "roster": [
        {"suites.signature": ["ed25519", "another"]},
        {"suites.dossier": ["x" * 32]},
        {"suites.dossier": ["x" * 33]},
    ],
    "policy": [
        *(
            {"public_url": url}
            for url in ("https://a.nl", "http://127.0.0.1:8420/kluis", "https://[::1]/a", "ftp://a.nl")
        ),
        *({"public_url": url} for url in ("https://a.nl/", "https://a.nl?b", "https://me@a.nl", "https://a.nl//b")),
        *({"public_url": f"https://{host}"} for host in HOSTS),
        {"retention": {"client": 1, "commissioner": 60}},
        {"retention": {"client": 61, "commissioner": 60}},
        {"retention": {"client": 60}},
    ],
    "restoration": [
        {"stores": PUT_BACK[:1]},
        {"stores": PUT_BACK * 2},
        {"stores": [{**PUT_BACK[0], "store": "keys"}]},
        {"stores": [{**PUT_BACK[0], "has": 8}]},
        {"stores": [{**PUT_BACK[0], "has": 0, "seen": 1}, {"store": "objects", "has": 9, "seen": 8}]},
        {"stores": [*PUT_BACK, {"store": "objects", "has": 0, "seen": 2**53 - 1}]},
        {"stores": [{"store": "records", "has": 1}]},
    ],
    "dossier": [
        {"grantees": HOLDERS},
        {"grantees": HOLDERS[::-1]},
        {"grantees": HOLDERS[:1] * 2},
        {"grantees": [{**HOLDERS[0], "role": "assistant"}]},
        {"grantees": [{"id": A}]},
        {"grantees": [A]},
        {"index": HIGH},
    ],
    "index": [
        {"removed": REMOVED},
        {"removed": REMOVED[::-1]},
        {"removed": REMOVED[:1] * 2},
        {"removed": REMOVED[:1], "added": ["0a" * 32], "count": 1},
        {"added": ["0b" * 32, "0a" * 32]},
        {"added": ["0a" * 32, "0a" * 32]},
    ],
    "share": [{"documents": SHARED}, {"documents": SHARED[:1] * 2}, {"consent": HIGH}],
    "document": [{"size": 16}, {"size": 15}, {"size": 2**43}, {"size": 2**43 + 1}, {"previous": HIGH}],
    "trajectory": [
        {"end": "2026-11-23"},
        {"end": "2026-11-22"},
        {"end": "2031-02-28", "grace": False},
        {"start": "2028-02-29", "end": None},
    ],
    "erasure": [
        {"documents": [A, B], "records": [HIGH, HIGH]},
        {"documents": [A, B], "records": [HIGH]},
        {"documents": [B, A]},
        {"records": None},
        {"records": []},
        {"documents": [A], "records": None},
        {"documents": [], "records": [HIGH]},
        {"not_before": "2026-11-23T09:00:00Z", "expires": "2026-11-23T09:00:00Z"},
        {"not_before": "2026-11-23T09:00:00Z", "expires": "2027-11-24T09:00:00Z"},
        {"not_before": "2026-11-23T09:00:00Z", "expires": "2027-11-24T09:00:01Z"},
    ],
    "tombstone": [
        {"reason": "retention", "request": None},
        {"reason": "retention", "request": HIGH},
        {"reason": "client", "request": None},
        {"reason": "another", "request": None},
        {"reason": "another", "request": HIGH},
    ],
}


if __name__ == "__main__":
    made = fields()
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in made["cases"])
    text = f'{{"about": {json.dumps(made["about"])}, "cases": [\n{lines}\n]}}\n'
    (FOLDER / "3-fields.json").write_text(text, encoding="utf-8")
