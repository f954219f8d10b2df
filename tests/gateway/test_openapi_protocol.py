"""HTTP as no well-behaved client speaks it: methods, paths, lengths, chunks and headers that lie or make no sense.

Every answer is a problem in the one form, or what the same request gets without the oddity; a connection on which it
is not certain where the next request begins is closed; and the gateway serves the next one.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from gateway.http.security_headers import ALWAYS
from tests.gateway.house import API, House, Switch, build
from vault.records.encoding import new_id

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
BODY = b'{"email":"a@b.nl"}'
POST = f"POST {API}/session/parameters HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"12\r\n" + BODY + b"\r\n0\r\n\r\n"


@pytest.fixture(scope="module")
def house(served: tuple[Switch, int]) -> Iterator[House]:
    """One for all: nothing here changes what another test sees."""
    built = build(*served)
    yield built
    built.http.close()


def speak(house: House, raw: bytes, *, half_closed: bool = False) -> bytes:
    """Everything that comes back until the gateway closes the connection."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=30) as connection:
        connection.sendall(raw)
        if half_closed:
            connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def answers(raw: bytes) -> Iterator[tuple[int, dict[str, str], bytes]]:
    """The answers in a stream, each with its length."""
    while raw:
        head, _, raw = raw.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", 0))
        yield int(status.split()[1]), headers, raw[:length]
        raw = raw[length:]


def only(raw: bytes) -> tuple[int, str]:
    """Status and code of the one answer there is."""
    [(status, headers, body)] = answers(raw)
    for name, value in ALWAYS.items():
        assert headers[name.lower()] == value
    return status, json.loads(body).get("code", "") if headers["content-type"].endswith("json") else ""


def test_a_method_that_is_not_documented_is_refused_alike_everywhere(house: House) -> None:
    ids = dict.fromkeys(("dossier", "document", "share", "name", "erasure", "member", "invitation"), new_id())
    bodies = set()
    for path, operations in house.contract.document["paths"].items():
        for method in METHODS:
            url = path.format(**ids, number=0, epoch=2)
            if house.contract.operation(method, url) is not None:
                continue
            if method == "HEAD" and house.contract.operation("GET", url) is not None and not path.endswith("/body"):
                continue
            answer = house.http.request(method, url)
            assert answer.status_code == 405, (method, path)
            allowed = {name.strip() for name in answer.headers["allow"].split(",")}
            assert allowed <= {name.upper() for name in operations} | {"HEAD"}, (method, path)
            assert method == "HEAD" or bodies.add(answer.content) is None
    assert len(bodies) == 1
    assert json.loads(bodies.pop())["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "path",
    [
        *("/nowhere", "/healthz/", "//healthz", "/healthz%2f", "/HEALTHZ", "/s/", "/s/a/b", "/s/../healthz"),
        *("/api/v1", "/api/v1/", "/api/v2/dossiers", "/api/v1/dossiers/", "/api/v1//dossiers", "/api/v1/dossiers%2F"),
        *(f"/api/v1/dossiers/{'a' * 32}/", f"/api/v1/dossiers/{'a' * 32}%00", f"/api/v1/dossiers/{'A' * 32}"),
        *("/api/v1/shares/%ff", "/api/v1/shares/%zz", "/api/v1/shares/%", "/api/v1/shares/%F0%9F%98%80"),
        *(
            "/api/v1/shares/%2e%2e%2fhealthz",
            "/api/v1/shares/..%5c..",
            "/openapi.json/",
            "/%00",
            "/;a=b",
            "/favicon.ico",
        ),
        "/api/v1/shares/" + "a" * 60_000,
    ],
)
def test_a_path_that_is_none_is_not_found(house: House, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    for name, value in house.session().items():
        request += f"{name}: {value}\r\n"
    assert only(speak(house, request.encode() + b"\r\n")) == (404, "not_found")


@pytest.mark.parametrize(
    "path", ["", "/", f"/{'a' * 32}", f"/{'a' * 32}/{'b' * 32}/", f"/{'a' * 32}//cover", "/%2e%2e"]
)
def test_below_the_links_everything_that_is_none_is_the_one_refusal(house: House, path: str) -> None:
    request = f"GET {API}/pickup/x{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    status, code = only(speak(house, request.encode()))
    assert (status, code) in {(404, "link_unavailable"), (405, "method_not_allowed")}


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
        b"GET /s/\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        POST + b"Content-Length: -1\r\n\r\n" + BODY,
        POST + b"Content-Length: +18\r\n\r\n" + BODY,
        POST + b"Content-Length: 0x12\r\n\r\n" + BODY,
        POST + b"Content-Length: 18, 18\r\n\r\n" + BODY,
        POST + b"Content-Length: 18\r\nContent-Length: 5\r\n\r\n" + BODY,
        POST + b"Content-Length: 99999999999999999999999\r\n\r\n" + BODY,
        POST + b"Content-Length: 3\r\n" + CHUNKED + CHUNKS,
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n" + CHUNKS,
        POST + b"Transfer-Encoding: gzip\r\n\r\n" + BODY,
        POST + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKS,
        POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + CHUNKS,
        POST + CHUNKED + b"zz\r\n" + BODY,
        POST + CHUNKED + b"-12\r\n" + BODY,
        POST + CHUNKED + b"fffffffffffffffff\r\n" + BODY,
        POST + CHUNKED + b"12\r\n" + BODY + b"xx0\r\n\r\n",
    ],
)
def test_what_is_no_request_is_a_problem_and_ends_the_connection(house: House, raw: bytes) -> None:
    assert only(speak(house, raw)) == (400, "bad_request")
    assert house.ask("GET", "//healthz").status_code == 200


