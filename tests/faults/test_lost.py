"""Answers that get lost, servers that go away, people who do the same at once: nothing twice, nothing lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.answering_server import Answer, LostError, Request
from tests.faults.house import SEGMENT, House, digest, noise, tree
from tests.faults.proxy import Proxy, through

pytestmark = pytest.mark.slow
DEPOSIT = [
    ("POST", "/documents"),
    ("PUT", "/segments/"),
    ("GET", "/segments"),
    ("POST", "/complete"),
    ("POST", "/index"),
]
PICKUP = [("POST", "/cover"), ("PUT", "/pickup/"), ("GET", "/body")]


def losing(method: str, part: str, times: int = 1) -> Callable[[Request, Answer], Answer]:
    """The first answers of that kind do not arrive, although the gateway acted."""
    lost: list[Request] = []

    def after(request: Request, answer: Answer) -> Answer:
        if request.is_(method, part) and len(lost) < times:
            lost.append(request)
            raise LostError
        return answer

    return after


def again(house: House, *argv: str, proxy: Proxy) -> None:
    """A command that may be told `try again` once."""
    ended = house.run(*argv, **through(proxy))
    assert ended.code in {0, 5}, ended
    if ended.code == 5:
        assert "Nothing was lost" in ended.error["advice"]
        house.does(*argv, **through(proxy))


@pytest.mark.parametrize(("method", "part"), DEPOSIT)
def test_a_lost_answer_deposits_once(house: House, dossier: str, proxy: Proxy, method: str, part: str) -> None:
    files = {"klein.txt": noise(500, dossier), "groot.bin": noise(SEGMENT * 2, dossier)}
    paths = [str(house.write(f"{dossier}/{name}", content)) for name, content in files.items()]
    proxy.after = losing(method, part)
    again(house, "put", dossier, *paths, proxy=proxy)
    listed = house.documents(dossier)
    assert {one["name"]: one["digest"] for one in listed} == {name: digest(content) for name, content in files.items()}
    assert [one["state"] for one in listed] == ["stored", "stored"]
    assert house.rows(f"select count(*) from document where dossier = '{dossier}'") == [(2,)]


def test_a_lost_answer_shares_once(house: House, dossier: str, proxy: Proxy) -> None:
    house.does("put", dossier, str(house.write(f"{dossier}/a.txt", b"a")))
    proxy.after = losing("POST", "/shares")
    made = house.does("share", dossier, **through(proxy))
    assert [share["share"] for share in house.shares(dossier)] == [made["share"]]


@pytest.mark.parametrize(("method", "part"), PICKUP)
def test_a_lost_answer_picks_up_once(
    house: House, dossier: str, proxy: Proxy, out: Path, method: str, part: str
) -> None:
    house.does("put", dossier, str(house.write(f"{dossier}/a.bin", noise(SEGMENT * 2, dossier))))
    made = house.does("share", dossier, "--max", "1", **through(proxy))
    proxy.after = losing(method, part)
    again(house, "get", made["link"], "--out", str(out), proxy=proxy)
    assert tree(out) == {"a.bin": noise(SEGMENT * 2, dossier)}
    (share,) = house.shares(dossier)
    assert (share["used"], len(share["pickups"])) == (1, 1)


def test_a_deposit_sends_only_what_is_missing(house: House, dossier: str, proxy: Proxy) -> None:
    content = noise(SEGMENT * 6, dossier)
    path = str(house.write(f"{dossier}/scan.bin", content))
    taken: list[str] = []

    def before(request: Request) -> Answer | None:
        if taken.count("segment") >= 3:
            raise LostError
        taken.append("segment" if "/segments/" in request.path and request.method == "PUT" else "")
        return None

    proxy.before = before
    ended = house.run("put", dossier, path, **through(proxy))
    assert ended.code == 5
    assert ended.error["code"] == "unreachable"
    arrived = {
        row[0]
        for row in house.rows(
            f"select number from segment join document on document.id = segment.document where dossier = '{dossier}'"
        )
    }
    assert len(arrived) == 3
    proxy.reset()
    (document,) = house.does("put", dossier, path, **through(proxy))["documents"]
    sent = {int(request.path.rpartition("/")[2]) for request in proxy.sent("PUT", "/segments/")}
    assert sent == set(range(7)) - arrived
    assert document["state"] == "stored"
    assert house.documents(dossier)[0]["digest"] == digest(content)


@pytest.mark.parametrize("verb", ["get", "cat"])
def test_fetching_goes_on_where_the_server_went_away(
    house: House, dossier: str, proxy: Proxy, out: Path, verb: str
) -> None:
    content, kept = noise(SEGMENT * 6, dossier), 40_000
    house.does("put", dossier, str(house.write(f"{dossier}/scan.bin", content)))
    made = house.does("share", dossier, "--max", "1", **through(proxy))
    argv = (
        ("get", proxy.url + made["link"][made["link"].index("/s/") :], "--out", str(out))
        if verb == "get"
        else ("cat", dossier, "scan.bin", "--out", str(out / "scan.bin"))
    )
    gone: list[Request] = []

    def after(request: Request, answer: Answer) -> Answer:
        if "/body" not in request.path:
            return answer
        gone.append(request)
        if len(gone) > 3:
            raise LostError
        body = answer.body if len(gone) < 3 else answer.body[:kept]
        return Answer(answer.status, body, answer.headers, said=len(answer.body))

    proxy.after = after
    ended = house.run(*argv, **through(proxy))
    assert ended.code == 5, ended
    assert [name for name in tree(out) if not name.startswith(".dossier-")] == []
    proxy.reset()
    house.does(*argv, **through(proxy))
    assert tree(out) == {"scan.bin": content}
    if verb == "get":  # two segments were here whole, the first of them for certain
        starts = [
            int(one.headers["Range"].removeprefix("bytes=").partition("-")[0]) for one in proxy.sent("GET", "/body")
        ]
        assert all(start % SEGMENT == 0 for start in starts)
        assert len(set(starts)) == len(starts) == 7 - 2
        assert 0 not in starts
        assert house.shares(dossier)[0]["used"] == 1


def test_of_two_who_take_the_last_copy_at_once_one_gets_it(house: House, dossier: str, out: Path) -> None:
    house.does("put", dossier, str(house.write(f"{dossier}/a.txt", b"the last")))
    for attempt in range(3):
        made = house.does("share", dossier, "--max", "1")
        both = [house.start("get", made["link"], "--out", str(out / f"{attempt}{name}")) for name in "ab"]
        assert sorted(one.ended().code for one in both) == [0, 6]
        assert list(tree(out / f"{attempt}a").values()) + list(tree(out / f"{attempt}b").values()) == [b"the last"]
    assert {share["used"] for share in house.shares(dossier)} == {1}


@pytest.mark.parametrize("size", [700, SEGMENT * 3])
def test_the_same_file_put_twice_at_once_is_there_whole(house: House, dossier: str, size: int) -> None:
    path = str(house.write(f"{dossier}/zelfde.bin", noise(size, dossier)))
    both = [house.start("put", dossier, path) for _ in range(2)]
    assert {one.ended().code for one in both} == {0}
    listed = house.documents(dossier)
    assert {one["digest"] for one in listed} == {digest(noise(size, dossier))}
    assert {one["state"] for one in listed} == {"stored"}
    assert len(listed) <= 2
    (again,) = house.does("put", dossier, path)["documents"]
    assert again["state"] == "already"


def test_many_deposits_and_shares_at_once_all_reach_the_index(house: House, dossier: str) -> None:
    house.does("put", dossier, str(house.write(f"{dossier}/eerst.txt", b"first")))
    under_way = [house.start("share", dossier, "eerst.txt") for _ in range(3)]
    under_way += [house.start("put", dossier, str(house.write(f"{dossier}/{n}.txt", b"%d" % n))) for n in range(3)]
    ended = [one.ended() for one in under_way]
    assert [one.code for one in ended] == [0] * 6, [one.err for one in ended]
    assert {one["name"] for one in house.documents(dossier)} == {"eerst.txt", "0.txt", "1.txt", "2.txt"}
    assert {one["state"] for one in house.documents(dossier)} == {"stored"}
    assert {share["share"] for share in house.shares(dossier)} == {one.json["share"] for one in ended[:3]}


def test_a_server_that_is_not_there_is_told_and_nothing_is_lost(house: House, dossier: str) -> None:
    path = str(house.write(f"{dossier}/a.txt", b"a"))
    began = time.monotonic()
    ended = house.run("put", dossier, path, env={"DOSSIER_URL": "http://127.0.0.1:9"})
    assert ended.code == 5
    assert ended.error["code"] == "unreachable"
    assert "DOSSIER_URL" in ended.error["advice"]
    assert time.monotonic() - began < 30
    assert Path(path).exists()
    house.does("put", dossier, path)
