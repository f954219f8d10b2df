"""A gateway in memory behind the client's `Api`: it stores what it is given, and fails when a test says so.

`fault` sees every request twice, before and after it took effect: what it raises is what the client meets, so that a
lost request and a lost answer are one line each. `tamper` sees every answer and body on its way to the client.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Self

from nacl.signing import SigningKey

from vault.age import HybridIdentity
from vault.records.encoding import from_base64url, to_base64url
from vault.records.envelope import from_json, write
from vault.records.standing import Standing
from vault.records.types.document import Document, body_digest, segment_count
from vault.records.types.policy import Policy
from vault.records.types.roster import Roster, practice_id
from vault.rules.chains import first
from vault.sdk.device import clock
from vault.sdk.device.home import Home
from vault.sdk.device.pins import Pins
from vault.sdk.errors import ApiError
from vault.sdk.keys.keyring import Keyring
from vault.sdk.people.appointing import Person, new_member
from vault.sdk.people.chains import fetch_chains
from vault.sdk.people.session import SignedIn
from vault.sdk.server.api import Part
from vault.secret import Secret

URL = "http://127.0.0.1:8420"


def refuse(status: int, code: str, **extra: Any) -> ApiError:
    return ApiError(code, status=status, code=code, extra=extra)


class MemoryDownload:
    def __init__(self, body: bytes, start: int, cut: int | None) -> None:
        self._body, self._cut = body, cut
        self.start, self.total, self.status, self.headers = start, len(body), 200, {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[bytes]:
        end = len(self._body) if self._cut is None else min(len(self._body), self.start + self._cut)
        for offset in range(self.start, end, 262_144):
            yield self._body[offset : min(end, offset + 262_144)]


class MemoryGateway:
    def __init__(self) -> None:
        self.rosters: list[Any] = []
        self.policies: list[Any] = []
        self.members: dict[str, Any] = {}
        self.dossiers: dict[str, Any] = {}
        self.documents: dict[str, dict[str, Any]] = {}
        self.shares: dict[str, dict[str, Any]] = {}
        self.tombstones: list[Any] = []
        self.audit: dict[str, list[Any]] = {}
        self.requests: list[tuple[str, str]] = []
        self.fault: Callable[[str, str, str], None] = lambda method, path, stage: None
        self.tamper_body: Callable[[bytes], bytes] = lambda body: body
        self.tamper: Callable[[str, str, dict[str, Any]], dict[str, Any]] = lambda method, path, answer: answer
        self.cut: int | None = None

    def count(self, method: str, pattern: str) -> int:
        return sum(m == method and re.search(pattern, p) is not None for m, p in self.requests)

    def answer(self, method: str, path: str, body: Any, headers: dict[str, str]) -> dict[str, Any]:
        path = path.partition("?")[0]
        self.requests.append((method, path))
        self.fault(method, path, "before")
        answer = self._route(method, path, body, headers)
        self.fault(method, path, "after")
        return self.tamper(method, path, json.loads(json.dumps(answer)))

    def _route(  # noqa: C901, PLR0911, PLR0912 - a table of routes
        self, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> dict[str, Any]:
        match (method, *path.strip("/").split("/")):
            case ("GET", "checkpoints", "newest"):
                raise refuse(404, "not_found")
            case ("GET", "members", member):
                return self.members[member]
            case ("POST", "dossiers"):
                dossier = from_json(body["dossier"], "dossier").fields["dossier"]
                self.dossiers[dossier] = {**body, "index": [body["index"]]}
                return {"dossier": dossier}
            case ("GET", "dossiers", dossier):
                return self._dossier(dossier)
            case ("POST", "dossiers", dossier, "index"):
                return self._index(dossier, body["index"])
            case ("POST", "dossiers", dossier, "documents"):
                return self._document(dossier, body)
            case ("PUT", "wraps"):
                return {"updated": 0}
            case ("PUT", "documents", document, "segments", number):
                return self._segment(document, int(number), body, headers)
            case ("GET", "documents", document, "segments"):
                segments = self.documents[document]["segments"].items()
                rows = [{"number": n, "size": len(s), "sha256": hashlib.sha256(s).hexdigest()} for n, s in segments]
                return {"items": rows, "next": None}
            case ("POST", "documents", document, "complete"):
                return self._complete(document)
            case ("POST", "dossiers", dossier, "shares"):
                return self._share(dossier, body)
            case ("GET", "shares", share):
                return {"share": share, "record": self._a_share(share)["share"]}
            case ("DELETE", "shares", share):
                self._a_share(share)["revoked"] = True
                return {}
            case ("POST", "pickup", share, "cover"):
                return self._cover(share, body, headers)
            case ("PUT", "pickup", share, name):
                return self._pickup(share, name, headers)
        raise AssertionError((method, path))

    def list(self, path: str) -> list[Any]:  # noqa: PLR0911 - a table of routes
        self.requests.append(("GET", path))
        self.fault("GET", path, "before")
        match path.strip("/").split("/"):
            case ["roster"]:
                return self.rosters
            case ["policy"]:
                return self.policies
            case ["dossiers", dossier, "documents"]:
                items = [d["item"] for d in self.documents.values() if d["dossier"] == dossier]
                return [self.tamper("GET", path, dict(item)) for item in items]
            case ["dossiers", dossier, "audit"]:
                return self.audit.get(dossier, [])
            case ["tombstones"]:
                return self.tombstones
            case ["dossiers", dossier, "records"]:
                held = self.dossiers[dossier]["records"]
                shares = [{"type": "share", "record": s["share"]} for s in self.shares.values()]
                return [*held, *shares]
            case ["dossiers"]:
                return [self._listed(dossier) for dossier in self.dossiers]
        raise AssertionError(path)

    def _listed(self, dossier: str) -> dict[str, Any]:
        held = self._dossier(dossier)
        index = from_json(held["index"], "index")
        more = {"kind": "client", "head": held["heads"][0], "sequence": index.fields["sequence"], "index": index.hash}
        return {**held, **more}

    def _dossier(self, dossier: str) -> dict[str, Any]:
        held = self.dossiers.get(dossier)
        if held is None:
            raise refuse(404, "not_found")
        wrap, profile = held["wraps"][0], held["records"][0]
        return {
            "dossier": dossier,
            "heads": [held["dossier"]],
            "index": held["index"][-1],
            "wrap": wrap["wrap"],
            "symmetric": wrap["symmetric"],
            "epoch": 1,
            "profile": {"record": profile["record"], "text": profile["text"]},
            "retention": {"destroy_on": None},
        }

    def _index(self, dossier: str, envelope: Any) -> dict[str, Any]:
        chain, new = self.dossiers[dossier]["index"], from_json(envelope, "index")
        newest = from_json(chain[-1], "index")
        if new.hash != newest.hash:
            if new.fields["previous"] != newest.hash:
                raise refuse(409, "index_stale", index=chain[-1])
            known = {d["hash"] for d in self.documents.values() if d["item"]["state"] != "depositing"}
            known |= {s["hash"] for s in self.shares.values()} | set(newest.fields["records"])
            assert set(new.fields["records"]) <= known, "the index lists what nobody has"
            chain.append(envelope)
            for document in self.documents.values():
                if document["hash"] in new.fields["records"]:
                    document["item"]["state"] = "stored"
        return {"sequence": new.fields["sequence"], "index": new.hash}

    def _document(self, dossier: str, parts: list[Part]) -> dict[str, Any]:
        assert [p.name for p in parts] in (["record", "head", "metadata"], ["record", "head", "metadata", "body"])
        envelope = from_json(json.loads(parts[0].content), "document")
        record = Document.read(envelope)
        known = self.documents.get(record.id)
        if known is not None:
            if known["hash"] != record.hash:
                raise refuse(409, "conflict")
            return {"document": record.id, "state": known["item"]["state"]}
        state, segments = "depositing", {}
        if len(parts) == 4:
            body = parts[3].content
            if (len(body), body_digest([hashlib.sha256(body).digest()])) != (record.size, record.digest):
                raise refuse(422, "digest_mismatch")
            state, segments = "pending", {0: body}
        self.documents[record.id] = {
            "dossier": dossier,
            "hash": record.hash,
            "record": record,
            "segments": segments,
            "item": {
                "document": record.id,
                "record": envelope.to_json(),
                "head": to_base64url(parts[1].content),
                "metadata": to_base64url(parts[2].content),
                "state": state,
            },
        }
        return {"document": record.id, "state": state}

    def _segment(self, document: str, number: int, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if headers["Content-Digest"] != f"sha-256=:{digest}:":
            raise refuse(422, "digest_mismatch")
        if self.documents[document]["segments"].setdefault(number, body) != body:
            raise refuse(409, "conflict")
        return {}

    def _complete(self, document: str) -> dict[str, Any]:
        held = self.documents[document]
        record, segments = held["record"], held["segments"]
        missing = [n for n in range(segment_count(record.size)) if n not in segments]
        if missing:
            raise refuse(409, "segments_missing", missing=missing)
        if body_digest(hashlib.sha256(segments[n]).digest() for n in sorted(segments)) != record.digest:
            raise refuse(422, "digest_mismatch")
        held["item"]["state"] = "pending"
        return {"document": document, "state": "pending"}

    def _share(self, dossier: str, body: Any) -> dict[str, Any]:
        envelope = from_json(body["share"], "share")
        share = envelope.fields["share"]
        if share not in self.shares:
            more = {"hash": envelope.hash, "fields": envelope.fields, "revoked": False, "names": {}}
            self.shares[share] = {**body, **more}
            try:
                self._index(dossier, body["index"])
            except ApiError:
                del self.shares[share]
                raise
        return {"share": share, "expires_at": envelope.fields["expires_at"]}

    def _a_share(self, share: str) -> dict[str, Any]:
        if share not in self.shares:
            raise refuse(404, "not_found")
        return self.shares[share]

    def _prove(self, share: str, headers: dict[str, str], *, both: bool = True) -> dict[str, Any]:
        held = self.shares.get(share)
        proofs = dict(re.findall(r'(possess|open)="([^"]*)"', headers.get("Authorization", "")))
        if held is None or held["revoked"] or not self._proof(held, "possess", proofs):
            raise refuse(404, "link_unavailable")
        if (both or "open" in proofs) and not self._proof(held, "open", proofs):
            raise refuse(403, "passphrase_wrong")
        return held

    def _proof(self, held: dict[str, Any], name: str, proofs: dict[str, str]) -> bool:
        given = to_base64url(hashlib.sha256(from_base64url(proofs.get(name, ""))).digest())
        return given == held["fields"]["proofs"][name]

    def _cover(self, share: str, body: Any, headers: dict[str, str]) -> dict[str, Any]:
        held = self._prove(share, headers, both=False)
        if len(held["names"]) >= held["fields"]["max"] and (body or {}).get("name") not in held["names"]:
            raise refuse(404, "link_unavailable")
        answer: dict[str, Any] = {"mode": held["fields"]["mode"]}
        if "open=" in headers["Authorization"]:
            entries = [{"document": e["document"], "entry": e["entry"]} for e in held["entries"]]
            left = held["fields"]["max"] - len(held["names"])
            answer |= {
                "cover": held["cover"],
                "entries": entries,
                "expires_at": held["fields"]["expires_at"],
                "left": left,
            }
        return answer

    def _pickup(self, share: str, name: str, headers: dict[str, str]) -> dict[str, Any]:
        held = self._prove(share, headers)
        assert re.fullmatch(r"[0-9a-f]{32}", name)
        if name not in held["names"] and len(held["names"]) >= held["fields"]["max"]:
            raise refuse(404, "link_unavailable")
        held["names"][name] = True
        capsules = [{"document": e["document"], "capsule": e["capsule"]} for e in held["entries"]]
        return {"capsules": capsules, "resume_until": held["fields"]["expires_at"]}

    def body(self, document: str) -> bytes:
        segments = self.documents[document]["segments"]
        return b"".join(segments[number] for number in sorted(segments))

    def download(self, path: str, start: int, headers: dict[str, str]) -> MemoryDownload:
        self.requests.append(("GET", path))
        self.fault("GET", path, "before")
        match path.strip("/").split("/"):
            case ["documents", document, "body"]:
                pass
            case ["pickup", share, name, document, "body"]:
                if name not in self._prove(share, headers)["names"]:
                    raise refuse(404, "link_unavailable")
            case _:
                raise AssertionError(path)
        return MemoryDownload(self.tamper_body(self.body(document)), start, self.cut)


class MemoryApi:
    url = URL
    token = "token"

    def __init__(self, gateway: MemoryGateway) -> None:
        self._gateway = gateway

    def get(self, path: str, *, headers: Any = None) -> dict[str, Any]:
        return self._gateway.answer("GET", path, None, headers or {})

    def post(self, path: str, *, json: Any = None, headers: Any = None) -> dict[str, Any]:
        return self._gateway.answer("POST", path, json, headers or {})

    def put(self, path: str, *, json: Any = None, headers: Any = None) -> dict[str, Any]:
        return self._gateway.answer("PUT", path, json, headers or {})

    def delete(self, path: str, *, headers: Any = None) -> dict[str, Any]:
        return self._gateway.answer("DELETE", path, None, headers or {})

    def pages(self, path: str, *, after: str | None = None, limit: int = 200) -> Iterator[Any]:
        items = self._gateway.list(path)
        yield from items[int(after) if path in {"/roster", "/policy"} and after else 0 :]

    def upload(self, method: str, path: str, body: Any, length: int, headers: Any = None) -> dict[str, Any]:
        content = b"".join(body)
        assert len(content) == length
        return self._gateway.answer(method, path, content, dict(headers or {}))

    def multipart(self, path: str, parts: Any) -> dict[str, Any]:
        return self._gateway.answer("POST", path, list(parts), {})

    def download(self, path: str, start: int = 0, headers: Any = None) -> MemoryDownload:
        return self._gateway.download(path, start, dict(headers or {}))


def sign_in(gateway: MemoryGateway, home: Home, name: str = "Dana de Vries") -> SignedIn:
    """A practice with one director, signed in on this device."""
    root, signing, identity = SigningKey.generate(), SigningKey.generate(), HybridIdentity.generate()
    at, recipient = clock.now(), identity.recipient().to_string()
    person = Person(name, "dana@example.nl", signing.verify_key.encode(), recipient)
    joined = new_member(person, "director", at)
    member, practice = joined.entry.id, practice_id(root.verify_key.encode())
    roster = Roster(
        practice=practice,
        version=1,
        previous=None,
        kind="ordinary",
        root=root.verify_key.encode(),
        recovery=recipient,
        members=(joined.entry,),
        installations=(SigningKey.generate().verify_key.encode(),),
        at=at,
        signer="root",
    )
    envelope = write("roster", roster.content(), practice=practice, signer="root", key=root)
    standing = Standing(1, first(envelope).newest.hash)
    months = {"client": 60, "commissioner": 60}
    policy = Policy(standing, 1, None, "Praktijk De Brug", months, 90, 100, at)
    gateway.rosters.append(envelope.to_json())
    gateway.policies.append(write("policy", policy.content(), practice=practice, signer=member, key=signing).to_json())
    gateway.members[member] = joined.details
    secrets = (Secret(signing.encode()), Secret(identity.seed), Secret(bytes(range(32))))
    keyring = Keyring(practice, member, *secrets, root.verify_key.encode(), standing)
    api: Any = MemoryApi(gateway)
    pins = Pins()
    return SignedIn(api, home, keyring, pins, fetch_chains(api, keyring, pins))