def test_a_length_that_is_too_short_gives_no_second_request_to_anybody(house: House) -> None:
    smuggled = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    found = list(answers(speak(house, POST + b"Content-Length: 0\r\n\r\n" + smuggled)))
    assert [status for status, *_ in found] == [422, 200], (
        "what follows the length is a request of its own, nobody else's"
    )
    assert only(speak(house, POST + b"Content-Length: 10\r\n\r\n" + BODY)) == (400, "bad_request")


@pytest.mark.parametrize("raw", [POST + b"Content-Length: 30\r\n\r\n" + BODY, POST + CHUNKED + b"12\r\n" + BODY[:5]])
def test_a_body_that_is_cut_off_is_answered_to_nobody(house: House, raw: bytes) -> None:
    assert speak(house, raw, half_closed=True) == b""


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ("Transfer-Encoding: chunked", CHUNKS, 200),
        ("Transfer-Encoding: chunked", b"12;a=b\r\n" + BODY + b"\r\n0\r\nX-Trailer: y\r\n\r\n", 200),
        ("Transfer-Encoding: chunked", b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n", 200),
        ("Content-Length: 18\r\nExpect: 200-maybe", BODY, 200),
        ("Content-Length: 18\r\nContent-Type: text/plain", BODY, 200),
        ("Content-Length: 18\r\nRange: bytes=5-1", BODY, 200),
        ("Content-Length: 18\r\nX-HTTP-Method-Override: DELETE", BODY, 200),
        ("Content-Length: 18\r\nAuthorization: Basic \xff\xfe", BODY, 200),
        ("Content-Length: 999999999999999", b"", 413),
        ("Content-Length: 9999999999999999", b"", 400),
        ("Content-Length: 0", b"", 422),
        ("", b"", 422),
    ],
)
def test_odd_framing_changes_nothing_of_the_answer(house: House, headers: str, body: bytes, expected: int) -> None:
    framing = f"{headers}\r\n".encode("latin-1") if headers else b""
    status, _ = only(speak(house, POST + framing + b"Connection: close\r\n\r\n" + body))
    assert status == expected


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("?", 200),
        ("?more=1&__proto__=x&limit%5B%5D=3", 200),
        ("?limit=1&limit=x", 422),
        ("?limit=", 422),
        ("?limit=0", 422),
        ("?limit=-1", 422),
        ("?limit=501", 422),
        ("?limit=1e2", 422),
        ("?limit=%D9%A3", 422),
        ("?limit=%00", 422),
        ("?limit=" + "9" * 5000, 422),
        ("?after=%ff", 422),
        ("?after=" + "a" * 65, 422),
        ("?after=%0a", 422),
        ("?after=" + "a" * 64 + "%0a", 422),
        ("?" + "&".join(f"x{number}=1" for number in range(2000)), 200),
    ],
)
def test_a_query_is_read_strictly_and_what_is_not_known_in_it_is_ignored(house: House, query: str, status: int) -> None:
    assert house.member("GET", f"/dossiers{query}").status_code == status


