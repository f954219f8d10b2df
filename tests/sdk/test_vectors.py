"""What is sealed today is what the published vectors say, byte by byte, and what they hold opens."""

import json
from typing import Any

import pytest
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt

from tests.sdk import vectors
from vault.age import Head, HybridIdentity, OpenStream, payload_key, unwrap
from vault.sdk.documents.sealing import FileKey, seal_bytes
from vault.sdk.keys.sealed_text import open_text, text_key
from vault.sdk.shares.capsules import open_capsule, open_cover, open_entry
from vault.sdk.shares.links import derive, parse_link, stretch
from vault.secret import Secret


def read(name: str) -> Any:
    return json.loads((vectors.FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def test_the_published_vectors_are_what_is_made_today() -> None:
    assert read("7-links") == vectors.links()
    assert read("5-texts") == vectors.texts()
    assert read("6-documents") == vectors.documents(vectors.known_heads())


@pytest.mark.parametrize("case", read("7-links")["cases"], ids=["plain", "passphrase"])
def test_a_link_and_what_it_opens(case: dict[str, Any]) -> None:
    link = parse_link(case["link"])
    assert link.secret is not None
    stretched = stretch(case["passphrase"].encode(), case["share"]) if case["passphrase"] else bytes(32)
    keys = derive(link.secret, stretched)
    assert {name: bytes(getattr(keys, name)).hex() for name in case["keys"]} == case["keys"]
    boxes = {box["kind"]: bytes.fromhex(box["box"]) for box in case["boxes"]}
    document = case["document"]
    cover = open_cover(keys.cover, case["share"], boxes["cover"])
    entry = open_entry(keys.cover, case["share"], document, boxes["entry"])
    capsule = open_capsule(keys.capsule, case["share"], document, boxes["capsule"])
    opened = [cover.to_bytes(), entry.to_bytes(), capsule.to_bytes()]
    assert [box["plaintext"].encode() for box in case["boxes"]] == opened
    for box in case["boxes"]:
        key = bytes.fromhex(case["keys"]["capsule" if box["kind"] == "capsule" else "cover"])
        sealed = bytes.fromhex(box["box"])
        assert sealed[0] == 1
        plain = crypto_aead_xchacha20poly1305_ietf_decrypt(sealed[25:], bytes.fromhex(box["aad"]), sealed[1:25], key)
        assert plain == box["plaintext"].encode()


def test_a_text_opens() -> None:
    (case,) = read("5-texts")["cases"]
    key = text_key(bytes.fromhex(case["identity"]))
    place = {"dossier": case["dossier"], "epoch": case["epoch"], "subject": case["subject"]}
    fields = open_text(case["kind"], bytes.fromhex(case["box"]), case["digest"], key=key, **place)
    assert fields == json.loads(case["text"])


@pytest.mark.parametrize("case", read("6-documents")["cases"], ids=lambda case: str(case["plain_size"]))
def test_a_document_opens(case: dict[str, Any]) -> None:
    whole = read("6-documents")
    head = Head.parse(bytes.fromhex(case["head"]))
    identity = HybridIdentity(bytes.fromhex(whole["identity"]))
    file_key = unwrap(head.parsed(), [identity], expect="mlkem768x25519")
    assert (file_key.hex(), head.nonce.hex()) == (whole["file_key"], whole["nonce"])
    plain = vectors.plaintext(case["plain_size"])
    body = bytes(seal_bytes(plain, FileKey(Secret(file_key), head.nonce)))
    assert case["body"] in {None, body.hex()}
    stream = OpenStream(payload_key(file_key, head.nonce))
    assert stream.update(body) + stream.finish() == plain
