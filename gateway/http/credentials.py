"""The credentials of a request: a session's token, or a link's proofs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from starlette.requests import Request

from gateway.http.cookies import own_cookie
from gateway.http.failures import Problem, link_unavailable
from vault.records.encoding import RecordError, from_base64url

PROOF_SIZE = 32
_TOKEN = re.compile(r"Dossier-Session[ \t]+([A-Za-z0-9_-]{16,128})[ \t]*\Z", re.IGNORECASE)
_LINK = re.compile(r"Dossier-Link[ \t]+(.{1,300})\Z", re.IGNORECASE)
_PARAMETER = re.compile(r'[ \t]*(possess|open)[ \t]*=[ \t]*"([A-Za-z0-9_-]{43})"[ \t]*\Z')
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """The public URL of this gateway; decides the cookie's name and the origin allowed to change things."""

    url: str

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}".lower()

    @property
    def https(self) -> bool:
        """Whether browsers use TLS."""
        return self.url.lower().startswith("https://")

    @property
    def cookie(self) -> str:
        """The session cookie's name; a `__Host-` cookie exists only under TLS."""
        return "__Host-dossier" if self.https else "dossier"


@dataclass(frozen=True, slots=True)
class LinkProofs:
    """The received proofs of a link, 32 bytes each."""

    possess: bytes = field(repr=False)
    open: bytes | None = field(repr=False)


def read_token(request: Request, public: PublicUrl) -> str | None:
    """The session's token from the header or else the cookie; raises Problem `origin_wrong` for a forged request.

    Browsers send a cookie along with requests of foreign pages too (CSRF). So with a cookie a change must come from our
    own page.
    """
    header = request.headers.get("authorization")
    if header is not None:
        match = _TOKEN.match(header)
        return match and match[1]
    cookie = own_cookie(request.headers.getlist("cookie"), public.cookie)
    if cookie is None:
        return None
    if request.method not in SAFE:
        check_origin(request, public)
    return cookie


def check_origin(request: Request, public: PublicUrl) -> None:
    """Raise Problem `origin_wrong` unless the browser names our own page as the origin."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if site not in {None, "same-origin"}:
        raise Problem("origin_wrong")
    if origin is None and site is None:
        raise Problem("origin_wrong")
    if origin is not None and origin.lower() != public.origin:
        raise Problem("origin_wrong")


def read_proofs(header: str | None) -> LinkProofs:
    """The proofs in `Dossier-Link possess="…", open="…"`; a malformed header is answered like an unavailable link."""
    match = _LINK.match(header or "")
    if match is None:
        raise link_unavailable()
    proofs: dict[str, bytes] = {}
    for parameter in match[1].split(","):
        found = _PARAMETER.match(parameter)
        if found is None or found[1] in proofs:
            raise link_unavailable()
        try:
            proofs[found[1]] = from_base64url(found[2])
        except RecordError:
            raise link_unavailable() from None
    if len(proofs.get("possess", b"")) != PROOF_SIZE:
        raise link_unavailable()
    return LinkProofs(proofs["possess"], proofs.get("open"))
