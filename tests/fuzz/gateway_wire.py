"""Bodies of requests: `invalid` or `record_invalid`, or a value that the routes can use.

Promise: only what the gateway answers as 422 comes out, and the answer never repeats what was sent; what is accepted
can be given to the flows: its texts are UTF-8, its envelopes are of the type that stands there.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ValidationError

from gateway.http.failures import fault, invalid_body
from gateway.wire import dossier_list, dossiers, erasures, invitations, people, rosters, shares
from gateway.wire import records as wire_records
from tests.fuzz.json_mutation import Mutate, mutate
from tests.records.samples import every
from vault.records.encoding import RecordError, to_base64url
from vault.records.strict_json import parse_object

LONGEST = 32_768
MODELS: tuple[type[BaseModel], ...] = (
    people.Setup,
    people.Address,
    people.SignIn,
    people.Recovery,
    people.NewKeyring,
    rosters.NewRoster,
    rosters.NewPolicy,
    dossiers.NewDossier,
    dossier_list.OwnWraps,
    wire_records.NewRecords,
    dossiers.NewIndex,
    erasures.NewErasure,
    erasures.Withdrawal,
    shares.NewShare,
    dossier_list.Known,
    erasures.NewCheck,
    invitations.NewInvitation,
    invitations.Look,
    invitations.Join,
)


def check(data: bytes) -> None:
    model = MODELS[data[0] % len(MODELS)] if data else MODELS[0]
    raw = data[1:]
    try:
        value = model.model_validate(parse_object(raw, limit=LONGEST))
    except RecordError as error:
        problem = fault(error)
        assert problem.failure.code == "record_invalid"
        problem.response()
    except ValidationError as error:
        problem = invalid_body(error)
        assert len(bytes(problem.response().body)) < 8192
    else:
        value.model_dump_json()
        assert model.model_validate(parse_object(raw, limit=LONGEST)) == value


def custom_mutator(data: bytes, longest: int, seed: int, fallback: Mutate) -> bytes:
    return mutate(data, longest, seed, fallback, prefix=1)


def seeds() -> dict[str, bytes]:
    records = {kind: sample.to_json() for kind, sample in every().items()}
    secret, identity = to_base64url(b"s" * 32), "ab" * 16
    parameters = {"algorithm": "argon2id", "lanes": 1, "memory": 65_536, "passes": 3, "salt": to_base64url(b"s" * 16)}
    member = {"id": identity, "name": "Dirk", "email": "d@b.nl", "recipient": "age1x", "salt": to_base64url(b"s" * 16)}
    texts = {"keyring": "AAAA", "lock": "AAAA", "recovery": "AAAA"}
    bodies: dict[type[BaseModel], dict[str, Any]] = {
        people.Setup: {
            "token": "t",
            "roster": records["roster"],
            "policy": records["policy"],
            "member": member,
            "parameters": parameters,
            "login": secret,
            "recovery_login": secret,
            "totp": secret,
            "code": "123456",
            **texts,
        },
        invitations.NewInvitation: {
            "invitation": identity,
            "possess": secret,
            "sealed": "A" * 400,
            "expires_at": "2026-12-11T16:00:00Z",
        },
        invitations.Look: {"possess": secret, "roster": 1, "policy": 1},
        invitations.Join: {
            "possess": secret,
            "member": member,
            "signing": secret,
            "mac": secret,
            "parameters": parameters,
            "login": secret,
            "totp": secret,
            "code": "123456",
            "keyring": "AAAA",
            "lock": "AAAA",
        },
        people.Address: {"email": "d@b.nl"},
        people.SignIn: {"email": "d@b.nl", "login": secret, "code": "123456", "seen": {"roster": 1}, "cookie": True},
        people.Recovery: {"email": "d@b.nl", "recovery_login": secret},
        people.NewKeyring: {**texts, "parameters": parameters, "login": secret, "totp": None},
        rosters.NewRoster: {"roster": records["roster"], "members": [member]},
        rosters.NewPolicy: {"policy": records["policy"]},
        dossiers.NewDossier: {
            "dossier": records["dossier"],
            "wraps": [{"member": identity, "wrap": "AAAA", "symmetric": None}],
            "records": [
                {"type": "profile", "record": records["profile"], "text": "AAAA"},
                {"type": "trajectory", "record": records["trajectory"]},
            ],
            "index": records["index"],
        },
        dossier_list.OwnWraps: {"items": [{"dossier": identity, "epoch": 1, "symmetric": "AAAA", "label": "AAAA"}]},
        dossier_list.Known: {"marks": {"ab": "A" * 21 + "A"}},
        wire_records.NewRecords: {
            "records": [{"type": "profile", "record": records["profile"], "text": "AAAA"}],
            "index": records["index"],
        },
        dossiers.NewIndex: {"index": records["index"]},
        erasures.NewErasure: {"erasure": records["erasure"]},
        erasures.NewCheck: {"check": records["certificate_check"]},
        erasures.Withdrawal: {"withdrawal": records["erasure_withdrawal"]},
        shares.NewShare: {
            "share": records["share"],
            "text": "AAAA",
            "cover": "AAAA",
            "index": records["index"],
            "entries": [{"document": identity, "entry": "AAAA", "capsule": "AAAA"}],
        },
    }
    return {
        model.__name__: bytes([MODELS.index(model)]) + json.dumps(body, separators=(",", ":")).encode()
        for model, body in bodies.items()
    }
