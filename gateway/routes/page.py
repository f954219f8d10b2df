"""The page of every link: the same bytes for all, without scripts; it explains the pick-up. It never redirects."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

router = APIRouter(tags=["pick-up"])
PAGE = files("gateway").joinpath("pickup_page.html").read_text(encoding="utf-8").encode()


def _style_hash(page: bytes) -> str:
    style = re.search(rb"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None, "the page holds one style"
    return base64.b64encode(hashlib.sha256(style[1]).digest()).decode()


POLICY = (
    f"default-src 'none'; style-src 'sha256-{_style_hash(PAGE)}'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'; sandbox"
)


@router.get("/s/{share}", response_class=HTMLResponse)
async def get_link_page(share: str) -> Response:
    """How to pick up this link's documents.

    Opening it uses no pick-up; the link is not checked.
    """
    del share
    headers = {"Content-Security-Policy": POLICY, "Content-Language": "nl, en"}
    return Response(PAGE, headers=headers, media_type="text/html")
