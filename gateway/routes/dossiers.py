"""Dossiers, wraps, records and indexes."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.dependencies import After, InHouse, Limit, SignedInCaller, known_id, read_json
from gateway.documentation import JSON_BODY, RECORDS, SESSION, SIGNED_IN, describe
from gateway.http import limits
from gateway.routes.answers import answer, made, next_after
from gateway.wire import dossiers as wire
from vault.flows.dossiers import opening
from vault.flows.dossiers.indexing import Advanced

router = APIRouter(tags=["dossiers"])
INDEX = ("not_found", "index_stale", "record_unknown", "record_left_out")


@router.post(
    "/dossiers",
    operation_id="openDossier",
    summary="Open a dossier: all of it or nothing",
    **describe(
        {200: wire.Opened, 201: wire.Opened},
        (*SIGNED_IN, *JSON_BODY, *RECORDS, "not_found"),
        body=wire.NewDossier,
        security=SESSION,
    ),
)
async def open_dossier(request: Request, house: InHouse, caller: SignedInCaller) -> Response:
    """One wrap for every grantee; a profile, a trajectory, and index 1 which lists both."""
    asked = await read_json(request, house, wire.NewDossier, limits.DOSSIER)
    new = opening.NewDossier(
        asked.dossier,
        tuple(opening.NewWrap(wrap.member, wrap.wrap, wrap.symmetric) for wrap in asked.wraps),
        _records(asked.records),
        asked.index,
    )
    opened = await house.run(opening.open_dossier, house.ports, caller, new, house.clock())
    return made(wire.Opened(dossier=opened.dossier), repeated=opened.repeated)


def _records(records: list[wire.NewRecord]) -> tuple[opening.NewRecord, ...]:
    return tuple(opening.NewRecord(record.record, record.text) for record in records)


@router.get(
    "/dossiers",
    operation_id="listDossiers",
    summary="The caller's dossiers, by id",
    **describe({200: wire.Dossiers}, (*SIGNED_IN, "invalid"), security=SESSION),
)
async def listing(house: InHouse, caller: SignedInCaller, after: After = "", limit: Limit = 500) -> Response:
    """Each with the caller's own wrap and the encrypted profile: searching by name happens in the client."""
    rows = await house.run(opening.listing, house.ports, caller, after, limit)
    last = next_after(rows, limit)
    page = wire.Dossiers(items=[_listed(row) for row in rows], next=None if last is None else last.dossier.id)
    return answer(page)


def _listed(row: opening.Listed) -> wire.ListedDossier:
    return wire.ListedDossier(
        dossier=row.dossier.id,
        epoch=row.dossier.epoch,
        kind=cast("Any", row.dossier.kind),
        head=row.head,
        wrap=row.wrap,
        symmetric=row.symmetric,
        profile=_profile(row.profile),
        sequence=row.dossier.sequence,
        index=row.dossier.index,
        retention=wire.Retention.at(row.dossier.destroy_on),
    )


def _profile(view: opening.RecordView) -> wire.Profile:
    assert view.text is not None, "a profile has a text"
    return wire.Profile(record=view.envelope, text=view.text)


@router.get(
    "/dossiers/{dossier}",
    operation_id="getDossier",
    summary="A dossier with every head and the newest index",
    **describe({200: wire.WholeDossier}, (*SIGNED_IN, "not_found"), security=SESSION),
)
async def one(house: InHouse, caller: SignedInCaller, dossier: str) -> Response:
    """All that is needed to verify everything in it."""
    whole = await house.run(opening.one, house.ports, caller, known_id(dossier))
    row = whole.listed
    return answer(
        wire.WholeDossier(
            dossier=row.dossier.id,
            kind=cast("Any", row.dossier.kind),
            heads=list(whole.heads),
            index=whole.index,
            sequence=row.dossier.sequence,
            wrap=row.wrap,
            symmetric=row.symmetric,
            epoch=row.dossier.epoch,
            profile=_profile(row.profile),
            retention=wire.Retention.at(row.dossier.destroy_on),
        )
    )


@router.put(
    "/wraps",
    operation_id="putWraps",
    summary="The caller's own symmetric wraps, a batch",
    **describe({200: wire.Updated}, (*SIGNED_IN, *JSON_BODY), body=wire.SymmetricWraps, security=SESSION),
)
async def put_wraps(request: Request, house: InHouse, caller: SignedInCaller) -> Response:
    """So that 10,000 dossiers open quickly next time."""
    asked = await read_json(request, house, wire.SymmetricWraps, limits.WRAPS)
    items = [(item.dossier, item.epoch, item.symmetric) for item in asked.items]
    return answer(wire.Updated(updated=await house.run(opening.put_symmetric, house.ports, caller, items)))


@router.get(
    "/dossiers/{dossier}/records",
    operation_id="listRecords",
    summary="Profiles, trajectories and shares of a dossier, by hash",
    **describe({200: wire.Records}, (*SIGNED_IN, "not_found", "invalid"), security=SESSION),
)
async def records(
    house: InHouse, caller: SignedInCaller, dossier: str, after: After = "", limit: Limit = 500
) -> Response:
    """With their texts, and whether the newest index lists them."""
    rows = await house.run(opening.records, house.ports, caller, known_id(dossier), after, limit)
    items = [
        wire.ListedRecord(
            hash=row.hash,
            type=row.envelope.kind,
            record=row.envelope,
            text=row.text,
            state=cast("Any", row.state.value),
        )
        for row in rows
    ]
    last = next_after(rows, limit)
    return answer(wire.Records(items=items, next=None if last is None else last.hash))


@router.post(
    "/dossiers/{dossier}/records",
    operation_id="addRecords",
    summary="The next versions of profile or trajectory, with the index that lists them",
    **describe(
        {201: wire.Advanced},
        (*SIGNED_IN, *JSON_BODY, *RECORDS, *INDEX),
        body=wire.NewRecords,
        security=SESSION,
    ),
)
async def add_records(request: Request, house: InHouse, caller: SignedInCaller, dossier: str) -> Response:
    """Closing and reopening a dossier come this way: a trajectory with an end, a new trajectory."""
    asked = await read_json(request, house, wire.NewRecords, limits.RECORDS)
    advanced = await house.run(
        opening.add_records,
        house.ports,
        caller,
        known_id(dossier),
        _records(asked.records),
        asked.index,
        house.clock(),
    )
    return answer(_advanced(advanced), 201)


@router.post(
    "/dossiers/{dossier}/index",
    operation_id="advanceIndex",
    summary="The next index: turns a batch of deposits stored",
    **describe(
        {200: wire.Advanced},
        (*SIGNED_IN, *JSON_BODY, *RECORDS, *INDEX),
        body=wire.NewIndex,
        security=SESSION,
    ),
)
async def advance_index(request: Request, house: InHouse, caller: SignedInCaller, dossier: str) -> Response:
    """When another came first, the newest comes back with the refusal; repeating the newest changes nothing."""
    asked = await read_json(request, house, wire.NewIndex, limits.INDEX)
    advanced = await house.run(
        opening.advance_index, house.ports, caller, known_id(dossier), asked.index, house.clock()
    )
    return answer(_advanced(advanced))


def _advanced(advanced: Advanced) -> wire.Advanced:
    return wire.Advanced(sequence=advanced.sequence, index=advanced.index)
