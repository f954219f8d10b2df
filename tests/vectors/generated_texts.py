"""Texts, numbers and boxes that chance makes of those in the vectors."""

from __future__ import annotations

import json
from random import Random
from typing import Any
from urllib.parse import quote

from tests.sdk.keys import label_vectors
from tests.vectors.families import Family, outcome
from tests.vectors.mutations import Json, change_bytes, change_json, often, read
from tests.vectors.spellings import change_spelling
from vault.boxes import box
from vault.records.encoding import lp, parse_day, parse_instant
from vault.records.strict_json import parse_object
from vault.rules import merkle
from vault.rules.terms import Ended, add_months, destroy_on
from vault.sdk.keys.password_strength import check_new_password, guesses, reason
from vault.sdk.keys.words import index, split
from vault.sdk.shares.capsules import open_capsule, open_cover, open_entry
from vault.sdk.shares.links import parse_link

LINK = read("7-links")["cases"][0]
LAST_YEAR, LONG = 2999, 4096


def _json(rng: Random) -> Json:
    texts = [one["text"] for one in (*read("2-strict-json")["accept"], *read("3-records")["records"]) if "text" in one]
    text = rng.choice([text for text in texts if len(text) < LONG])
    return {"hex": (change_spelling(rng, text) if often(rng, 70) else change_bytes(rng, text.encode())).hex()}


_AROUND = [
    "%23",
    "%2523",
    "%20",
    "#",
    "/",
    "?",
    "?url=",
    "&a=",
    "http://",
    "https://x.nl/?u=",
    "=\r\n",
    "\t",
    "\u200b",
    "\u00ad",
]
_AROUND += [
    "\ufeff",
    "\u2028",
    "\u0085",
    "<",
    ">",
    ".",
    "»",
    "\u2019",
    "%5D",
    "%5d",
    "%3e",
    "A",
    "é",
    ":0",
    ":65536",
    "[",
    "]",
]


def _link(rng: Random) -> Json:
    text = rng.choice([one["text"] for one in read("7-contents")["links"]["accept"]])
    if often(rng, 20):
        text = change_bytes(rng, text.encode()).decode(errors="ignore")
    for _ in range(rng.randint(1, 3)):
        at = rng.choice((0, len(text), text.find("#"), rng.randint(0, len(text))))
        text = text[:at] + rng.choice(_AROUND) + text[at + rng.choice((0, 0, 0, 1)) :]
    return {"text": quote(text, safe="") if often(rng, 5) else text}


def _judge_link(case: Json) -> Json:
    link = parse_link(case["text"])
    return {"base": link.base, "share": link.share, "secret": None if link.secret is None else bytes(link.secret).hex()}


def _words(rng: Random) -> Json:
    listed = [one["typed"] for one in read("4-words")["index"]]
    typed = list(rng.choice(["-", " ", "\u3000", "\u2011"]).join(rng.sample(listed, 3)))
    for _ in range(rng.randint(1, 4)):
        typed[rng.randrange(len(typed))] = rng.choice(
            ["", "x", "É", "ß", "İ", "Σ", "ﬁ", "-", " ", "\u00a0", "\u0085", "\ufeff", "\uff45", "\u0301"]
        )
    return {"typed": "".join(typed)}


def _judge_words(case: Json) -> Json:
    found = split(case["typed"])
    return [found, [index(word) for word in found]]


def _password(rng: Random) -> Json:
    known = read("4-passwords")
    pieces = [
        *known["common"],
        *known["rows"],
        "2019",
        "01-02-2020",
        "P@$$w0rd",
        "tset",
        "ab",
        "abab",
        "é",
        "ß",
        "Ⅷ",
        "x",
        "-",
        "!",
    ]
    return {"password": "".join(rng.choice(pieces)[: rng.randint(1, 12)] for _ in range(rng.randint(1, 6)))}


def _judge_password(case: Json) -> Json:
    verdict = outcome(lambda one: check_new_password(one["password"]) or "allowed", case)
    return [
        "guessable" if verdict == "password_weak" else verdict,
        str(guesses(case["password"])),
        reason(case["password"]),
    ]


