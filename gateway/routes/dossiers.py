"""Dossiers, wraps, records and indexes."""

from __future__ import annotations

from fastapi import APIRouter

from gateway.declared_codes import INDEX, RECORDS, declares
from gateway.dependencies.answers import MADE, Made
from gateway.dependencies.bodies import Json
from gateway.dependencies.flows import MemberFlows
from gateway.dependencies.paths import DossierId, EpochNumber
from gateway.dependencies.queries import After, Limit, Version
from gateway.wire import dossier_list as listed
from gateway.wire import dossiers as wire
from gateway.wire import records
from vault.flows.dossiers import adding, changes, contents, heading, opening, sealing, showing, staging

router = APIRouter(tags=["dossiers"])


@router.post("/dossiers", **MADE)
@declares(*RECORDS, "not_found", "clock_wrong")
async def open_dossier(flows: MemberFlows, body: Json[wire.NewDossier], made: Made) -> wire.Opened:
    """Open a dossier, atomically.

    One wrap for every grantee; a profile, a trajectory, and index 1 which lists both.
    """
    opened = await flows.run(opening.open_dossier, body.to_flow(), flows.now)
    return made(wire.Opened(dossier=opened.dossier), repeated=opened.repeated)


@router.get("/dossiers")
async def list_dossiers(flows: MemberFlows, after: After = "", limit: Limit = 500) -> wire.Dossiers:
    """The caller's dossiers, by id.

    Each with the caller's own wrap and the encrypted profile: searching by name happens in the client.
    """
    return wire.Dossiers.page(await flows.run(showing.listing, after, limit), limit)


@router.post("/dossiers/changes")
@declares(frozen=True)
async def list_changes(flows: MemberFlows, body: Json[listed.Known]) -> listed.Changes:
    """The caller's dossiers where they are not as she knows them.

    Bucket by bucket: what a bucket holds now is all that there is of it. While there is `more`, ask again with the new
    marks.
    """
    return listed.Changes.of(await flows.run(changes.changes, body.marks))


@router.get("/dossiers/{dossier}")
@declares("not_found")
async def get_dossier(flows: MemberFlows, dossier: DossierId) -> wire.WholeDossier:
    """A dossier with every head and the newest index.

    Enough to verify everything in it.
    """
    return wire.WholeDossier.of(await flows.run(showing.one, dossier))


@router.get("/dossiers/{dossier}/heads")
@declares("not_found")
async def list_lost_heads(flows: MemberFlows, dossier: DossierId) -> wire.Heads:
    """The heads of a dossier that the caller held once, up to the one that took it from her.

    By them her device knows why the dossier is in her list no more. Who holds it finds nothing here.
    """
    return wire.Heads(items=await flows.run(showing.farewell, dossier))


@router.get("/dossiers/{dossier}/contents")
@declares("not_found")
async def get_contents(flows: MemberFlows, dossier: DossierId, limit: Limit = 500) -> wire.Contents:
    """A dossier with the first page of its documents and of its records.

    Lists that do not end here go on at `/dossiers/{dossier}/documents` and `…/records`, after their `next`.
    """
    return wire.Contents.of(await flows.run(contents.contents, dossier, limit), limit)


@router.get("/dossiers/{dossier}/indexes")
@declares("not_found")
async def list_indexes(flows: MemberFlows, dossier: DossierId, after: Version = 0, limit: Limit = 500) -> wire.Indexes:
    """The links of a dossier's index above a number, ascending.

    A client verifies every one that it has not seen.
    """
    return wire.Indexes.of(await flows.run(showing.indexes, dossier, after, limit))


@router.get("/dossiers/{dossier}/leaves")
@declares("not_found")
async def get_leaves(flows: MemberFlows, dossier: DossierId) -> wire.Leaves:
    """What the newest index lists, as the hashes of the records.

    Their Merkle root is the one that the index states.
    """
    return wire.Leaves.of(await flows.run(showing.leaves, dossier))


@router.put("/wraps")
async def put_wraps(flows: MemberFlows, body: Json[listed.OwnWraps]) -> listed.Updated:
    """The caller's own symmetric wraps and labels, a batch.

    They make opening and listing 10,000 dossiers quick.
    """
    return listed.Updated(updated=await flows.run(sealing.put_own, body.to_flow()))


@router.get("/dossiers/{dossier}/records")
@declares("not_found")
async def list_records(
    flows: MemberFlows, dossier: DossierId, after: After = "", limit: Limit = 500
) -> records.Records:
    """Profiles, trajectories and shares of a dossier, by hash.

    With their texts, and whether the newest index lists them.
    """
    return records.Records.page(await flows.run(showing.records, dossier, after, limit), limit)


@router.post("/dossiers/{dossier}/records", **MADE)
@declares(*RECORDS, *INDEX, "clock_wrong")
async def add_records(flows: MemberFlows, dossier: DossierId, body: Json[records.NewRecords]) -> wire.Advanced:
    """The next versions of profile or trajectory, with the index that lists them.

    For closing and reopening a dossier: a trajectory with an end, a new trajectory.
    """
    return wire.Advanced.of(await flows.run(adding.add_records, dossier, body.to_flow(), body.index, flows.now))


@router.post("/dossiers/{dossier}/head", **MADE)
@declares(*RECORDS, *INDEX, "epoch_incomplete")
async def take_next_head(flows: MemberFlows, dossier: DossierId, body: Json[wire.NewHead]) -> wire.Advanced:
    """The next head of a dossier, with the first index under it: who holds it from now on.

    Under the same identity somebody comes, or who has left the practice goes. A new identity comes with all that it
    opens: heads, metadata and texts, in this request or laid by before; all of it takes effect at once, or none.
    """
    return wire.Advanced.of(await flows.run(heading.take_next, dossier, body.to_flow(), flows.now))


@router.put("/dossiers/{dossier}/epochs/{epoch}")
@declares("not_found", "not_allowed", "epoch_stale", "epoch_incomplete", "setup_open")
async def stage_epoch(flows: MemberFlows, dossier: DossierId, epoch: EpochNumber, body: Json[wire.Staged]) -> wire.Laid:
    """Lay by a part of what the next identity of a dossier opens.

    For a director. It has no effect until the head comes that states this identity; a day later it is forgotten.
    """
    staged = await flows.run(staging.stage, dossier, epoch, body.identity, body.items(), flows.now)
    return wire.Laid(staged=staged)


@router.post("/dossiers/{dossier}/index")
@declares(*RECORDS, *INDEX)
async def advance_index(flows: MemberFlows, dossier: DossierId, body: Json[wire.NewIndex]) -> wire.Advanced:
    """Set the next index, which makes a batch of deposits stored.

    After a lost race the refusal contains the newest index; repeating the newest changes nothing.
    """
    return wire.Advanced.of(await flows.run(adding.advance_index, dossier, body.index, flows.now))
