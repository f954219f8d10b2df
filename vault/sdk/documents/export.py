"""Exports a dossier as ordinary age files (head ‖ body) with their key, readable by any age tool.

A file gets its name only when its body matches the signed record; existing files are never overwritten.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vault.errors import IntegrityError
from vault.files import place
from vault.sdk.device.names import Places, safe_folder, safe_name
from vault.sdk.device.progress import UNWATCHED, Progress
from vault.sdk.documents.bodies import disk, make_private
from vault.sdk.documents.fetching import fetch
from vault.sdk.documents.kept import KeptBody
from vault.sdk.documents.listing import STORED, Listed, Quarantined, body_source, identity_of, left_out, unlock

if TYPE_CHECKING:
    from vault.age.hybrid import HybridIdentity
    from vault.age.x25519 import X25519Identity
    from vault.sdk.dossiers.open_dossier import OpenDossier

SUFFIX = ".age"
IDENTITY = "identity.txt"
AUDIT = "audit.json"


@dataclass(frozen=True, slots=True)
class Exported:
    """An exported document: its id, its age file relative to the folder, the plaintext's size."""

    document: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Export:
    """The exported documents, the key file, and the documents left out because they do not verify."""

    files: tuple[Exported, ...]
    identity: str
    left_out: tuple[Quarantined, ...] = ()


def export(
    dossier: OpenDossier,
    documents: Sequence[Listed],
    out: Path,
    *,
    classic: bool = False,
    progress: Progress = UNWATCHED,
) -> Export:
    """Write every stored document as `NAME.age` below `out`, and the key as `identity.txt`.

    The key is the dossier's own; with `classic` it is a fresh X25519 key for tools older than age 1.3, with new headers
    and the same bodies. A damaged document is left out and named. Raises DiskError, UnavailableError.
    """
    from vault.age.x25519 import X25519Identity  # noqa: PLC0415 - loads `cryptography`

    stored = [one for one in documents if one.state == STORED]
    own = identity_of(dossier)
    identity = X25519Identity.generate() if classic else own
    with disk(out):
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
    places = Places(out)
    # The key first: files without their key are useless, a key without files is harmless.
    key = _place(_write_identity(identity, out), out, places, (IDENTITY, "", ""))
    progress.expect(sum(one.record.size for one in stored))
    files, apart = [], []
    for one in stored:
        try:
            head = _head(one, own, identity if isinstance(identity, X25519Identity) else None)
            temporary = _bring(dossier, one, head, out, progress)
        except IntegrityError as error:
            apart.append(left_out(one, error))
            continue
        final = _place(temporary, out, places, (one.metadata.name, one.metadata.folder, SUFFIX))
        files.append(Exported(one.id, final.relative_to(out).as_posix(), one.metadata.size))
    return Export(tuple(files), key.relative_to(out).as_posix(), tuple(apart))


def save_evidence(dossier: OpenDossier, out: Path) -> str:
    """Write the dossier's audit evidence as `audit.json`, verifiable offline; returns its name."""
    from vault.sdk.audit.verification import fetch_evidence  # noqa: PLC0415 - an export of bodies alone does without

    evidence, temporary = fetch_evidence(dossier.signed_in, dossier.id), _temporary(out)
    with disk(temporary):
        fd = make_private(temporary)
        with os.fdopen(fd, "wb") as file:
            file.write(evidence.to_bytes())
            file.flush()
            os.fsync(file.fileno())
    final = _place(temporary, out, Places(out), (AUDIT, "", ""))
    return final.relative_to(out).as_posix()


def _head(listed: Listed, own: HybridIdentity, classic: X25519Identity | None) -> bytes:
    """The head, or for a classic key a head with a new header; the file key is checked in both cases."""
    from vault.age.header import write_header  # noqa: PLC0415 - loads `cryptography`

    file_key = unlock(listed, own)
    return listed.head if classic is None else write_header(file_key, [classic.recipient()]) + listed.record.nonce


def _bring(dossier: OpenDossier, listed: Listed, head: bytes, out: Path, progress: Progress) -> Path:
    """A finished age file under a temporary name."""
    temporary = _temporary(out)
    with disk(temporary):
        fd = make_private(temporary)
    try:
        with disk(temporary):
            os.pwrite(fd, head, 0)
        body = KeptBody(fd, listed.record, temporary, at=len(head))
        fetch(body_source(dossier, listed.id), listed.record.size, body, progress)
        body.check()
        with disk(temporary):
            os.fsync(fd)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(fd)
    return temporary


def _write_identity(identity: HybridIdentity | X25519Identity, out: Path) -> Path:
    """Write an age identity file, readable by its owner only."""
    public = identity.recipient().to_string()
    temporary = _temporary(out)
    with disk(temporary):
        fd = make_private(temporary)
        with os.fdopen(fd, "w", encoding="ascii") as file:
            file.write(f"# public key: {public}\n{identity.to_string()}\n")
            file.flush()
            os.fsync(fd)
    return temporary


def _place(temporary: Path, out: Path, places: Places, wanted: tuple[str, str, str]) -> Path:
    name, folder, suffix = wanted
    inside = safe_folder(folder)
    try:
        with disk(out / inside):
            final = places.take(safe_name(name), inside=inside, suffix=suffix)
            final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            while not place(temporary, final):
                final = places.take(safe_name(name), inside=inside, suffix=suffix)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    return final


def _temporary(out: Path) -> Path:
    return out / f".dossier-{secrets.token_hex(8)}.part"
