"""Putting the stores of a set where there is nothing else: rows into empty databases, files where none is.

Nothing that stands is replaced here. The order is that in which a kill does least harm: what records name comes before
them, and the keystore is told to expect newer records before they are there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import StatementError

from infra.backup.folder import OBJECTS
from infra.backup.objects import listing
from infra.backup.opening import Opened
from infra.backup.places import Places
from infra.backup.rows import KEYSTORE, RECORDS, load, revision_of
from vault import wiring
from vault.adapters.database import SqlTransaction
from vault.adapters.escrow import EscrowFiles
from vault.adapters.keystore import GenerationFiles
from vault.adapters.keystore.escrowing import marks_of
from vault.adapters.keystore.store import position_of
from vault.adapters.sql.factory import reading, writing
from vault.adapters.sql.migrate import migrate_database, migrate_keystore, migrate_to, schemas
from vault.errors import ConfigurationError, IntegrityError, InvalidInputError
from vault.files import create_private, unavailable_on_failure, write_private
from vault.flows.positions.comparing import IDENTITY
from vault.ports.errors import DigestMismatchError
from vault.ports.objects import Objects
from vault.records.backup import LISTING, Listed
from vault.settings import Bucket

MIGRATE = {RECORDS: migrate_database, KEYSTORE: migrate_keystore}
ENGINE = {RECORDS: wiring.records, KEYSTORE: wiring.keystore}
_EMPTY_STATE = "SELECT count(*) FROM state WHERE current = 0 AND turning = 0 AND installation IS NULL"


class Store(StrEnum):
    """What of a set is put back; the keys are those of the installation and of the keystore's generations."""

    RECORDS = "records"
    KEYSTORE = "keystore"
    KEYS = "keys"
    OBJECTS = "objects"


def check_schemas(opened: Opened) -> None:
    """Raise ConfigurationError for a set of a newer version."""
    for store, schema in opened.set.manifest.schemas.items():
        if schema not in schemas(store):
            raise ConfigurationError(
                "a newer version of this program made this backup; nothing was changed",
                advice="Install that version, or a newer one.",
            )


def check_empty(places: Places, stores: Collection[Store]) -> None:
    """Raise ConfigurationError where a database that is to be filled holds anything."""
    for store in (RECORDS, KEYSTORE):
        if Store(store) in stores:
            engine = ENGINE[store](places.owner)
            try:
                with reading(engine) as connection:
                    _check_nothing(connection, store)
            finally:
                engine.dispose()


def make_bucket(places: Places) -> None:
    """The bucket that the settings name, on a server that has none yet: `infra.roles` gives its rights afterwards."""
    place = places.owner.objects
    if isinstance(place, Bucket):
        from infra.roles import bucket  # noqa: PLC0415 - its client takes long to load

        bucket.make_bucket(place.endpoint, place.region, place.name, place.access_key, place.secret_key.reveal())


def check_ours(places: Places, opened: Opened) -> None:
    """Raise ConfigurationError where the objects there are another installation's."""
    objects = wiring.objects(places.owner)
    there = b"".join(objects.get(IDENTITY)) if objects.size(IDENTITY) is not None else b""
    if there.strip() not in {b"", opened.installation.encode()}:
        raise ConfigurationError(
            "the store of objects is of another installation than the backup; nothing was changed",
            advice="Look at the settings: they name another vault's store.",
        )


def put_in(
    places: Places, opened: Opened, stores: Collection[Store], step: Callable[[str], None], *, over: bool = False
) -> None:
    """Put these stores of a set in; raises VaultError. `over`: key files that are others may be written over."""
    if Store.KEYS in stores:
        for name, key in opened.keys().items():
            _write(places.key_files[name], key, over=over)
        step("keys")
    if Store.KEYS in stores or Store.KEYSTORE in stores:
        _generations(places, opened, stores, over=over)
        step("generations")
    if Store.OBJECTS in stores:
        _objects(wiring.objects(places.owner), opened)
        step("objects")
    if Store.KEYSTORE in stores:
        _load(places, opened, KEYSTORE, step)
        step("keystore")
    if is_there(places, KEYSTORE) and (Store.RECORDS in stores or is_there(places, RECORDS)):
        _expect_newer(places, opened, stores)
        step("witnessed")
    if Store.RECORDS in stores:
        _load(places, opened, RECORDS, step)
        step("records")


def is_there(places: Places, store: str) -> bool:
    """Whether that database has tables."""
    file = places.owner.records_file if store == RECORDS else places.owner.keystore_file
    if places.embedded and not file.is_file():
        return False
    engine = ENGINE[store](places.owner)
    try:
        with reading(engine) as connection:
            return bool(revision_of(connection))
    finally:
        engine.dispose()


