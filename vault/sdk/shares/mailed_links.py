"""Links as mail delivers them: the same text without what mail programs do to it (FORMAT.md, "Links").

Only what is unambiguous is mended; nothing is guessed, and the grammar of a link stays strict.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from vault.records.encoding import size_of

MAX_TEXT = 20_000
# A byte order mark, zero-width characters and soft hyphens; then a soft line break of quoted-printable, then any.
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")
_SOFT_BREAK = re.compile(r"=\r?\n")
_BREAKS = re.compile(r"[\t\n\r]")
_BLANK = "\v\f \x85\xa0\u2028\u2029"
_AROUND = "<>()\\[\\]{}\"'`*,.;:!?\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a"
_FRONT = re.compile(f"[{_BLANK}{_AROUND}]+")
_END = re.compile(f"(?:[{_BLANK}{_AROUND}]|%(?:2[0279CcEe]|3[Ee]|5[Dd]))+\\Z")
_QUERY = re.compile(r"[Hh][Tt][Tt][Pp][Ss]?://[^?#]+\?([^#]*)")
_SPELLED = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*\Z")
_SCHEME, _OURS = re.compile(r"[Hh][Tt][Tt][Pp][Ss]?://"), re.compile(r"/s/[0-9a-f]{32}")
_ENCODED_SIGN = re.compile(r"(/s/[0-9a-f]{32}/?)%23")


def mend(text: str) -> str:
    """The link in `text`, still unread; a text longer than any mail's line comes back empty."""
    if size_of(text) > MAX_TEXT:
        return ""
    joined = _BREAKS.sub("", _SOFT_BREAK.sub("", _UNSEEN.sub("", text)))
    bare = _bare(joined)
    link = _bare(_carried(bare) or bare)
    return link if "#" in link else _ENCODED_SIGN.sub(r"\1#", link, count=1)


def _bare(text: str) -> str:
    """Without brackets, quotation marks, full stops and blanks around it."""
    front = _FRONT.match(text)
    return _END.sub("", text[front.end() if front else 0 :])


def _carried(text: str) -> str | None:
    """The link that Safe Links and their like carry, percent-encoded, in one value of their address's query."""
    query = _QUERY.match(text)
    values = {_decoded(pair.partition("=")[2] or pair) for pair in query[1].split("&")} if query else set()
    links = {value for value in values if value and _SCHEME.match(value) and _OURS.search(value)}
    return links.pop() if len(links) == 1 else None


def _decoded(value: str) -> str | None:
    try:
        return unquote(value, errors="strict") if _SPELLED.match(value) else None
    except UnicodeDecodeError:
        return None
