"""A signed record as a value: the annotations of a class tell how to read and write it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, NamedTuple, Protocol, Self, TypeVar, get_args, get_origin, get_type_hints

from vault.records import read
from vault.records.fields import At, Form, Listed, OmittedEmpty

T = TypeVar("T")
Read = Callable[[read.Fields, str], Any]


class Signed(Protocol):
    """The source of a record: an envelope's parsed fields, its hash, and the signer it names."""

    @property
    def fields(self) -> dict[str, Any]: ...  # noqa: D102 - the class says it

    @property
    def hash(self) -> str: ...  # noqa: D102

    @property
    def signer(self) -> str: ...  # noqa: D102


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The base of every type. The three fields come from the envelope; they are empty in an unsigned record."""

    hash: str = ""
    practice: str = ""
    signer: str = ""

    @classmethod
    def read(cls, envelope: Signed) -> Self:
        """The record of an envelope; raises RecordError. `vault.rules` checks the signer's right."""
        common = cls.common(envelope.fields)
        record = read_fields(cls, envelope.fields, hash=envelope.hash, signer=envelope.signer, **common)
        record.check()
        return record

    @classmethod
    def common(cls, fields: dict[str, Any]) -> dict[str, object]:
        """The attributes that come from fields of every record of the kind; raises RecordError."""
        return {"practice": read.identifier(fields, "practice")}

    def content(self) -> dict[str, Any]:
        """The fields of a new record, without the common ones, which the envelope writes."""
        return write_fields(self)

    @property
    def unknown_word(self) -> str:
        """The first field that holds a word which this software does not know; empty where there is none."""
        return _unknown_word(self)

    def check(self) -> None:
        """Raise RecordError for contradicting fields. A type with such a rule overrides this."""


class Field(NamedTuple):
    """One attribute of a class: its name in JSON, its form, and the inner object that contains it."""

    attribute: str
    name: str
    form: Form
    outer: str | None
    omitted_empty: bool


class Plan(NamedTuple):
    """The plan for reading and writing a class."""

    reads: tuple[tuple[str, Read], ...]
    fields: tuple[Field, ...]


def read_fields(cls: Callable[..., T], fields: read.Fields, **common: object) -> T:
    """A value of an annotated dataclass from a JSON object; raises RecordError."""
    return cls(*[reads(fields, name) for name, reads in plan(cls).reads], **common)


def write_fields(value: Any) -> dict[str, Any]:
    """The JSON object of this value, for `read_fields`."""
    fields: dict[str, Any] = {}
    for attribute, name, form, outer, omitted_empty in plan(value.__class__).fields:
        member = getattr(value, attribute)
        if member or not omitted_empty:
            inside = fields if outer is None else fields.setdefault(outer, {})
            inside[name] = member if form.write is None else form.write(member)
    return fields


def has_words(cls: Any) -> bool:
    """Whether a record of the class says something in words of an open set."""
    return any(field.form.unknown is not None for field in plan(cls).fields)


def _unknown_word(value: Any) -> str:
    for attribute, name, form, _, _ in plan(value.__class__).fields:
        if form.unknown is not None and form.unknown(getattr(value, attribute)):
            return name
    return ""


@cache
def plan(cls: Any) -> Plan:
    """The plan of a dataclass, made once from its annotations, without the keyword-only fields of the envelope."""
    hints = get_type_hints(cls, include_extras=True)
    own = [each.name for each in dataclasses.fields(cls) if not each.kw_only]
    fields = tuple(_field(attribute, hints[attribute]) for attribute in own)
    return Plan(tuple((field.name, _reads(field)) for field in fields), fields)


def _field(attribute: str, hint: Any) -> Field:
    markers = getattr(hint, "__metadata__", ())
    path = next((marker.path for marker in markers if isinstance(marker, At)), attribute)
    outer, _, name = path.rpartition(".")
    return Field(attribute, name, form_of(hint), outer or None, OmittedEmpty() in markers)


def _reads(field: Field) -> Read:
    reads, outer = field.form.read, field.outer
    if outer is not None:
        return lambda fields, name: reads(read.mapping(fields, outer), name)
    if field.omitted_empty:
        return lambda fields, name: reads(fields, name) if fields.get(name) is not None else ()
    return reads


def form_of(hint: Any) -> Form:
    """The form in an annotation; raises TypeError without one."""
    if get_origin(hint) is Annotated:
        inside, *markers = get_args(hint)
        for marker in markers:
            match marker:
                case Form():
                    return marker
                case Listed(least, most):
                    return _list(form_of(get_args(inside)[0]), least, most)
        return form_of(inside)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _object(hint)
    match get_args(hint):
        case (inside, none) if none is type(None):
            return _optional(form_of(inside))
    raise TypeError(f"no form of a field: {hint!r}")


def _object(cls: type) -> Form:
    """A dataclass as a JSON object."""
    return Form(
        lambda fields, name: read_fields(cls, read.mapping(fields, name)),
        write_fields,
        (lambda value: bool(_unknown_word(value))) if has_words(cls) else None,
    )


def _optional(form: Form) -> Form:
    """A value or null; an absent field counts as null."""
    write = form.write
    return Form(
        lambda fields, name: read.optional(form.read, fields, name),
        None if write is None else lambda value: None if value is None else write(value),
    )


def _list(form: Form, least: int, most: int) -> Form:
    """A list, its order kept."""
    reads, write = form.read, form.write

    def members(fields: read.Fields, name: str) -> tuple[Any, ...]:
        return tuple(reads({name: each}, name) for each in read.items(fields, name, least=least, most=most))

    inside = form.unknown
    return Form(
        members,
        list if write is None else lambda value: [write(each) for each in value],
        None if inside is None else lambda value: any(inside(each) for each in value),
    )