@pytest.mark.parametrize("after", ["9007199254740992", "-1", "9" * 400, "1.5", "0x1", "null", "%EF%BC%91"])
def test_a_version_beyond_what_json_can_say_is_refused(house: House, after: str) -> None:
    for path in ("/roster", "/policy", "/tombstones", "/checkpoints"):
        answer = house.member("GET", f"{path}?after={after}")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    ("range_", "status"),
    [
        *(
            ("bytes=0-3", 206),
            ("bytes=-1", 206),
            ("bytes=5-", 206),
            ("BYTES=0-0", 206),
            ("bytes=0-99999999999999", 206),
        ),
        *(("bytes=9999-", 416), ("bytes=-0", 416), ("bytes=999999999999999-", 416)),
        *(
            (f"bytes={'9' * 16}-", 200),
            ("bytes=3-1", 200),
            ("bytes=0-1,3-4", 200),
            ("bytes=--1", 200),
            ("bytes=a-b", 200),
        ),
        *(("bytes=", 200), ("lines=0-1", 200), ("bytes=0-1;", 200), ("bytes = 0-1", 200), ("bytes=٣-", 200), ("", 200)),
    ],
)
def test_a_range_is_sent_ignored_or_beyond_the_end(house: House, range_: str, status: int) -> None:
    dossier = house.practice.open_dossier()
    document = house.practice.deposit(dossier)
    answer = house.member("GET", f"/documents/{document.id}/body", headers={"Range": range_.encode()})
    assert answer.status_code == status
    if status == 206:
        first, _, last = answer.headers["content-range"].removeprefix("bytes ").partition("/")[0].partition("-")
        assert answer.content == document.body[int(first) : int(last) + 1]
    elif status == 200:
        assert answer.content == document.body


@pytest.mark.parametrize(
    "digest",
    [
        *(
            "",
            "sha-256",
            "sha-256=",
            "sha-256=::",
            "sha-256=:AAAA:",
            "sha-256=AAAA",
            "md5=:AAAA:",
            ",",
            "=::",
            "sha-256=:é:",
        ),
        *("sha-256=:" + "A" * 44 + ":", "sha-256=:" + "A" * 10_000 + ":", "," * 1000),
    ],
)
def test_a_content_digest_that_says_none_is_refused_before_the_body(house: House, digest: str) -> None:
    dossier = house.practice.open_dossier()
    document = house.practice.new_document(dossier)
    house.practice.begin(dossier, document)
    headers = {"Content-Digest": digest.encode("latin-1")}
    answer = house.member("PUT", f"/documents/{document.id}/segments/0", content=document.body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


NOT_STRICT = (
    b'{"a":1,"a":1}',
    b'{"a":"\\ud800"}',
    b'{"a":"\\u0000"}',
    b'{"a\\u0000":1}',
    b'{"a":"\x00"}',
    b'{"a":1.0}',
    b'{"a":NaN}',
    b'{"a":-Infinity}',
    b'{"a":' + b"9" * 5000 + b"}",
    b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}",
    b'{"a":' * 500 + b"1" + b"}" * 500,
    b"\xef\xbb\xbf{}",
    b"{}{}",
    b"'{}'",
    b"\xff\xfe{\x00}\x00",
)


# After the set-up no body is read there.
EARLIER = {f"{API}/setup": (409, "setup_done")}


def test_json_that_is_not_strict_is_refused_by_every_route_that_takes_any(house: House) -> None:
    dossier = house.practice.open_dossier()
    taking = [
        (method.upper(), path)
        for path, operations in house.contract.document["paths"].items()
        for method, operation in operations.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]
    assert len(taking) == 28
    headers = {**house.session(), "Content-Type": "application/json"}
    for method, path in taking:
        for raw in NOT_STRICT:
            url = path.removeprefix(API).format(
                dossier=dossier, share=new_id(), erasure=new_id(), invitation=new_id(), member=new_id(), epoch=2
            )
            answer = house.ask(method, url, content=raw, headers=headers)
            expected = EARLIER.get(path, (404, "link_unavailable") if "/pickup/" in path else (422, "record_invalid"))
            assert (answer.status_code, answer.json()["code"]) == expected, (path, raw[:40])