def _proof(rng: Random) -> Json:
    one = dict(rng.choice(read("3-merkle")["proofs"]))
    one["position"] += rng.choice((-1, 0, 0, 1))
    one["count"] += rng.choice((-1, 0, 0, 1))
    path, at = list(one["path"]), rng.randint(0, len(one["path"]))
    one["path"] = rng.choice((path, path[:at], path[:at] + path[at - 1 : at] + path[at:], path[::-1]))
    return one


def _judge_proof(case: Json) -> Json:
    proof = merkle.Proof(case["position"], tuple(bytes.fromhex(node) for node in case["path"]))
    return merkle.proves(proof, case["record"], case["root"], case["count"])


def _term(rng: Random) -> Json:
    day = f"{rng.choice((1900, 2024, 2026, 2095, 2994, 2999))}-{rng.randint(1, 12):02}-{rng.choice((1, 27, 28, 28, 29, 30)):02}"
    at = f"{rng.choice((2026, 2095, 2999))}-{rng.choice((1, 11, 12)):02}-{rng.choice((1, 2, 28)):02}T{rng.choice(('00:00:00', '00:00:01', '23:59:59'))}Z"
    trajectories = [
        {
            "end": rng.choice((day, day, None)) if number else day,
            "months": rng.choice((1, 12, 60)),
            "at": at,
            "grace": often(rng, 70),
        }
        for number in range(rng.randint(0, 3))
    ]
    return {"day": day, "months": rng.randint(0, 60), "trajectories": trajectories}


def _judge_term(case: Json) -> Json:
    def end(one: Json) -> Any:
        return None if one["end"] is None else parse_day(one["end"])

    later = add_months(parse_day(case["day"]), case["months"])
    terms = [Ended(end(one), one["months"], parse_instant(one["at"]), one["grace"]) for one in case["trajectories"]]
    due = destroy_on(terms)
    return [None if later.year > LAST_YEAR else later.isoformat(), None if due is None else due.isoformat()]


def _content(rng: Random) -> Json:
    boxes = LINK["boxes"]
    one = rng.choice(boxes)
    plain = one["plaintext"].encode()
    made = change_bytes(rng, plain) if often(rng, 30) else json.dumps(change_json(rng, json.loads(plain))).encode()
    keys = LINK["keys"]
    key = keys["capsule" if one["kind"] == "capsule" else "cover"]
    place = {name: LINK[name] for name in ("share", "document")}
    return {
        "kind": one["kind"],
        "key": key,
        **place,
        "box": box(bytes.fromhex(key), bytes.fromhex(one["aad"]), made).hex(),
    }


def _judge_content(case: Json) -> Json:
    key, sealed = bytes.fromhex(case["key"]), bytes.fromhex(case["box"])
    if case["kind"] == "cover":
        open_cover(key, case["share"], sealed)
    else:
        (open_entry if case["kind"] == "entry" else open_capsule)(key, case["share"], case["document"], sealed)
    return "allowed"


def _label(rng: Random) -> Json:
    key, member = read("4-labels")["label_key"], label_vectors.DIRECTOR
    plain = label_vectors.padded(label_vectors.FRONT, b"client", "Zoë".encode(), b"")
    aad = lp(b"vault/v1/label", label_vectors.DOSSIER.encode(), member.encode())
    return {
        "dossier": label_vectors.DOSSIER,
        "member": member,
        "key": key,
        "box": box(bytes.fromhex(key), aad, change_bytes(rng, plain)).hex(),
    }


def _judge_label(case: Json) -> Json:
    found = label_vectors.opened(bytes.fromhex(case["box"]), case["dossier"], case["member"])
    return found.get("label", found["verdict"])


FAMILIES = {
    "json": Family(_json, lambda case: parse_object(bytes.fromhex(case["hex"]), limit=65_536), share=5),
    "link": Family(_link, _judge_link, share=5),
    "words": Family(_words, _judge_words, share=5),
    "password": Family(_password, _judge_password, share=5),
    "proof": Family(_proof, _judge_proof, share=5),
    "term": Family(_term, _judge_term, share=5),
    "content": Family(_content, _judge_content, share=5),
    "label": Family(_label, _judge_label, share=5),
}
