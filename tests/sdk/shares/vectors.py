"""Makes `tests/vectors/7-contents.json`: `python -m tests.sdk.shares.vectors` writes it anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote

from vault.boxes import box
from vault.errors import VaultError
from vault.records.encoding import lp, to_base64url
from vault.records.strict_json import dump
from vault.sdk.shares.capsules import open_capsule, open_cover, open_entry
from vault.sdk.shares.links import LinkIncompleteError, LinkRewrittenError, derive, parse_link

FILE = Path(__file__).parents[2] / "vectors" / "7-contents.json"
SHARE, DOCUMENT, OTHER = "000102030405060708090a0b0c0d0e0f", "10" * 16, "20" * 16
KEYS = derive(bytes(range(32)))
SECRET = to_base64url(bytes(range(32)))
LINK = f"https://dossier.example.nl/s/{SHARE}#{SECRET}"
Fields = dict[str, Any]


def dashed(link: str) -> str:
    """As URL Defense spelled an address at first: `-` for `%`, `_` for `/`."""
    spelled = quote(link, safe="/").replace("-", "%2D").replace("_", "%5F")
    return spelled.replace("%", "-").replace("/", "_")


def starred(address: str, signs: str) -> str:
    """As URL Defense spells one now: stars for `signs`, which stand behind it."""
    return f"https://urldefense.com/v3/__{address}__;{to_base64url(signs.encode())}!!AbC-d_E!f__g$"


def wrapped(link: str, times: int) -> str:
    """A link that one filter after the other put its address around."""
    for _ in range(times):
        link = f"https://t.example/?a={quote(link, safe='')}"
    return link


LINKS = (
    *(
        LINK,
        LINK.partition("#")[0],
        f" \t{LINK}\r\n",
        f"\u00a0{LINK}\u2028",
        LINK[:40] + "\n" + LINK[40:],
        LINK[:60] + "\t\r\n" + LINK[60:],
    ),
    *(
        LINK.replace("https", "http"),
        LINK.replace("https", "HTTPS"),
        LINK.replace("#", "/#"),
        LINK.replace(".nl/", ".nl:8420/"),
    ),
    *(
        LINK.replace("dossier.example.nl", "[::1]:65535"),
        LINK.replace("dossier.example.nl", "a_b-c.x"),
        LINK.replace("/s/", "/een/twee~%20(3)/s/"),
    ),
    *(LINK.replace("/s/", "/s/s/"), "https://x/" + "a" * 1911 + LINK[26:], "https://x/" + "a" * 1912 + LINK[26:]),
    *(
        "",
        "#",
        LINK[:-1],
        LINK + "A",
        LINK + "=",
        LINK[:-1] + "9",
        LINK[:-1] + "+",
        LINK + "#",
        LINK.partition("#")[0] + "#",
    ),
    *(
        LINK.replace("https", "ftp"),
        LINK.replace("https:", ""),
        LINK.replace("https://", ""),
        LINK.replace("/s/", "/t/"),
        LINK.replace("/s/", "//s/"),
    ),
    *(
        LINK.replace("0a0b", "0A0B"),
        LINK.replace("0e0f", "0e0"),
        LINK.replace("0e0f", "0e0f0"),
        LINK.replace("#", "?x=1#"),
        LINK.replace("#", "?#"),
    ),
    *(
        LINK.replace("dossier.example.nl", ""),
        LINK.replace("dossier", "u@dossier"),
        LINK.replace("dossier", "u:p@dossier"),
        LINK.replace(".nl/", ".nl:/"),
    ),
    *(
        LINK.replace(".nl/", ".nl:0/"),
        LINK.replace(".nl/", ".nl:65536/"),
        LINK.replace(".nl/", ".nl:080000/"),
        LINK.replace(".nl/", ".nl:8 0/"),
    ),
    *(
        LINK.replace("dossier.example.nl", "[::1"),
        LINK.replace("dossier.example.nl", "::1"),
        LINK.replace("dossier.example.nl", "d\u00f6ssier.nl"),
    ),
    *(
        LINK.replace("dossier.example.nl", "dossier.ex%61mple.nl"),
        LINK.replace("/s/", "/\u202e/s/"),
        LINK.replace("/s/", "/a b/s/"),
        LINK.replace("/s/", "\\s\\"),
    ),
    *(
        LINK.replace("//", "/"),
        LINK.replace("https", "\uff48ttps"),
        LINK + " x",
        "<" + LINK + ">",
        LINK.replace("#", "\u200b#"),
        LINK + "\u200b",
        "\x1c" + LINK,
        "\ufeff" + LINK,
    ),
    # As mail delivers them.
    *(
        LINK.replace("#", "%23"),
        LINK.replace("#", "/%23"),
        LINK.replace("#", "%23") + "%3E",
        LINK.replace("#", "%2523"),
        LINK + ".",
        LINK + "\u201d,",
        f"({LINK}).",
        f"[{LINK}]",
        f"\u201e{LINK}\u201c",
        f"**{LINK}**",
        LINK + "%20",
        LINK + "/",
        LINK + "%2F",
    ),
    *(
        f"\ufeff\r\n\r\n{LINK}\r\n",
        LINK[:70] + "=\r\n" + LINK[70:],
        LINK[:70] + "=\n" + LINK[70:],
        LINK[:70] + "= \n" + LINK[70:],
        LINK[:50] + "\u00ad" + LINK[50:],
        LINK[:70] + "\r\n " + LINK[70:],
        f"Link: {LINK}",
    ),
    *(
        f"https://eur01.safelinks.protection.outlook.com/?url={quote(LINK, safe='')}&data=05%7C02%7C&reserved=0",
        f"<https://eur01.safelinks.protection.outlook.com/?url={quote(LINK, safe='')}>.",
        f"https://www.google.com/url?q={quote(LINK, safe='')}&sa=D",
        f"https://t.example/?{quote(LINK, safe='')}",
        f"https://t.example/?a={quote(LINK, safe='')}&b={quote(LINK.replace('dossier', 'other'), safe='')}",
        f"https://t.example/?a={quote(LINK, safe='')}&b={quote(LINK, safe='')}",
        f"https://t.example/?a=%zz{quote(LINK, safe='')}",
        f"https://t.example/?a={quote(LINK, safe='')}%FF",
        f"https://t.example/?a={quote(LINK.partition('#')[0] + '#', safe='')}",
        "https://t.example/?a=1",
        LINK + "?a=1",
    ),
    *(
        f"https://t.example/?a={quote(LINK, safe='')}#top",
        f"https://t.example/#top?a={quote(LINK, safe='')}",
        f"https://t.example/?a={quote(LINK.partition('#')[0], safe='')}#{SECRET}",
        f"https://t.example/?a={quote(LINK, safe='')}+",
        f"https://t.example/?a=x={quote(LINK, safe='')}",
        f"https://t.example/?a={quote(quote(LINK, safe=''), safe='')}",
        f"HTTPS://t.example/?a={quote(LINK.replace('https', 'HTTPS'), safe='')}",
        LINK.replace("dossier.example.nl", "Dossier.Example.NL"),
        LINK.replace(".nl/", ".nl:00443/"),
        LINK.replace("/s/", "/") + "/s/" + SHARE,
    ),
    # As filters rewrite them.
    *(
        LINK.replace("#", "?utm_source=mail&utm_medium=x#"),
        LINK.replace("#", "/?fbclid=x#"),
        LINK.replace("#", "?x=/s/#"),
        LINK.replace("#", "%23") + "?utm_source=mail",
        LINK + "&utm_source=mail",
        LINK + "A?a=1",
        LINK[:-1] + "?a=1",
        LINK.partition("#")[0] + "#?a=1",
        LINK.partition("#")[0] + "?a=1",
        LINK.replace("#", f"?a={quote('https://other.example/', safe='')}#"),
        LINK.replace("#", f"?a={quote(LINK.partition('#')[0], safe='')}#"),
        LINK.replace("#", f"?a={quote(LINK.replace('dossier', 'other'), safe='')}#"),
    ),
    *(
        f"https://t.example/?a={quote(LINK.partition('#')[0] + '#', safe='')}#{SECRET}",
        f"https://t.example/?a={LINK.partition('#')[0]}#{SECRET}&c=E,1,x,y&typo=1",
        f"https://t.example/?a={quote(LINK.partition('#')[0], safe='')}#{SECRET[:-1]}",
        f"https://t.example/?a={quote(LINK.partition('#')[0], safe='')}#top",
        f"https://t.example/?a={quote(LINK.partition('#')[0], safe='')}#:~:text=x",
        f"https://t.example/?a={quote(LINK.partition('#')[0], safe='')}#",
        f"https://t.example/?a={quote(LINK.partition('#')[0], safe='')}&b={quote(LINK.replace('dossier', 'other'), safe='')}#{SECRET}",
        f"https://t.example/?a={quote(LINK[:-1] + 'g', safe='')}#{SECRET}",
        f"https://linkprotect.cudasvc.com/url?a={quote(LINK, safe='')}&c=E,1,aBc-_,&typo=1",
        f"https://secure-web.cisco.com/1aB-c_D/{quote(LINK, safe='')}",
        f"https://secure-web.cisco.com/1aB-c_D/{quote(LINK.partition('#')[0], safe='')}#{SECRET}",
    ),
    *(
        f"https://urldefense.proofpoint.com/v2/url?u={dashed(LINK)}&d=DwMFaQ&c=aB-_&r=x&m=y&s=z&e=",
        f"https://urldefense.proofpoint.com/v2/url?u={dashed(LINK.partition('#')[0])}&d=DwMFaQ#{SECRET}",
        f"https://urldefense.proofpoint.com/v2/url?u={dashed(LINK).replace('-23', '-2')}&d=DwMFaQ",
        f"https://urldefense.proofpoint.com/v1/url?u={quote(LINK, safe=':/')}&k=x%3D%3D%0A",
    ),
    *(
        starred(LINK.replace("#", "*"), "#"),
        starred(LINK.replace("#", "*"), "#") + ".",
        f"<{starred(LINK.replace('#', '*'), '#')}>",
        starred(LINK, ""),
        starred(LINK.replace("https://", "https:/").replace("#", "*"), "#"),
        starred(LINK.replace("/s/", "/een*twee/s/").replace("#", "*"), "~#"),
        starred(LINK.replace("/s/", "/a**Bb/s/").replace("#", "*"), "~!~#"),
        starred(LINK.replace("/s/", "/a**Ab/s/").replace("#", "*"), "~!#"),
        starred(LINK.replace("#", "*"), "##"),
        starred(LINK.replace("#", "*"), ""),
        starred(LINK.replace("#", "**B"), "#"),
        starred(LINK.replace("#", "*"), "\u20ac"),
        f"https://urldefense.com/v3/__{LINK.replace('#', '*')}__;I!!x!y$",
        f"https://urldefense.com/v3/__{LINK.replace('#', '*')}__;_w!!x!y$",
        f"https://urldefense.com/v3/__{LINK.replace('#', '*')}",
        starred("https://other.example/*a", "#"),
    ),
    *(
        f"https://eur01.safelinks.protection.outlook.com/?url={quote(starred(LINK.replace('#', '*'), '#'), safe='')}&data=05",
        wrapped(LINK, 2),
        wrapped(LINK, 5),
        wrapped(LINK, 6),
        starred(f"https://t.example/?a={quote(LINK, safe='')}", ""),
        "https://protect-eu.mimecast.com/s/AbCdEfGhIj?domain=dossier.example.nl",
        "https://eu-west-1.protection.sophos.com?d=example.nl&u=aHR0cHM6Ly9kb3NzaWVyLmV4YW1wbGUubmw=",
        "http://example.nl",
    ),
    *(LINK + " " * 19_895, LINK + " " * 19_896, LINK[:-20], LINK[:-1] + ".", LINK.partition("#")[0] + "%23"),
)


def contents() -> Fields:
    read, incomplete, rewritten, refused = [], [], [], []
    for text in LINKS:
        try:
            link = parse_link(text)
        except LinkIncompleteError:
            incomplete.append(text)
        except LinkRewrittenError:
            rewritten.append(text)
        except VaultError:
            refused.append(text)
        else:
            secret = None if link.secret is None else bytes(link.secret).hex()
            read.append({"text": text, "base": link.base, "share": link.share, "secret": secret})
    return {
        "about": "FORMAT.md, Links: which texts are links, and which boxes are a cover, an entry or a capsule of this share and document. Bytes are hex.",
        "links": {"accept": read, "incomplete": incomplete, "rewritten": rewritten, "refuse": refused},
        "share": SHARE,
        "document": DOCUMENT,
        "keys": {"cover": bytes(KEYS.cover).hex(), "capsule": bytes(KEYS.capsule).hex()},
        "cases": [
            {"name": name, "kind": kind, "box": sealed.hex(), "verdict": verdict(kind, sealed)}
            for name, kind, sealed in cases()
        ],
    }


def verdict(kind: str, sealed: bytes) -> str:
    opens: dict[str, Callable[[], object]] = {
        "cover": lambda: open_cover(KEYS.cover, SHARE, sealed),
        "entry": lambda: open_entry(KEYS.cover, SHARE, DOCUMENT, sealed),
        "capsule": lambda: open_capsule(KEYS.capsule, SHARE, DOCUMENT, sealed),
    }
    try:
        opens[kind]()
    except VaultError as error:
        return error.code
    return "allowed"


ROW = [DOCUMENT, "80" * 32, 28]
BASE: dict[str, Fields] = {
    "cover": {
        "v": 1,
        "practice": "60" * 16,
        "name": "Praktijk",
        "sender": "Dana",
        "kind": "copy",
        "note": "",
        "root": to_base64url(b"\x70" * 32),
        "record": "80" * 32,
        "expires_at": "2026-12-04T16:00:00Z",
        "max": 3,
        "documents": [ROW],
    },
    "entry": {"v": 1, "name": "a.pdf", "folder": "", "type": "application/pdf", "size": 12, "digest": "90" * 32},
    "capsule": {"v": 1, "file_key": to_base64url(b"\x11" * 16), "record": to_base64url(b"{}")},
}
CHANGES: dict[str, tuple[Fields, ...]] = {
    "cover": (
        *(
            {},
            {"more": 1},
            {"note": "\u20ac" * 666},
            {"note": "\u20ac" * 667},
            {"note": None},
            {"v": 2},
            {"v": True},
            {"v": None},
            {"name": ""},
        ),
        *(
            {"name": "\u00e9" * 500},
            {"name": "\u00e9" * 501},
            {"sender": ""},
            {"kind": "drop"},
            {"kind": "gift"},
            {"max": 0},
            {"max": 10_000},
            {"max": 10_001},
        ),
        *(
            {"max": "3"},
            {"practice": "60" * 15},
            {"practice": "AB" * 16},
            {"root": to_base64url(b"\x70" * 31)},
            {"record": None},
            {"expires_at": "2026-12-04T16:00:00z"},
        ),
        *(
            {"expires_at": "2026-02-30T16:00:00Z"},
            {"documents": []},
            {"documents": None},
            {"documents": [ROW, ROW]},
            {"documents": [[OTHER, *ROW[1:]], ROW]},
        ),
        *(
            {"documents": [ROW[:2]]},
            {"documents": [[*ROW, 1]]},
            {"documents": [{"document": DOCUMENT}]},
            {"documents": [[*ROW[:2], 15]]},
        ),
        *(
            {"documents": [[*ROW[:2], 16]]},
            {"documents": [[*ROW[:2], 2**43]]},
            {"documents": [[*ROW[:2], 2**43 + 1]]},
            {"documents": [[*ROW[:2], "28"]]},
        ),
    ),
    "entry": (
        *(
            {},
            {"more": {}},
            {"name": ""},
            {"name": None},
            {"folder": "a/b"},
            {"folder": "x" * 4000},
            {"folder": "x" * 4001},
            {"folder": None},
            {"type": ""},
        ),
        *(
            {"type": "x" * 255},
            {"type": "\u00e9" * 128},
            {"size": 0},
            {"size": -1},
            {"size": 2**43},
            {"size": 2**43 + 1},
            {"size": True},
            {"digest": "90" * 16},
            {"v": 0},
        ),
    ),
    "capsule": (
        *(
            {},
            {"more": []},
            {"file_key": ""},
            {"file_key": to_base64url(b"x" * 15)},
            {"file_key": to_base64url(b"x" * 17)},
            {"file_key": None},
            {"record": ""},
        ),
        *({"record": "e31"}, {"record": "e30="}, {"record": {}}, {"v": "1"}),
    ),
}


def cases() -> Iterator[tuple[str, str, bytes]]:
    with mock.patch("vault.boxes.secrets.token_bytes", return_value=b"\x44" * 24):
        for kind, changes in CHANGES.items():
            base, a = BASE[kind], "an entry" if kind == "entry" else f"a {kind}"
            for change in changes:
                named = (
                    ", ".join(f"{name} {json.dumps(value)[:40]}" for name, value in change.items()) or "as it should be"
                )
                yield f"{a}: {named}", kind, sealed_as(kind, dump({**base, **change}))
            for name in base:
                yield (
                    f"{a} without {name}",
                    kind,
                    sealed_as(kind, dump({key: base[key] for key in base if key != name})),
                )
            yield f"{a} with a key twice", kind, sealed_as(kind, dump(base)[:-1] + b',"v":1}')
            yield f"{a} that is a list", kind, sealed_as(kind, b"[1]")
            yield f"{a} of nothing", kind, sealed_as(kind, b"")
            whole = sealed_as(kind, dump(base))
            yield f"{a} cut off", kind, whole[:-1]
            yield f"{a} of another share", kind, sealed_as(kind, dump(base), share=OTHER)
            if kind != "cover":
                yield f"{a} of another document", kind, sealed_as(kind, dump(base), document=OTHER)
        for other in ("entry", "capsule"):
            yield f"what is sealed as {other}, in the place of a cover", "cover", sealed_as(other, dump(BASE[other]))


def sealed_as(kind: str, plain: bytes, *, share: str = SHARE, document: str = DOCUMENT) -> bytes:
    ids = (share,) if kind == "cover" else (share, document)
    aad = lp(b"vault/v1/link/" + kind.encode(), *(one.encode() for one in ids))
    return box(KEYS.capsule if kind == "capsule" else KEYS.cover, aad, plain)


if __name__ == "__main__":
    FILE.write_text(json.dumps(contents(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
