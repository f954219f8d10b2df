"""The cases of `3-chains.json`: what may follow what."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from tests.records import practice, samples
from tests.records.practice import COACH, DIRECTOR, NEW_ROOT, NOW, OTHER, ROOT, member, next_roster, rosters
from tests.rules import index_vectors, installation_vectors
from tests.rules.verdicts import (
    AWAY,
    FORMER,
    LEFT,
    SHEET,
    Case,
    by_hash,
    chain_of,
    content_of,
    hashes,
    heads_of,
    verdict_of,
)
from vault.records.encoding import format_instant
from vault.records.envelope import Envelope, cosigned, write
from vault.records.types.document import SEGMENT_SIZE, Document, body_digest
from vault.records.types.dossier import Grantee, holders_of
from vault.records.types.intent import Intent
from vault.records.types.roster import RosterMember
from vault.rules.deposits import completes, is_body
from vault.rules.rights import Heads, first_head
from vault.rules.rosters import Rosters, first
from vault.rules.verdict import Verdict
from vault.rules.versions import Last, next_document, next_entry, next_version


def chains() -> dict[str, Any]:
    return {
        "about": "FORMAT.md, Who may sign and The index: what may follow what. A chain names its records by hash.",
        "records": by_hash(
            [practice.first_roster()],
            *(before for _, before, _ in _rosters()),
            *(each for _, chain, before, _ in _heads() for each in (chain, before)),
            *(heads for _, heads, _ in index_vectors.standings()),
        ),
        "rosters": [
            {
                "name": name,
                "chain": hashes(before),
                "next": envelope.to_json(),
                "verdict": verdict_of(lambda before=before, envelope=envelope: append_all(before, envelope)),
            }
            for name, before, envelope in _rosters()
        ],
        "heads": [
            {
                "name": name,
                "rosters": hashes(chain),
                "chain": hashes(before),
                "next": envelope.to_json(),
                "verdict": verdict_of(
                    lambda chain=chain, before=before, envelope=envelope: append_heads(
                        before, envelope, chain_of(chain)
                    )
                ),
            }
            for name, chain, before, envelope in _heads()
        ],
        "numbers": [
            {
                "name": name,
                "last": last,
                "number": number,
                "previous": previous,
                "verdict": follow(last, number, previous),
            }
            for name, last, number, previous in _numbers()
        ],
        "entries": [
            {
                "name": name,
                "type": new.kind,
                "before": before.to_json(),
                "next": new.to_json(),
                "verdict": verdict_of(partial(installation_vectors.follows, before, new)),
            }
            for name, before, new in installation_vectors.entries()
        ],
        "documents": [
            {
                "name": name,
                "last": None if last is None else last.to_json(),
                "next": new.to_json(),
                "verdict": verdict_of(lambda last=last, new=new: follow_document(last, new)),
            }
            for name, last, new in _documents()
        ],
        "deposits": [
            {
                "name": name,
                "intent": intent.to_json(),
                "record": record.to_json(),
                "segments": [segment.hex() for segment in segments],
                "verdict": deposit(intent, record, segments),
            }
            for name, intent, record, segments in _deposits()
        ],
        "index": [
            {
                "name": name,
                "before": before,
                "known": facts,
                "now": format_instant(NOW),
                "next": envelope.to_json(),
                "verdict": follow_index(before, facts, envelope),
            }
            for name, before, facts, envelope in index_vectors.links()
        ],
        "index_backwards": [
            {
                "name": name,
                "after": after,
                "index": envelope.to_json(),
                "verdict": index_vectors.take_back(after, envelope)[0],
                "before": index_vectors.take_back(after, envelope)[1],
            }
            for name, after, envelope in index_vectors.backwards()
        ],
        "index_and_head": [
            {
                "name": name,
                "rosters": hashes([practice.first_roster()]),
                "heads": hashes(heads),
                "index": envelope.to_json(),
                "verdict": stand(heads, envelope),
            }
            for name, heads, envelope in index_vectors.standings()
        ],
    }


def append_all(before: list[Envelope], envelope: Envelope) -> Rosters:
    """The chain with `envelope`; it is the first of all where nothing comes before it."""
    if not before:
        return first(envelope)
    chain = first(before[0])
    for each in before[1:]:
        chain = chain.append(each)
    return chain.append(envelope)


def append_heads(before: list[Envelope], envelope: Envelope, chain: Rosters) -> Heads:
    """The chain of heads with `envelope`; it is the first of all where nothing comes before it."""
    if not before:
        return first_head(envelope, chain)
    heads = first_head(before[0], chain)
    for each in before[1:]:
        heads = heads.append(each, chain)
    return heads.append(envelope, chain)


def _other_algorithm(envelope: Envelope) -> Envelope:
    first_, new = envelope.signatures
    return dataclasses.replace(envelope, signatures=(first_, dataclasses.replace(new, alg="another")))


def _rosters() -> Iterator[tuple[str, list[Envelope], Envelope]]:
    one = practice.first_roster()
    chain = first(one)
    yield "roster 1, signed by the root it states", [], one
    yield "roster 1 with another version", [], practice.first_roster(version=2)
    yield "roster 1 after another", [], practice.first_roster(previous="00" * 32)
    yield "roster 1 of an id that is not its root's", [], practice.first_roster(root=SHEET["root"])
    yield "roster 1 without a director", [], practice.first_roster(members=(member(COACH),))
    yield "roster 1 without an installation", [], practice.first_roster(installations=())
    yield from installation_vectors.rosters(chain)
    yield "roster 1 signed by another root", [], practice.write("roster", practice.roster().content(), "root", NEW_ROOT)
    yield "roster 1 signed by a member", [], practice.write("roster", practice.roster().content(), DIRECTOR)
    yield "the next, by a director", [one], next_roster(chain)
    yield "the next, by a coach", [one], next_roster(chain, COACH)
    yield "a number left out", [one], next_roster(chain, version=3)
    yield "on another past", [one], next_roster(chain, previous="00" * 32)
    yield "a member taken out", [one], next_roster(chain, members=(member(DIRECTOR, "director"),))
    yield "a member twice", [one], next_roster(chain, members=(*practice.roster().members, member(COACH)))
    yield "a director dismissed, with a new sheet", [one], next_roster(chain, members=LEFT, **SHEET)
    new = next_roster(chain, members=LEFT, **SHEET)
    silent = dataclasses.replace(new, signatures=new.signatures[:1])
    yield "a new root that has not signed", [one], silent
    yield "a new root, signed by the old one", [one], cosigned(silent, "new_root", ROOT)
    yield "a new root, signed by it alone", [one], dataclasses.replace(new, signatures=new.signatures[1:])
    yield "a new root, signed as another algorithm", [one], _other_algorithm(new)
    yield "the same root, signed as a new one", [one], cosigned(next_roster(chain), "new_root", ROOT)
    yield "a director dismissed, with the old sheet", [one], next_roster(chain, members=LEFT)
    yield "a director dismissed, with half a new sheet", [one], next_roster(chain, members=LEFT, root=SHEET["root"])
    gone = next_roster(chain, members=LEFT, **SHEET)
    yield FORMER, [one, gone], next_roster(chain.append(gone), DIRECTOR, members=LEFT, **SHEET)
    for what, changed in _same_member():
        yield what, [one], next_roster(chain, members=(member(DIRECTOR, "director"), changed, member(OTHER)))
    new_keys = dataclasses.replace(member(DIRECTOR, "director"), signing=SHEET["root"])
    given = {"kind": "recovery", "members": (new_keys, member(COACH), member(OTHER)), **SHEET}
    yield "a director's keys replaced by the root", [one], next_roster(chain, "root", ROOT, **given)
    left = next_roster(chain, members=AWAY)
    after = chain.append(left)
    yield "one who left stays away", [one, left], next_roster(after, members=AWAY)
    yield "one who left comes back under her id", [one, left], next_roster(after)
    later = (AWAY[0], member(COACH, until=NOW + timedelta(days=1)), AWAY[2])
    yield "one who left is said to have left later", [one, left], next_roster(after, members=later)
    yield from _words_of_rosters(one, chain)
    recovery = next_roster(chain, "root", ROOT, kind="recovery", **SHEET)
    yield "a recovery, by the root of the roster before", [one], recovery
    yield "a recovery, by the new root", [one], next_roster(chain, "root", NEW_ROOT, kind="recovery", **SHEET)
    yield "a recovery, by a director", [one], next_roster(chain, DIRECTOR, kind="recovery")
    yield from _sheets(one, chain)


def _sheets(one: Envelope, chain: Rosters) -> Iterator[tuple[str, list[Envelope], Envelope]]:
    """Whoever was a director may know the words of the sheet; and what the root signs is a recovery."""
    step_back = (member(DIRECTOR), member(COACH, "director"), member(OTHER))
    by_root = partial(next_roster, chain, "root", ROOT)
    yield "a director made a coach, with the old sheet", [one], next_roster(chain, members=step_back)
    yield "a director made a coach, with a new sheet", [one], next_roster(chain, members=step_back, **SHEET)
    yield "a director made a coach by the root, with the old sheet", [one], by_root(kind="recovery", members=step_back)
    yield "the last director made a coach", [one], next_roster(chain, members=(member(DIRECTOR), *AWAY[1:]), **SHEET)
    yield "the last director dismissed", [one], next_roster(chain, members=(LEFT[0], *AWAY[1:]), **SHEET)
    yield "an ordinary roster by the root", [one], by_root()
    stranger = {"practice": "ff" * 16, "signer": DIRECTOR, "key": practice.KEYS[DIRECTOR]}
    yield "the next, of another practice", [one], write("roster", content_of(next_roster(chain)), **stranger)
    yield "roster 1 of the kind recovery", [], practice.first_roster(kind="recovery")


def _words_of_rosters(one: Envelope, chain: Rosters) -> Iterator[tuple[str, list[Envelope], Envelope]]:
    """Roles, kinds and suites: what is unknown gives no right, and nothing that is required is dropped."""
    helped = (member(DIRECTOR, "director"), member(COACH, "assistant"), member(OTHER))
    ousted = (member(DIRECTOR, "assistant"), member(COACH, "director"), member(OTHER))
    yield "a member in an unknown role", [one], next_roster(chain, members=helped)
    yield "roster 1 whose director is in an unknown role", [], practice.first_roster(members=ousted[:1])
    yield "a director put into an unknown role, with the old sheet", [one], next_roster(chain, members=ousted)
    yield "a director put into an unknown role, with a new sheet", [one], next_roster(chain, members=ousted, **SHEET)
    out = next_roster(chain, members=ousted, **SHEET)
    yield "a director in an unknown role", [one, out], next_roster(chain.append(out), members=ousted, **SHEET)
    two, other = ("ed25519", "ml-dsa-65"), ("ml-dsa-65",)
    keys = ("mlkem768x25519", "another")
    yield "another signature required beside", [one], next_roster(chain, signature_suites=two)
    yield "another signature required beside, by a coach", [one], next_roster(chain, COACH, signature_suites=two)
    yield "another signature required instead", [one], next_roster(chain, signature_suites=other)
    yield "the same signature required twice", [one], next_roster(chain, signature_suites=("ed25519",) * 2)
    yield "no signature required", [one], next_roster(chain, signature_suites=())
    yield "roster 1 that requires another signature", [], practice.first_roster(signature_suites=other)
    yield "roster 1 that requires two signatures", [], practice.first_roster(signature_suites=two)
    yield "keys of dossiers by another suite beside", [one], next_roster(chain, dossier_suites=keys)
    yield "keys of dossiers by another suite alone", [one], next_roster(chain, dossier_suites=keys[1:])
    yield "keys of dossiers by no suite", [one], next_roster(chain, dossier_suites=())
    yield "an unknown kind, by a director", [one], next_roster(chain, kind="another")
    yield "an unknown kind, by the root", [one], next_roster(chain, "root", ROOT, kind="another")
    yield "an unknown kind, by a coach", [one], next_roster(chain, COACH, kind="another")


def _same_member() -> Iterator[tuple[str, RosterMember]]:
    one = member(COACH)
    yield "a member's name changed", dataclasses.replace(one, card="1c" * 32)
    yield "a member's role changed", dataclasses.replace(one, role="director")
    yield "a member's signing key changed", dataclasses.replace(one, signing=SHEET["root"])
    yield "a member's recipient changed", dataclasses.replace(one, recipient="1e" * 32)


def follow_index(before: list[str], facts: dict[str, Case], envelope: Envelope) -> str:
    """The verdict on an index that follows one which lists `before`."""
    return verdict_of(lambda: index_vectors.follow(before, facts, envelope))


def stand(heads: list[Envelope], envelope: Envelope) -> str:
    """The verdict on the newest index beside the newest head."""
    held = heads_of(heads, rosters())
    assert held is not None
    return verdict_of(lambda: index_vectors.stand(held, envelope))


def _heads() -> Iterator[tuple[str, list[Envelope], list[Envelope], Envelope]]:
    known_ = [practice.first_roster()]
    for name, before, envelope in _heads_on_one_roster():
        yield name, known_, before, envelope
    chain, one = rosters(), practice.head(rosters())
    gone = next_roster(chain, members=AWAY)
    then, both = chain.append(gone), [*known_, gone]
    next_ = {"version": 2, "previous": one.hash}
    yield "a head by a coach, from before she left", both, [one], practice.head(chain, **next_)
    yield "a head by a coach who has left", both, [one], practice.head(then, **next_)
    taken = practice.head(then, DIRECTOR, **next_, grantees=(DIRECTOR,))
    lost = practice.head(chain.append(gone), DIRECTOR, **next_, epoch=2, recipient="age1pq1new", grantees=(DIRECTOR,))
    yield "new keys without a coach who has left", both, [one], lost
    late = {"version": 3, "previous": taken.hash}
    yield "a head on the newest roster, after one on the one before", both, [one], taken
    yield "a head with a grantee who has left", both, [one], practice.head(then, DIRECTOR, **next_)
    wide = next_roster(chain, dossier_suites=("mlkem768x25519", "another"))
    new = practice.head(chain.append(wide), suite="another")
    yield "a first head by a suite that the roster lists and nobody knows", [*known_, wide], [], new
    yield "a head on an older roster than the one before it", both, [one, taken], practice.head(chain, DIRECTOR, **late)


def _heads_on_one_roster() -> Iterator[tuple[str, list[Envelope], Envelope]]:
    chain, one = rosters(), practice.head(rosters())
    then = {"version": 2, "previous": one.hash}
    yield "a first head, by a grantee", [], one
    yield "a first head with another version", [], practice.head(chain, version=2)
    yield "a first head without every director", [], practice.head(chain, grantees=(COACH,))
    yield "a first head without its signer", [], practice.head(chain, grantees=(DIRECTOR,))
    yield (
        "a first head with a grantee who is no member",
        [],
        practice.head(chain, grantees=(COACH, DIRECTOR, "ff" * 16)),
    )
    yield from _roles_of_heads(chain, one)
    yield "the next head, by a grantee", [one], practice.head(chain, **then)
    yield "the next head, by a director", [one], practice.head(chain, DIRECTOR, **then)
    yield from _changes_of_holders(chain, one)
    yield "the next head, by a stranger", [one], practice.head(chain, OTHER, **then, grantees=(DIRECTOR, OTHER))
    new = {**then, "recipient": "age1pq1new"}
    yield "a new identity raises the epoch", [one], practice.head(chain, DIRECTOR, **new, epoch=2)
    yield "a new identity by a coach", [one], practice.head(chain, **new, epoch=2)
    yield "a new identity in the same epoch", [one], practice.head(chain, DIRECTOR, **new)
    yield "another epoch of the same identity", [one], practice.head(chain, DIRECTOR, **then, epoch=2)
    yield "a first head of the second epoch", [], practice.head(chain, epoch=2)
    yield "a new identity skips an epoch", [one], practice.head(chain, DIRECTOR, **new, epoch=3)
    yield "a new identity in an epoch that is over", [one], practice.head(chain, DIRECTOR, **new, epoch=0)
    second = practice.head(chain, DIRECTOR, **new, epoch=2)
    third = {"version": 3, "previous": second.hash}
    yield "an identity that comes back", [one, second], practice.head(chain, DIRECTOR, **third, epoch=3)
    yield "an identity that comes back with its epoch", [one, second], practice.head(chain, DIRECTOR, **third)
    stranger = {"practice": "ff" * 16, "signer": COACH, "key": practice.KEYS[COACH]}
    yield "a first head of another practice", [], write("dossier", content_of(one), **stranger)
    yield (
        "the next head of another practice",
        [one],
        write("dossier", content_of(practice.head(chain, **then)), **stranger),
    )
    yield "another dossier's head", [one], practice.head(chain, **then, id="ff" * 16)
    yield "a head of another kind", [one], practice.head(chain, **then, kind="commissioner")
    yield "a head on another past", [one], practice.head(chain, version=2, previous="00" * 32)


def _changes_of_holders(chain: Rosters, one: Envelope) -> Iterator[tuple[str, list[Envelope], Envelope]]:
    """Who may say who holds a dossier: COACH and DIRECTOR do at first."""
    then, all_three = {"version": 2, "previous": one.hash}, (OTHER, COACH, DIRECTOR)
    new = {**then, "epoch": 2, "recipient": "age1pq1new"}
    yield "a first head by a coach that names another coach", [], practice.head(chain, grantees=all_three)
    yield "a first head by a director that names two", [], practice.head(chain, DIRECTOR, grantees=all_three)
    yield "a grantee who comes by a director", [one], practice.head(chain, DIRECTOR, **then, grantees=all_three)
    yield "a grantee who comes by a coach", [one], practice.head(chain, **then, grantees=all_three)
    yield "a grantee whom a director takes out", [one], practice.head(chain, DIRECTOR, **then, grantees=(DIRECTOR,))
    yield "a grantee whom new keys take out", [one], practice.head(chain, DIRECTOR, **new, grantees=(DIRECTOR,))
    yield "one who takes herself out", [one], practice.head(chain, **then, grantees=(DIRECTOR,))
    yield "one for another", [one], practice.head(chain, DIRECTOR, **then, grantees=(OTHER, DIRECTOR))
    yield "one for another, with new keys", [one], practice.head(chain, DIRECTOR, **new, grantees=(OTHER, DIRECTOR))
    nobody = holders_of((DIRECTOR, "ff" * 16))
    yield "new keys for who is no member", [one], practice.head(chain, DIRECTOR, **new, grantees=nobody)
    less = (Grantee(COACH, "assistant"), *holders_of((DIRECTOR,)))
    yield "less of a right, by a director", [one], practice.head(chain, DIRECTOR, **then, grantees=less)
    yield "less of a right, by herself", [one], practice.head(chain, **then, grantees=less)


def _roles_of_heads(chain: Rosters, one: Envelope) -> Iterator[tuple[str, list[Envelope], Envelope]]:
    holders, then = holders_of((COACH, DIRECTOR)), {"version": 2, "previous": one.hash}
    read_only = (Grantee(COACH, "assistant"), *holders_of((DIRECTOR,)))
    kept_out = (*holders_of((COACH,)), Grantee(DIRECTOR, "assistant"))
    helper = (Grantee(OTHER, "assistant"), *holders)
    yield "a first head with a grantee in an unknown role", [], practice.head(chain, DIRECTOR, grantees=helper)
    yield "a first head by a grantee in an unknown role", [], practice.head(chain, grantees=read_only)
    yield "a first head with a director in an unknown role", [], practice.head(chain, grantees=kept_out)
    by_name = (*holders_of((COACH,)), Grantee(DIRECTOR, "director"))
    yield "a first head that says who is a director", [], practice.head(chain, grantees=by_name)
    yield "the next head with a director in an unknown role", [one], practice.head(chain, **then, grantees=kept_out)
    given = practice.head(chain, DIRECTOR, grantees=helper)
    after = {"version": 2, "previous": given.hash, "grantees": (*holders_of((OTHER,)), *holders)}
    yield "the next head, by a grantee in an unknown role", [given], practice.head(chain, OTHER, **after)
    yield "the next head, which makes her a holder", [given], practice.head(chain, DIRECTOR, **after)
    yield "grantees out of order", [], practice.head(chain, grantees=holders[::-1])
    yield "a grantee twice", [], practice.head(chain, grantees=(*holders, *holders_of((DIRECTOR,))))
    yield "a head of an unknown kind", [], practice.head(chain, kind="another")
    yield "a head by another suite than the roster allows", [], practice.head(chain, suite="another")


def _numbers() -> Iterator[tuple[str, Case | None, int, str | None]]:
    last = {"number": 3, "hash": "aa" * 32}
    yield "the first", None, 1, None
    yield "a first with another number", None, 2, None
    yield "a first after another", None, 1, "aa" * 32
    yield "the next", last, 4, "aa" * 32
    yield "the same number again", last, 3, "aa" * 32
    yield "a number left out", last, 5, "aa" * 32
    yield "on another past", last, 4, "bb" * 32
    yield "after nothing", last, 4, None


@dataclasses.dataclass(frozen=True)
class Numbered:
    """A record that counts, as versions and as a sequence."""

    version: int
    previous: str | None
    hash: str = ""

    @property
    def sequence(self) -> int:
        return self.version


def follow(last: Case | None, number: int, previous: str | None) -> str:
    """The verdict of both rules, which is one."""
    new = Numbered(number, previous)
    version = next_version(new, None if last is None else Numbered(last["number"], None, last["hash"]))
    entry = next_entry(new, None if last is None else Last(last["number"], last["hash"]))
    assert version == entry
    return verdict_of(lambda: version)


def _documents() -> Iterator[tuple[str, Envelope | None, Envelope]]:
    one = samples.document()
    yield "a first version", None, one
    yield "a version after none that is known", None, samples.document(previous="00" * 32)
    yield "the next version", one, samples.document(previous=one.hash)
    yield "the next version of another", one, samples.document(previous="00" * 32)
    yield "a version in another series", one, samples.document(previous=one.hash, series="ff" * 16)
    yield "a version in another dossier", one, samples.document(previous=one.hash, dossier="ff" * 16)


def follow_document(last: Envelope | None, new: Envelope) -> Verdict:
    """Whether the second document may follow the first."""
    return next_document(Document.read(new), None if last is None else Document.read(last))


def deposit(intent: Envelope, record: Envelope, segments: list[bytes]) -> str:
    """The verdict on the record that completes a deposit, of which segments with these SHA-256 arrived."""
    document = Document.read(record)
    verdict = verdict_of(lambda: completes(document, Intent.read(intent)))
    return verdict_of(lambda: is_body(document, segments)) if verdict == "allowed" else verdict


def _deposits() -> Iterator[tuple[str, Envelope, Envelope, list[bytes]]]:
    one, two = [b"1" * 32], [b"1" * 32, b"2" * 32]
    intent, large = samples.intent(), {"size": SEGMENT_SIZE + 1}
    whole = {"digest": body_digest(one)}
    yield "what the intent said", intent, samples.document(**whole), one
    yield "of two segments", samples.intent(**large), samples.document(**large, digest=body_digest(two)), two
    later = rosters().append(next_roster(rosters())).standing
    yield "on a newer roster", intent, samples.document(**whole, standing=later), one
    yield "on an older roster", samples.intent(standing=later), samples.document(**whole), one
    for name, value in {
        "dossier": "ff" * 16,
        "id": "ff" * 16,
        "series": "ff" * 16,
        "previous": "ff" * 32,
        "kind": "plan",
        "draft": True,
        "nonce": bytes(16),
        "commitment": bytes(32),
        "size": 1017,
    }.items():
        yield f"another {name}", intent, samples.document(**whole, **{name: value}), one
    by_another = practice.write("document", content_of(samples.document(**whole)), DIRECTOR)
    yield "by another member", intent, by_another, one
    yield "of other bytes", intent, samples.document(**whole), [b"2" * 32]
    yield "of a segment too few", samples.intent(**large), samples.document(**large, digest=body_digest(one)), one
    yield "of a segment too many", intent, samples.document(digest=body_digest(two)), two
    swapped = samples.document(**large, digest=body_digest(two))
    yield "of segments in another order", samples.intent(**large), swapped, two[::-1]
