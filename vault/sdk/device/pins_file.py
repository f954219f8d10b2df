"""The pins as they lie in a device's home: a box under the pins key, written whole (FORMAT.md section 11)."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

from vault.boxes import BoxError, box, unbox
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import from_json
from vault.records.record import read_fields, write_fields
from vault.records.strict_json import dump, parse_object
from vault.records.types.repair import Aside
from vault.sdk.device.home import MAX_FILE, Home
from vault.sdk.device.pin_kinds import Act, Mark, SeenDossier, SeenIndex
from vault.sdk.device.pins import Pins
from vault.sdk.device.sightings import claims_json, read_claims, read_tails

FILE = "pins"
VERSION = 1
AAD = b"vault/v1/pins"
_MANY = 10_000_000


def seal_pins(pins: Pins, key: bytes) -> bytes:
    """The pins as they lie on disk: a box under the pins key."""
    dossiers = {
        dossier: [seen.version, seen.head, *([] if seen.index is None else astuple(seen.index))]
        for dossier, seen in sorted(pins.dossiers.items())
    }
    rosters, policies = ([e.to_json() for e in chain] for chain in (pins.rosters, pins.policies))
    fields = {
        "v": VERSION,
        "rosters": rosters,
        "policies": policies,
        "dossiers": dossiers,
        "marks": {name: [mark.number, mark.hash] for name, mark in sorted(pins.marks.items())},
        "terms": {
            dossier: {trajectory: [mark.number, mark.hash] for trajectory, mark in sorted(terms.items())}
            for dossier, terms in sorted(pins.terms.items())
        },
        "terms_roster": dict(sorted(pins.terms_roster.items())),
        "withdrawn": {dossier: sorted(requests) for dossier, requests in sorted(pins.withdrawn.items())},
        "tails": {chain: tail.to_json() for chain, tail in sorted(pins.tails.items())},
        "claims": claims_json(pins.claims),
        "asides": [write_fields(each) for each in sorted(pins.asides, key=repr)],
        "acts": {d: [[act.event, act.id] for act in sorted(acts)] for d, acts in sorted(pins.acts.items())},
    }
    return box(key, AAD, dump(fields))


def open_pins(sealed: bytes, key: bytes) -> Pins:
    """The inverse of `seal_pins`; raises BoxError or RecordError. The chains are not verified here."""
    fields = parse_object(unbox(key, AAD, sealed), limit=MAX_FILE)
    if fields.get("v") != VERSION:
        raise RecordError("unknown version of the pins")
    rosters = read.mapping({"terms_roster": {}, **fields}, "terms_roster")
    return Pins(
        tuple(from_json(e, "roster") for e in read.objects(fields, "rosters", most=_MANY)),
        tuple(from_json(e, "policy") for e in read.objects(fields, "policies", most=_MANY)),
        {dossier: _seen(dossier, value) for dossier, value in read.mapping(fields, "dossiers").items()},
        {name: _mark(value) for name, value in read.mapping({"marks": {}, **fields}, "marks").items()},
        {dossier: _terms(value) for dossier, value in read.mapping({"terms": {}, **fields}, "terms").items()},
        {
            dossier: _requests(value)
            for dossier, value in read.mapping({"withdrawn": {}, **fields}, "withdrawn").items()
        },
        {dossier: _acts(value) for dossier, value in read.mapping({"acts": {}, **fields}, "acts").items()},
        read_tails(fields),
        read_claims(fields),
        {dossier: read.integer(rosters, dossier, least=1) for dossier in rosters},
        frozenset(read_fields(Aside, each) for each in read.objects({"asides": [], **fields}, "asides", most=_MANY)),
    )


def load_pins(home: Home, key: bytes) -> Pins:
    """This device's pins; empty on a new device. Raises BoxError, with advice, for a damaged file."""
    sealed = home.read(FILE)
    if sealed is None:
        return Pins()
    try:
        return open_pins(sealed, key)
    except (BoxError, RecordError) as error:
        raise BoxError(
            f"what this device has seen cannot be read: {home.path / FILE}",
            advice="Keep the file and restore it from a backup. Without one tell the director, sign in with another "
            "DOSSIER_HOME and compare what it shows with a colleague.",
        ) from error


def save_pins(pins: Pins, home: Home, key: bytes) -> None:
    """Write changes, merged with those of another command meanwhile."""
    with pins.changes() as changed:
        if changed:
            with home.lock():
                pins.merge(load_pins(home, key))
                home.write(FILE, seal_pins(pins, key))


def _mark(value: Any) -> Mark:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - the fields of `Mark`
        raise RecordError("a mark has two members")
    fields = dict(zip(("number", "hash"), value, strict=True))
    return Mark(read.integer(fields, "number", least=1), read.digest(fields, "hash"))


def _terms(value: Any) -> dict[str, Mark]:
    marks = read.mapping({"terms": value}, "terms")
    return {read.identifier({"trajectory": each}, "trajectory"): _mark(mark) for each, mark in marks.items()}


def _requests(value: Any) -> frozenset[str]:
    requests = read.items({"withdrawn": value}, "withdrawn", most=_MANY)
    return frozenset(read.digest({"request": each}, "request") for each in requests)


def _acts(value: Any) -> frozenset[Act]:
    if not isinstance(value, list) or not all(isinstance(each, list) and len(each) == 2 for each in value):  # noqa: PLR2004
        raise RecordError("an act has two members")
    pairs = [dict(zip(("event", "id"), each, strict=True)) for each in value]
    return frozenset(Act(read.text(pair, "event", limit=64), read.identifier(pair, "id")) for pair in pairs)


def _seen(dossier: str, value: Any) -> SeenDossier:
    read.identifier({"dossier": dossier}, "dossier")
    names = ("version", "head", "sequence", "index", "root", "count", "roster")
    if not isinstance(value, list) or len(value) not in {2, len(names)}:
        raise RecordError("a pin has two members, or seven where an index was seen")
    fields = dict(zip(names, value, strict=False))
    index = None if len(value) < len(names) else _seen_index(fields)
    return SeenDossier(read.integer(fields, "version", least=1), read.digest(fields, "head"), index)


def _seen_index(fields: read.Fields) -> SeenIndex:
    return SeenIndex(
        read.integer(fields, "sequence", least=1),
        read.digest(fields, "index"),
        read.digest(fields, "root"),
        read.integer(fields, "count"),
        read.integer(fields, "roster", least=1),
    )