def _check_nothing(connection: Connection, store: str) -> None:
    names = set(inspect(connection).get_table_names()) - {"alembic_version", "state"}
    held = [name for name in sorted(names) if connection.execute(text(f'SELECT 1 FROM "{name}" LIMIT 1')).first()]  # noqa: S608
    if not held and store == KEYSTORE and inspect(connection).has_table("state"):
        held = [] if connection.execute(text(_EMPTY_STATE)).scalar_one() else ["state"]
    if held:
        raise ConfigurationError(
            f"something stands in the database of the {store} already; nothing was changed",
            advice="A backup goes into an empty database. What is lacking alone is put back with --only.",
        )


def _expect_newer(places: Places, opened: Opened, stores: Collection[Store]) -> None:
    """Let the keystore have seen more than the records will hold: the vault stands still until a director decides."""
    if Store.RECORDS not in stores and Store.KEYSTORE not in stores:
        return  # key files and objects cannot be older than they are
    with places.ports() as ports:
        if Store.RECORDS in stores:
            audit = opened.set.manifest.positions[RECORDS]["audit"]
        else:
            with ports.store.reading() as tx:
                audit = tx.position().audit
        ports.keystore.witness(max(ports.keystore.position().audit, audit + 1))


def _load(places: Places, opened: Opened, store: str, step: Callable[[str], None]) -> None:
    """The rows of a store, in one transaction, then its tables brought up to date."""
    engine = ENGINE[store](places.owner)
    try:
        migrate_to(engine, store, opened.set.manifest.schemas[store])
        with writing(engine) as connection:
            load(connection, opened.rows(store), opened.about(store), step)
            _check_position(connection, opened, store)
        MIGRATE[store](engine)
    except StatementError as error:  # what the tables do not take; an engine that fails is another error
        raise IntegrityError(
            f"the rows of the {store} are damaged", advice="Nothing was changed. Take another set."
        ) from error
    finally:
        engine.dispose()


def _check_position(connection: Connection, opened: Opened, store: str) -> None:
    at = SqlTransaction(connection).position() if store == RECORDS else position_of(connection)
    told = opened.set.manifest.positions[store]
    if at.installation != opened.installation or any(getattr(at, name) != number for name, number in told.items()):
        raise IntegrityError(
            f"the rows of the {store} are not those of this backup", advice="Nothing was changed. Take another set."
        )


def _generations(places: Places, opened: Opened, stores: Collection[Store], *, over: bool) -> None:
    """The identity, and the keys of the generations that the keystore names, of the set or the one that stays."""
    files, escrows = GenerationFiles(places.owner.generation_keys), EscrowFiles(places.owner.escrow_folder)
    files.adopt(opened.installation)
    theirs = opened.escrows()
    if Store.KEYSTORE in stores:
        for escrow in theirs:
            escrows.write(escrow)
    elif is_there(places, KEYSTORE):
        marks = _marks(places)
        mine = [each for each in map(escrows.read, marks) if each is not None]
        found = {each.generation: each for each in [*theirs, *mine] if marks.get(each.generation) == each.mark}
        theirs = list(found.values())
    for escrow in theirs:
        _write(files.path(escrow.generation), opened.key_of(escrow), over=over)


def _marks(places: Places) -> dict[int, str]:
    engine = ENGINE[KEYSTORE](places.owner)
    try:
        with reading(engine) as connection:
            return marks_of(connection)
    finally:
        engine.dispose()


def _objects(objects: Objects, opened: Opened) -> None:
    """Every object that is not there; the identity last, since objects that have one are an installation's."""
    named: Listed | None = None
    for each in listing(opened.set.path / LISTING):
        if each.name == IDENTITY:
            named = each
        else:
            _put(objects, opened.set.path / OBJECTS, each)
    if named is not None:
        _put(objects, opened.set.path / OBJECTS, named)


def _put(objects: Objects, folder: Path, each: Listed) -> None:
    with unavailable_on_failure(folder / each.name), (folder / each.name).open("rb") as file:
        try:
            objects.put(each.name, file, each.size, bytes.fromhex(each.digest or ""))
        except DigestMismatchError as error:
            raise IntegrityError(
                f"the object {each.name} is another one than its list says",
                advice="Nothing was changed. Take another set.",
            ) from error


def _write(path: Path, content: bytes, *, over: bool) -> None:
    """A key's file. `over`: in a new data folder, where another file is a damaged copy."""
    with unavailable_on_failure(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if over:
        write_private(path, content)
    elif not create_private(path, content):
        with unavailable_on_failure(path):
            same = path.read_bytes() == content
        if not same:
            raise InvalidInputError(
                f"{path} exists already and holds something else",
                advice="Nothing of it was changed. Move it away first.",
            )
