"""What a browser opens: the first page, the page of every link, and their files. Never a redirect.

A page is the same bytes for everybody, and opening it does nothing: the link is neither read nor checked. Where nothing
was built (`make web`), the page of a link is a plain one, without a program; it explains the pick-up by `dossier get`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway import pages
from gateway.dependencies.flows import Flows
from gateway.dependencies.state import AppState
from gateway.http.failures import Problem
from gateway.wire import practice as wire
from vault.flows.people import rosters

router = APIRouter(tags=["pick-up"])
PLAIN = files("gateway").joinpath("plain_page.html").read_text(encoding="utf-8").encode()
_HEAD, _, _REST = PLAIN.partition(b"<main>")
# For the link of an invitation, which no page can follow yet: the plain page with another text.
INVITED = b"".join(
    (
        re.sub(rb"<title>.*?</title>", "<title>Uitnodiging · Invitation</title>".encode(), _HEAD),
        b"<main>\n",
        files("gateway").joinpath("invited_page.html").read_text(encoding="utf-8").encode(),
        _REST[_REST.index(b"</main>") :],
    )
)
LANGUAGES = {"Content-Language": "nl, en"}


def _style_hash(page: bytes) -> str:
    style = re.search(rb"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None, "the page holds one style"
    return base64.b64encode(hashlib.sha256(style[1]).digest()).decode()


POLICY = (
    f"default-src 'none'; style-src 'sha256-{_style_hash(PLAIN)}'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'; sandbox"
)


@router.get("/", response_class=HTMLResponse)
async def get_first_page(request: Request) -> Response:
    """The page of the practice: whose address this is, and where to go.

    The same bytes for everybody; they ask for `/practice.json`.
    """
    return _page(request, pages.FIRST)


@router.get("/s/{share}", response_class=HTMLResponse)
async def get_link_page(request: Request, share: str) -> Response:
    """The page behind this link, where its documents are picked up.

    Opening it uses no pick-up; the link is not checked, and what mail made of it is served alike.
    """
    del share
    return _page(request, pages.PICK_UP)


@router.get("/i/{invitation}", response_class=HTMLResponse)
async def get_invited_page(invitation: str) -> Response:
    """The page behind the link of an invitation: how to join by the command line.

    Opening it uses nothing up; the link is not checked.
    """
    del invitation
    return _plain(INVITED)


@router.get("/practice.json")
async def get_practice(flows: Flows, state: AppState) -> wire.Practice:
    """What pages show of the practice.

    The server's word: a link's own cover says who sends it.
    """
    name, brand = await flows.run(rosters.practice_name), state.brand
    return wire.Practice(name=name, colour=brand.colour, logo=brand.logo_name, trial=bool(state.clock_offset))


@router.get("/s/{share}/", include_in_schema=False)
async def get_link_page_by_folder(request: Request, share: str) -> Response:
    """The same page: a link may end with a slash."""
    return await get_link_page(request, share)


@router.get("/assets/{name}", include_in_schema=False)
@router.get("/s/assets/{name}", include_in_schema=False)
async def get_asset(request: Request, name: str) -> Response:
    """A file of the pages; its name holds its hash, so it never changes."""
    built = pages.built(pages.FOLDER)
    file = built.files.get(f"{pages.ASSETS}{name}") if built else None
    if file is None:
        raise Problem("not_found")
    return file.answer(request)


@router.get("/manifest.json", include_in_schema=False)
async def get_manifest() -> Response:
    """The hash, type and policy of every file, as they were built; `dossier doctor` compares them from outside."""
    built = pages.built(pages.FOLDER)
    if built is None:
        raise Problem("not_found")
    return Response(built.manifest, media_type="application/json")


@router.get("/logo.{digest}", include_in_schema=False)
async def get_logo(state: AppState, digest: str) -> Response:
    """The practice's logo, under a name that holds its hash."""
    brand = state.brand
    if brand.logo is None or f"logo.{digest}" != brand.logo_name:
        raise Problem("not_found")
    return Response(brand.logo, media_type=brand.logo_type, headers={"Cache-Control": pages.IMMUTABLE})


def _page(request: Request, path: str) -> Response:
    built = pages.built(pages.FOLDER)
    if built is not None:
        return built.files[path].answer(request, **LANGUAGES)
    return _plain(PLAIN)


def _plain(page: bytes) -> Response:
    return Response(page, headers={"Content-Security-Policy": POLICY, **LANGUAGES}, media_type="text/html")
