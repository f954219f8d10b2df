"""A gateway in memory behind real HTTP, for people and dossiers; a test can make it lie."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.sdk.fake_server import Answer, FakeServer, Request, ok, problem
from vault import totp
from vault.records.encoding import from_base64url, to_base64url
from vault.records.envelope import from_json
from vault.sdk.device import clock

TOKEN = "set-up-token"
OPEN_TO_ALL = {"get_setup", "post_setup", "post_session", "post_session_parameters", "post_session_recovery"}
Handler = Callable[[Request], Answer | None]


class MemoryGateway:
    """`before` answers instead of the gateway; `after` answers instead, once the request took effect."""

    def __init__(self) -> None:
        self.installation = secrets.token_bytes(32)
        self.setup: dict[str, Any] | None = None
        self.members: dict[str, dict[str, Any]] = {}
        self.rosters: list[dict[str, Any]] = []
        self.policies: list[dict[str, Any]] = []
        self.dossiers: dict[str, dict[str, Any]] = {}
        self.sessions: dict[str, str] = {}
        self.parameters: dict[str, Any] | None = None
        self.before: Handler = lambda _: None
        self.after: Handler = lambda _: None
        self.server = FakeServer(self.respond)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def account(self) -> dict[str, Any]:
        assert self.setup is not None
        return self.setup

    def respond(self, request: Request) -> Answer:
        early = self.before(request)
        if early is not None:
            return early
        answer = self._route(request)
        return self.after(request) or answer

    def _route(self, request: Request) -> Answer:
        path = urlsplit(request.path).path.removeprefix("/api/v1")
        head, _, rest = path.strip("/").partition("/")
        name = f"{request.method.lower()}_{head}" + ("_one" if rest and head in {"dossiers", "members"} else "")
        if head == "session" and rest:
            name += f"_{rest}"
        if name not in OPEN_TO_ALL and self._member(request) is None:
            return problem(401, "sign_in")
        return getattr(self, name)(request)

    def _member(self, request: Request) -> str | None:
        return self.sessions.get(request.headers.get("Authorization", "").removeprefix("Dossier-Session "))

    def get_setup(self, _: Request) -> Answer:
        return ok({"state": "done" if self.setup else "open", "installation": to_base64url(self.installation)})

    def post_setup(self, request: Request) -> Answer:
        asked = request.json
        if self.setup is not None:
            same = self.setup["roster"] == asked["roster"]
            return self._set_up(200) if same else problem(409, "setup_done")
        if asked["token"] != TOKEN:
            return problem(403, "token_wrong")
        step = self._step(asked["totp"], asked["code"])
        if step is None:
            return problem(403, "code_wrong")
        self.setup = {**asked, "step": step}
        self.rosters, self.policies = [asked["roster"]], [asked["policy"]]
        self.members[asked["member"]["id"]] = asked["member"]
        return self._set_up(201)

    def _set_up(self, status: int) -> Answer:
        practice = from_json(self.rosters[0], "roster").fields["practice"]
        return ok({"practice": practice, "member": self.account["member"]["id"]}, status)

    def _step(self, secret: str, code: str) -> int | None:
        present = totp.step_of(clock.now())
        steps = (present - 1, present, present + 1)
        return next((s for s in steps if totp.code(from_base64url(secret), s) == code), None)

    def post_session_parameters(self, _: Request) -> Answer:
        return ok(self.parameters or self.account["parameters"])

    def post_session(self, request: Request) -> Answer:
        asked, account = request.json, self.account
        known = asked["email"].lower() == account["member"]["email"].lower()
        if not known or asked["login"] != account["login"]:
            return problem(403, "credentials_wrong")
        step = self._step(account["totp"], asked["code"])
        if step is None:
            return problem(403, "code_wrong")
        if step <= account["step"]:
            return problem(403, "code_spent")
        if asked["seen"]["roster"] > len(self.rosters):
            return problem(503, "restored")
        account["step"] = step
        return self._session({})

    def _session(self, more: dict[str, Any]) -> Answer:
        token, member = secrets.token_hex(16), self.account["member"]["id"]
        self.sessions[token] = member
        practice = from_json(self.rosters[0], "roster").fields["practice"]
        until = "2030-01-01T00:00:00Z"
        return ok({"token": token, "member": member, "practice": practice, "expires_at": until, **more}, 201)

    def post_session_recovery(self, request: Request) -> Answer:
        if request.json["recovery_login"] != self.account["recovery_login"]:
            return problem(403, "credentials_wrong")
        return self._session({"recovery": self.account["recovery"]})

    def delete_session(self, request: Request) -> Answer:
        self.sessions.pop(request.headers["Authorization"].removeprefix("Dossier-Session "))
        return Answer(204)

    def get_session_keyring(self, _: Request) -> Answer:
        return ok({"keyring": self.account["keyring"], "parameters": self.account["parameters"]})

    def put_session_keyring(self, request: Request) -> Answer:
        self.account.update({k: v for k, v in request.json.items() if v is not None})
        if "totp" in request.json:
            self.account["step"] = 0
        return Answer(204)

    def _page(self, request: Request, items: list[dict[str, Any]]) -> Answer:
        query = parse_qs(urlsplit(request.path).query)
        after, limit = int(query.get("after", ["0"])[0]), int(query["limit"][0])
        more = after + limit < len(items)
        return ok({"items": items[after : after + limit], "next": str(after + limit) if more else None})

    def get_roster(self, request: Request) -> Answer:
        return self._page(request, self.rosters)

    def get_policy(self, request: Request) -> Answer:
        return self._page(request, self.policies)

    def post_roster(self, request: Request) -> Answer:
        self.rosters.append(request.json["roster"])
        self.members |= {member["id"]: member for member in request.json["members"]}
        return ok({"version": len(self.rosters), "hash": from_json(self.rosters[-1], "roster").hash}, 201)

    def get_members_one(self, request: Request) -> Answer:
        return ok(self.members[request.path.rpartition("/")[2]])

    def post_dossiers(self, request: Request) -> Answer:
        asked = request.json
        dossier = from_json(asked["dossier"], "dossier").fields["dossier"]
        profile = next(r for r in asked["records"] if r["type"] == "profile")
        wraps = {wrap["member"]: wrap for wrap in asked["wraps"]}
        kept = {"heads": [asked["dossier"]], "wraps": wraps, "index": [asked["index"]], "profile": profile}
        self.dossiers.setdefault(dossier, kept)
        return ok({"dossier": dossier}, 201)

    def _item(self, dossier: str, member: str) -> dict[str, Any]:
        kept = self.dossiers[dossier]
        head, index = from_json(kept["heads"][-1], "dossier"), from_json(kept["index"][-1], "index")
        return {
            "dossier": dossier,
            "epoch": head.fields["epoch"],
            "kind": head.fields["kind"],
            "head": kept["heads"][-1],
            "heads": kept["heads"],
            "wrap": kept["wraps"][member]["wrap"],
            "symmetric": kept["wraps"][member]["symmetric"],
            "profile": {"record": kept["profile"]["record"], "text": kept["profile"]["text"]},
            "sequence": index.fields["sequence"],
            "index": index.hash,
            "retention": {"destroy_on": None},
        }

    def get_dossiers(self, request: Request) -> Answer:
        member = self._member(request)
        assert member is not None
        return self._page(request, [self._item(dossier, member) for dossier in self.dossiers])

    def get_dossiers_one(self, request: Request) -> Answer:
        dossier, member = request.path.rpartition("/")[2], self._member(request)
        assert member is not None
        if dossier not in self.dossiers:
            return problem(404, "not_found")
        return ok({**self._item(dossier, member), "index": self.dossiers[dossier]["index"][-1]})

    def post_dossiers_one(self, request: Request) -> Answer:
        match = re.fullmatch(r"/api/v1/dossiers/(\w+)/index", request.path)
        assert match is not None
        kept, shown = self.dossiers[match[1]]["index"], request.json["index"]
        new, newest = from_json(shown, "index"), from_json(kept[-1], "index")
        if new.hash != newest.hash and new.fields["previous"] != newest.hash:
            return problem(409, "index_stale", index=kept[-1])
        if new.hash != newest.hash:
            kept.append(shown)
        return ok({"sequence": new.fields["sequence"], "index": new.hash})

    def put_wraps(self, request: Request) -> Answer:
        member = self._member(request)
        assert member is not None
        for item in request.json["items"]:
            self.dossiers[item["dossier"]]["wraps"][member]["symmetric"] = item["symmetric"]
        return ok({"updated": len(request.json["items"])})
