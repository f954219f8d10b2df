"""Parsers for the listings and errors of S3's REST interface (ListObjectsV2, ListObjectVersions).

`minio` has parsers too, but they fail on the time of a delete marker, which Versity Gateway writes with nanoseconds; no
caller here needs a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote_plus
from xml.etree import ElementTree as ET


@dataclass(frozen=True, slots=True)
class Stored:
    """A current object, or one of an object's versions or delete markers (`version` is "" in the former case)."""

    name: str
    size: int
    version: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in the server's order; `following` holds the query parameters of the next page, None at the end."""

    entries: list[Stored]
    following: dict[str, str] | None


def read_objects(body: bytes) -> Page:
    """A page of ListObjectsV2; raises ValueError or ParseError for anything else."""
    root = _root(body, "ListBucketResult")
    entries = [Stored(_key(root, each), int(_text(each, "Size") or "0")) for each in _children(root, "Contents")]
    token = _text(root, "NextContinuationToken")
    return Page(entries, _following(root, {"continuation-token": token}))


def read_versions(body: bytes) -> Page:
    """A page of ListObjectVersions, delete markers included; raises ValueError or ParseError for anything else."""
    root = _root(body, "ListVersionsResult")
    found = [*_children(root, "Version"), *_children(root, "DeleteMarker")]
    entries = [Stored(_key(root, each), 0, _text(each, "VersionId") or "null") for each in found]
    marker, version = _decoded(root, _text(root, "NextKeyMarker")), _text(root, "NextVersionIdMarker")
    following = {"key-marker": marker, **({"version-id-marker": version} if version else {})}
    return Page(entries, _following(root, following))


def code_of(body: bytes) -> str:
    """The code of an error; "" when it has none."""
    try:
        return _text(_root(body, "Error"), "Code")
    except (ValueError, ET.ParseError):
        return ""


def _root(body: bytes, tag: str) -> ET.Element:
    if b"<!" in body:
        raise ValueError("no answer of S3 declares anything")
    root = ET.fromstring(body)  # noqa: S314 - bounded by who read it, and without declarations nothing can grow
    if _local(root) != tag:
        raise ValueError(f"that is no {tag}")
    return root


def _following(root: ET.Element, query: dict[str, str]) -> dict[str, str] | None:
    if _text(root, "IsTruncated").lower() != "true":
        return None
    if not next(iter(query.values())):
        raise ValueError("a page that is not the last does not say where the next one begins")
    return query


def _key(root: ET.Element, entry: ET.Element) -> str:
    return _decoded(root, _text(entry, "Key"))


def _decoded(root: ET.Element, text: str) -> str:
    return unquote_plus(text, errors="strict") if _text(root, "EncodingType") == "url" else text


def _children(element: ET.Element, tag: str) -> list[ET.Element]:
    return [each for each in element if _local(each) == tag]


def _text(element: ET.Element, tag: str) -> str:
    return next((each.text or "" for each in element if _local(each) == tag), "")


def _local(element: ET.Element) -> str:
    """The tag without its namespace: servers differ in whether they write one."""
    return element.tag.rpartition("}")[2]
