"""Records that chance makes of those in the vectors, signed anew, and what they follow."""

from __future__ import annotations

from random import Random

from tests.rules import chain_vectors, index_vectors, right_vectors, verdicts
from tests.sdk.dossiers import following_vectors
from tests.vectors.families import Family
from tests.vectors.mutations import Json, Signers, allowed, often, read
from vault.records.envelope import Envelope, from_json, verify
from vault.records.table import type_of
from vault.rules.verdict import Refused

SIGNERS = Signers()
CHAINS = read("3-chains")


def _envelope(rng: Random) -> Json:
    one = rng.choice(read("3-records")["records"])
    keys = {name: bytes(key.verify_key).hex() for name, key in SIGNERS.keys.items()}
    return {"type": one["type"], "keys": keys, "envelope": SIGNERS.change(rng, one["envelope"], one["type"])}


def _judge_envelope(case: Json) -> Json:
    kind = case["type"]
    envelope = from_json(case["envelope"], kind)
    type_of(kind).cls.read(envelope)
    verify(envelope, {name: bytes.fromhex(key) for name, key in case["keys"].items()})
    return envelope.hash


def _named(hashes: list[str]) -> list[Json]:
    return [CHAINS["records"][each] for each in hashes]


def _all(envelopes: list[Json], kind: str) -> list[Envelope]:
    return [from_json(each, kind) for each in envelopes]


def _roster(rng: Random) -> Json:
    one = rng.choice(allowed("3-chains", "rosters"))
    return {"chain": _named(one["chain"]), "next": SIGNERS.change(rng, one["next"], "roster")}


def _judge_roster(case: Json) -> Json:
    chain_vectors.append_all(_all(case["chain"], "roster"), from_json(case["next"], "roster"))
    return "allowed"


def _head(rng: Random) -> Json:
    one = rng.choice(allowed("3-chains", "heads"))
    return {
        "rosters": _named(one["rosters"]),
        "chain": _named(one["chain"]),
        "next": SIGNERS.change(rng, one["next"], "dossier"),
    }


def _judge_head(case: Json) -> Json:
    known = verdicts.chain_of(_all(case["rosters"], "roster"))
    chain_vectors.append_heads(_all(case["chain"], "dossier"), from_json(case["next"], "dossier"), known)
    return "allowed"


def _right(rng: Random) -> Json:
    one = rng.choice(allowed("3-rights", "signing", "accepted"))
    named = {name: [read("3-rights")["records"][each] for each in one[name]] for name in ("rosters", "heads")}
    return {"type": one["type"], **named, "record": SIGNERS.change(rng, one["record"], one["type"])}


def _judge_right(case: Json) -> Json:
    chain, heads = _all(case["rosters"], "roster"), _all(case["heads"], "dossier")
    record = from_json(case["record"], case["type"])
    return [right_vectors.signing(record, chain, heads, new=new) for new in (False, True)]


TYPES = ("document", "share", "profile", "trajectory", "policy", "wrap", "index", "intent")
INSTANTS = (None, "2026-11-23T09:00:00Z", "2026-11-23T09:00:01Z", "2026-11-23T08:59:59Z", "2026-12-01T00:00:00Z")


def _known(rng: Random, known: Json) -> Json:
    """The same with one thing that is known otherwise, or not at all."""
    changed = {hash_: dict(one) for hash_, one in known.items()}
    if not changed:
        return changed
    hash_ = rng.choice(sorted(changed))
    one, hashes = changed[hash_], [*changed, "5e" * 32]
    other: Json = {
        "type": rng.choice(TYPES),
        "subject": rng.choice(["5b" * 16, "5c" * 16]),
        "pending": not one["pending"],
        "revoked": not one["revoked"],
        "expires_at": rng.choice(INSTANTS),
        "tombstones": rng.sample(hashes, min(2, len(hashes))),
        "version": rng.choice([0, 1, 2, 3]),
        "previous": rng.choice([None, *hashes]),
        "roster": rng.choice([0, 1, 2]),
    }
    name = rng.choice(["", *other])
    return (
        {**changed, hash_: {**one, name: other[name]}}
        if name
        else {key: changed[key] for key in changed if key != hash_}
    )


def _index(rng: Random) -> Json:
    one = rng.choice(CHAINS["index"])
    before = (
        rng.sample([*one["before"], "5e" * 32], len(one["before"]) + rng.choice((0, 0, 1)))
        if often(rng, 20)
        else one["before"]
    )
    known = rng.choice((one["known"], _known(rng, one["known"])))
    return {
        **one,
        "known": known,
        "before": before,
        "next": rng.choice((one["next"], SIGNERS.change(rng, one["next"], "index"))),
    }


def _judge_index(case: Json) -> Json:
    verdict = index_vectors.follow(case["before"], case["known"], from_json(case["next"], "index"))
    return verdict.reason if isinstance(verdict, Refused) else "allowed"


def _backwards(rng: Random) -> Json:
    one = rng.choice(CHAINS["index_backwards"])
    after = rng.sample([*one["after"], "5e" * 32], len(one["after"]))
    return {"after": after, "index": rng.choice((one["index"], SIGNERS.change(rng, one["index"], "index")))}


def _judge_backwards(case: Json) -> Json:
    verdict, found = index_vectors.take_back(case["after"], from_json(case["index"], "index"))
    return verdict if found is None else found


def _following(rng: Random) -> Json:
    """One of the links changed, or less of them, another pin, or other records listed or shown."""
    file = read("3-following")
    one = dict(rng.choice([case for case in file["cases"] if case["pin"] is not None]))
    envelopes = dict(file["envelopes"])
    links = [*one["links"], one["newest"]]
    match rng.choice(("link", "link", "hidden", "pin", "leaves", "records")):
        case "link":
            at = rng.randrange(len(links))
            envelopes["changed"] = SIGNERS.change(rng, envelopes[links[at]], "index")
            links[at] = "changed"
        case "hidden":
            del links[rng.randrange(len(links))]
        case "pin":
            earlier = {"sequence": one["pin"]["sequence"] + rng.choice((-1, 1))}
            one["pin"] = {
                **one["pin"],
                **rng.choice((earlier, {"roster": 2}, {"count": 2}, {"index": "5e" * 32}, {"root": "5e" * 32})),
            }
        case "leaves":
            one["leaves"] = sorted({*one["leaves"][rng.randint(0, 1) :], *rng.choice(((), ("5e" * 32,)))})
        case _:
            one["records"] = [each for each in one["records"] if often(rng, 70)]
    links = links or [one["newest"]]
    named = {*one["rosters"], *one["heads"], *one["repairs"], *links, *(each["record"] for each in one["records"])}
    shown = {name: envelopes[name] for name in sorted(named)}
    return {**one, "links": links[:-1], "newest": links[-1], "dossier": file["dossier"], "envelopes": shown}


def _judge_following(case: Json) -> Json:
    found = following_vectors.judge(case, case["envelopes"])
    return [found["verdict"], found.get("missing")]


FAMILIES = {
    "envelope": Family(_envelope, _judge_envelope, words=False),
    "roster": Family(_roster, _judge_roster),
    "head": Family(_head, _judge_head),
    "right": Family(_right, _judge_right),
    "index": Family(_index, _judge_index, share=3),
    "following": Family(_following, _judge_following),
    "backwards": Family(_backwards, _judge_backwards),
}
