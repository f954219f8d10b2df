"""What a receiver is told by `dossier get`: every dead link alike, a wrong passphrase apart, and never for good."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.faults.house import Ended, House, tree
from tests.faults.proxy import Proxy

pytestmark = pytest.mark.slow


@pytest.fixture
def filled(house: House, dossier: str) -> str:
    house.does("put", dossier, str(house.write(f"{dossier}/a.txt", b"a")))
    return dossier


def get(house: House, link: str, out: Path, *more: str, **environment: str) -> Ended:
    return house.run("get", link, "--out", str(out), *more, env=environment)


def test_every_dead_link_ends_with_six_and_the_same_words(house: House, filled: str, out: Path, proxy: Proxy) -> None:
    used, revoked, live = (house.does("share", filled, "--max", "1") for _ in range(3))
    house.does("get", used["link"], "--out", str(out / "once"))
    house.does("revoke", revoked["share"])
    address, _, secret = live["link"].partition("#")
    other = secret[:-2] + ("A" if secret[-2] != "A" else "B") + secret[-1]
    links = [
        used["link"],
        revoked["link"],
        f"{address}#{other}",
        re.sub(r"/s/.{8}", "/s/00000000", live["link"]),
        re.sub(r"/s/.{8}", "/s/0000", live["link"]),
        live["link"].replace("/s/", "/t/"),
        "not a link at all",
    ]
    short = [f"{address}#{secret[:-1]}", f"{address}#"]  # told by the text alone: nobody is asked
    ended = [get(house, link, out / "dead") for link in (*links, *short)]
    assert [one.code for one in ended] == [6] * len(ended), [(one.code, one.err) for one in ended]
    assert len({one.err for one in ended[: len(links)]}) == 1
    assert {json.loads(one.err)["error"]["code"] for one in ended[len(links) :]} == {"link_incomplete"}
    assert {one.out for one in ended} == {""}
    assert not (out / "dead").exists() or tree(out / "dead") == {}
    assert get(house, live["link"], out / "live").code == 0


def test_an_expired_link_is_dead_too(house: House, filled: str, out: Path) -> None:
    made = house.does("share", filled, "--days", "1")
    unknown = get(house, re.sub(r"/s/.{8}", "/s/00000000", made["link"]), out)
    house.gateway.tell(env={"DOSSIER_CLOCK_OFFSET": "+25h"}, restart=True)
    try:
        ended = get(house, made["link"], out, DOSSIER_CLOCK_OFFSET="+25h")
    finally:
        house.gateway.tell(env={"DOSSIER_CLOCK_OFFSET": "+0s"}, restart=True)
    assert (ended.code, ended.out, ended.err) == (6, "", unknown.err)
    assert tree(out) == {}


def test_wrong_passphrases_make_one_wait_and_the_right_one_still_opens(house: House, filled: str, out: Path) -> None:
    made = house.does("share", filled, "--passphrase")
    wrong, right = house.write("wrong", b"aap noot mies wim zus jet"), house.write("right", made["passphrase"].encode())
    ended = [get(house, made["link"], out, "--passphrase-file", str(wrong)) for _ in range(6)]
    assert [one.code for one in ended] == [12, 12, 12, 12, 12, 5]
    assert {one.error["code"] for one in ended[:5]} == {"passphrase_wrong"}
    assert ended[5].error["code"] == "too_many"
    assert re.search(r"\b([1-9]|[1-5][0-9]|60)\b", ended[5].error["advice"]), ended[5].err
    assert get(house, made["link"], out, "--passphrase-file", str(right)).code == 5
    assert tree(out) == {}
    house.gateway.tell(env={"DOSSIER_CLOCK_OFFSET": "+61s"}, restart=True)
    try:
        assert get(house, made["link"], out, "--passphrase-file", str(right)).code == 0
    finally:
        house.gateway.tell(env={"DOSSIER_CLOCK_OFFSET": "+0s"}, restart=True)
    assert tree(out) == {"a.txt": b"a"}


def test_a_receiver_needs_no_account_and_leaves_none(house: House, filled: str, out: Path, tmp_path: Path) -> None:
    made = house.does("share", filled)
    assert get(house, made["link"], out, DOSSIER_HOME=str(tmp_path / "nobody")).code == 0
    assert not (tmp_path / "nobody").exists()


def test_revoked_under_way_ends_with_six_and_saves_nothing(house: House, filled: str, out: Path, proxy: Proxy) -> None:
    made = house.does("share", filled)

    def after(request, answer):
        if request.is_("PUT", "/pickup/"):
            house.does("revoke", made["share"])
        return answer

    proxy.after = after
    ended = get(house, made["link"].replace(house.gateway.url, proxy.url), out)
    assert ended.code == 6
    assert tree(out) == {}
