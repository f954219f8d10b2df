"""Heads of documents that chance makes of a good one, with the MAC that belongs to what was made."""

from __future__ import annotations

import base64
from random import Random

from tests.vectors.families import Family
from tests.vectors.mutations import Json, often, read
from vault.age import AgeError, Head, HybridIdentity, unwrap
from vault.age.derive import header_mac
from vault.records.types.roster import SUITE

DOCUMENTS = read("6-documents")
FILE_KEY, NONCE = (bytes.fromhex(DOCUMENTS[name]) for name in ("file_key", "nonce"))
HEAD = bytes.fromhex(DOCUMENTS["cases"][0]["head"])
HEADER = HEAD[: HEAD.rindex(b"\n--- ") + 1]
LINES = [
    b"",
    b"-> x",
    b"-> X25519 AAAA",
    b"->",
    b"-> ",
    b"--- ",
    b"---",
    b"AAAA",
    b"A" * 64,
    b"AAA=",
    b"age-encryption.org/v1",
    b"-> mlkem768x25519",
]
SIGNS = [
    b" ",
    b"  ",
    b"\r",
    b"\n",
    b"\t",
    b"\x00",
    b"\x7f",
    b"\xc3\xa9",
    b"=",
    b"-",
    b"_",
    b"A",
    b"/",
    b"+",
    b" x",
    b"-> ",
]


def _head(rng: Random) -> Json:
    """A line more, less, twice, cut in two or joined with the next; or a sign put in, taken out, or made another."""
    lines = HEADER.split(b"\n")[:-1]
    for _ in range(rng.randint(0, 2)):
        at = rng.randrange(len(lines))
        match rng.choice(("put", "take", "twice", "cut", "join", "sign", "end")):
            case "put":
                lines.insert(rng.randint(0, len(lines)), rng.choice(LINES))
            case "take" if len(lines) > 1:
                del lines[at]
            case "twice":
                lines.insert(at, lines[at])
            case "cut":
                place = rng.randint(0, len(lines[at]))
                lines[at : at + 1] = [lines[at][:place], lines[at][place:]]
            case "join":
                lines[at : at + 2] = [b"".join(lines[at : at + 2])]
            case "end":
                lines[at] = rng.choice((lines[at] + rng.choice(SIGNS), rng.choice(SIGNS) + lines[at]))
            case _:
                place = rng.randint(0, len(lines[at]))
                lines[at] = lines[at][:place] + rng.choice(SIGNS) + lines[at][place + rng.randint(0, 1) :]
    signed = b"\n".join([*lines, b"---"])
    mac = base64.b64encode(header_mac(FILE_KEY, signed)).rstrip(b"=")
    if often(rng, 20):
        mac = rng.choice(
            (
                mac[:-1] + rng.choice(("A", "B", "w", "8")).encode(),
                mac + b"=",
                mac + b" ",
                b" " + mac,
                mac + b"\r",
                mac[:-1],
            )
        )
    nonce = rng.choice((*[NONCE] * 8, NONCE[1:], NONCE + b"x"))
    return {"identity": DOCUMENTS["identity"], "head": (signed + b" " + mac + b"\n" + nonce).hex()}


def _judge(case: Json) -> Json:
    try:
        head = Head.parse(bytes.fromhex(case["head"]))
        return [
            unwrap(head.parsed(), [HybridIdentity(bytes.fromhex(case["identity"]))], expect=SUITE).hex(),
            head.nonce.hex(),
        ]
    except AgeError:
        return "age_invalid"


FAMILIES = {"document": Family(_head, _judge)}
