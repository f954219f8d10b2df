"""Links as mail delivers them: the same text without what mail programs do to it (FORMAT.md, "Links").

Only what is unambiguous is mended; nothing is guessed, and the grammar of a link stays strict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from vault.records.encoding import RecordError, from_base64url, size_of

MAX_TEXT = 20_000
MAX_LINK, _MAX_PORT = 2000, 65_535
_LINK = re.compile(
    r"(?P<scheme>[Hh][Tt][Tt][Pp][Ss]?)://"
    r"(?P<host>(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?)"
    r"(?P<folders>(?:/[A-Za-z0-9._~%!$&'()*+,;=:@-]+)*)"
    r"/(?P<letter>[is])/(?P<id>[0-9a-f]{32})/?(?:#(?P<fragment>[A-Za-z0-9_-]*))?\Z"
)
# A filter puts its address around that of another one; nobody needs more of them than this.
MAX_WRAPPERS = 5
# A byte order mark, zero-width characters and soft hyphens; then a soft line break of quoted-printable, then any.
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")
_SOFT_BREAK = re.compile(r"=\r?\n")
_BREAKS = re.compile(r"[\t\n\r]")
_BLANK = "\v\f \x85\xa0\u2028\u2029"
_AROUND = "<>()\\[\\]{}\"'`*,.;:!?\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a"
_FRONT = re.compile(f"[{_BLANK}{_AROUND}]+")
_END = re.compile(f"(?:[{_BLANK}{_AROUND}]|%(?:2[0279CcEe]|3[Ee]|5[Dd]))+\\Z")
_SPELLED = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*\Z")
_SCHEME, _OURS = re.compile(r"[Hh][Tt][Tt][Pp][Ss]?://"), re.compile(r"/[is]/[0-9a-f]{32}")
_SIGN = re.compile(r"(/[is]/[0-9a-f]{32}/?)%23")
_QUERY = re.compile(r"(/[is]/[0-9a-f]{32}/?)\?[^#]*")
_SECRET = re.compile(r"([A-Za-z0-9_-]*)(?:[?&].*)?\Z", re.DOTALL)
# Proofpoint's URL Defense, third version: signs are starred out, and stand behind the address in base64url.
_BEFORE, _BEHIND = "/v3/__", "__;"
_STARS = re.compile(r"\*(?:\*([A-Za-z0-9_-]))?")
_RUNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# Its second version spells `%` as `-` and `/` as `_`.
_DASHED = re.compile(r"[Hh][Tt][Tt][Pp][Ss]?-3[Aa]__")


def split(text: str, letter: str) -> tuple[str, str, str | None] | None:
    """Address, id and fragment (None without `#`) of a mended link whose path ends in that letter and an id, else None.

    A grammar of our own: libraries for URLs differ in what they repair.
    """
    found = _LINK.match(text) if len(text) <= MAX_LINK else None
    if found is None or found["letter"] != letter or not 0 < int(found["port"] or 1) <= _MAX_PORT:
        return None
    return f"{found['scheme'].lower()}://{found['host']}{found['folders']}", found["id"], found["fragment"]


def mend(text: str) -> str:
    """The link in `text`, still unread; empty for a text longer than any mail's line, or that carries several links."""
    if size_of(text) > MAX_TEXT:
        return ""
    joined = _BREAKS.sub("", _SOFT_BREAK.sub("", _UNSEEN.sub("", text)))
    link = _unwrapped(_bare(joined), MAX_WRAPPERS)
    link = link if "#" in link else _SIGN.sub(r"\1#", link, count=1)
    place, sign, end = _QUERY.sub(r"\1", link, count=1).partition("#")
    return f"{place}{sign}{_secret(end)}"


def is_rewritten(text: str) -> bool:
    """Whether a mended text is an address that holds no link of ours, nor the secret of one: a filter's own."""
    hidden = "#" not in text and _OURS.search(text) is None
    return _SCHEME.match(text) is not None and (hidden or _BEFORE in text)


def _bare(text: str) -> str:
    """Without brackets, quotation marks, full stops and blanks around it."""
    front = _FRONT.match(text)
    return _END.sub("", text[front.end() if front else 0 :])


def _unwrapped(text: str, deep: int) -> str:
    """The one link that Safe Links and their like carry in this address, else the text; empty where it is not one."""
    if deep == 0:
        return text
    links = {_unwrapped(_bare(each), deep - 1) for each in _carried(text) if _SCHEME.match(each)}
    ours = {link for link in links if _OURS.search(link)}
    return text if not ours else ours.pop() if len(ours) == 1 else ""


def _carried(text: str) -> Iterator[str]:
    """What an address may carry: starred out, in the values of its query, or as the last part of its path."""
    if not _SCHEME.match(text):
        return
    starred, mark, signs = text.partition(_BEFORE)[2].rpartition(_BEHIND)
    if mark:
        yield _unstarred(starred, signs.partition("!")[0].rstrip("="))
        return
    address, _, end = text.partition("#")
    path, _, query = address.partition("?")
    secret = _secret(end) if _SECRET.match(end) else ""
    for value in (path.rpartition("/")[2], *(pair.partition("=")[2] or pair for pair in query.split("&"))):
        link = _decoded(value)
        if secret and _OURS.search(link) and "%23" not in link and not link.partition("#")[2]:
            link = f"{link.removesuffix('#')}#{secret}"  # the filter left the secret where it was
        yield link


def _secret(end: str) -> str:
    """What stands behind `#` without the query that a filter set behind it, where it is of a secret's characters."""
    found = _SECRET.match(end)
    return end if found is None else found[1]


def _decoded(value: str) -> str:
    """A value, percent-decoded as UTF-8; empty where it is not spelled so."""
    spelled = value.replace("-", "%").replace("_", "/") if _DASHED.match(value) else value
    try:
        return unquote(spelled, errors="strict") if _SPELLED.match(spelled) else ""
    except UnicodeDecodeError:
        return ""


def _unstarred(address: str, signs: str) -> str:
    """The address with each star replaced by the next of `signs`; a second star says by the next sign how many."""
    try:
        left = from_base64url(signs).decode() if signs else ""
    except (RecordError, UnicodeDecodeError):
        return ""
    pieces, at = list[str](), 0
    for star in _STARS.finditer(address):
        count = 1 if star[1] is None else _RUNS.index(star[1]) + 2
        if count > len(left):
            return ""
        pieces.append(address[at : star.start()] + left[:count])
        left, at = left[count:], star.end()
    if left:
        return ""
    whole = "".join(pieces) + address[at:]
    return re.sub(r"\A([A-Za-z]+:/)(?!/)", r"\1/", whole)
