"""Makes `tests/vectors/{4-passwords,4-argon2id}.json`, and `split` in `4-words.json`: `python -m tests.sdk.keys.vectors`."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from vault.errors import InvalidInputError
from vault.records.encoding import fold_address
from vault.sdk.errors import WeakParametersError, WeakPasswordError
from vault.sdk.keys import password_strength, words
from vault.sdk.keys.password_key import (
    CEILING_MEMORY,
    FLOOR_MEMORY,
    Parameters,
    argon2id,
    derive,
    normalise,
    read_parameters,
)

FOLDER = Path(__file__).parents[2] / "vectors"
SALT = bytes(range(16))
SIX = "witlof gemeente project aambeeld simpel cement"
SPELLED = (
    *(
        "abc",
        "",
        "cafe\u0301 Ⅷ",
        "ﬁets",
        "Å\u212b",
        "ﾊﾟｽ",
        "각",
        "\uff45\u0301",
        "²½",
        "\u00a0\u3000",
        "İI\u0130",
        "\U0001f600",
        "\ue000",
        "a\x01b",
    ),
    *(
        "\u0378",
        "\U0001fae8",
        "\U0001f6dc",
        "\U0001faea",
        "\uffff",
        "\ufdd0",
        "\U0010ffff",
        "\U000e0080",
        "x\u2fffy",
        "\U00020000",
        "\U0002ebf0",
    ),
)
NEW = (
    *(
        SIX,
        SIX.upper(),
        "xK9#mQ2$vL7pRt!w",
        "",
        "a",
        "wachtwoord",
        "Welkom2026!",
        "P4ssw0rd",
        "drowssap",
        "a" * 200,
        *(
            "abcdefghijklmnopqrstuvwx",
            "abcdefghijklmnopqrstuvwxy",
            "xK9#mQ2$vL7pRt!wéàüöçñßø" * 3,
            "xK9#mQ2$vL7pRt!wéàüöçñßøå" * 3,
        ),
        "abc" * 60,
    ),
    *(
        "qwertyuiopasdfghjkl",
        "12345678901234567890",
        "01-02-1980 03-04-1981",
        "Correct Horse Battery Staple!",
        "dcba" * 9,
    ),
    *(
        "Een wachtwoord dat niemand raadt",
        "correcthorsebatterystaplé",
        "\uff57\uff41\uff43\uff48\uff54\uff57\uff4f\uff4f\uff52\uff44",
        "x" * 1024,
        "x" * 1025,
        "xK9#mQ2$vL7pRt!w" + "é" * 504,
    ),
    *(
        "xK9#mQ2$vL7pRt!w" + "é" * 505,
        "xK9#mQ2$vL7pRt!\U0001fae8",
        "éàüöçñßøåæœðþ",
        "éàüöçñßøåæœðþł",
        "😀😁😂🤣😃😄😅😆😉😊😋😎😍😘",
        "\u0662\u0660\u0662\u0666\u0662\u0660\u0662\u0665\u0662\u0660\u0662\u0664\u0662\u0660",
    ),
    *(
        "wachtwoord 2019 qwertyuiop",
        "19-04-2019!12-12-2012",
        "appel fiets kaas",
        "appel fiets kaas molen",
        "appel fiets kaas molen oven",
        "tw33 w00rd3n 3n n0g 33n",
        "cliënt cliënt cliënt",
        "1-2-80 3/4/81 5.6.82 7 8 83",
    ),
    *(
        "19801981198219831984",
        "zwembadzwembadzwembad",
        "xyzxyzxyzxyz9Q",
        "9Qxyzxyzxyzxyz!7kPw$2",
        "poiuytrewq lkjhgfdsa",
        "1-2.80 1/2 80 31-12-1999",
        "ΣΊΣΥΦΟΣ ὈΔΥΣΣΕΎΣ",
    ),
)
JSON = {"algorithm": "argon2id", "lanes": 1, "memory": FLOOR_MEMORY, "passes": 3, "salt": "AAECAwQFBgcICQoLDA0ODw"}
CHANGES: tuple[dict[str, Any], ...] = (
    *(
        {"memory": CEILING_MEMORY},
        {"passes": 16},
        {"more": 1},
        {"memory": FLOOR_MEMORY - 1},
        {"memory": CEILING_MEMORY + 1},
        {"memory": 0},
    ),
    *(
        {"memory": True},
        {"memory": "65536"},
        {"passes": 2},
        {"passes": 17},
        {"passes": None},
        {"lanes": 2},
        {"lanes": 0},
        {"lanes": True},
    ),
    *(
        {"algorithm": "argon2i"},
        {"algorithm": "Argon2id"},
        {"algorithm": None},
        {"salt": "AAECAwQFBgcICQoLDA0O"},
        {"salt": ""},
    ),
    *({"salt": "AAECAwQFBgcICQoLDA0ODx"}, {"salt": "AAECAwQFBgcICQoLDA0ODw=="}),
)


def passwords() -> dict[str, Any]:
    table = files("vault.sdk.keys").joinpath("unassigned.txt").read_text(encoding="ascii")
    return {
        "about": "FORMAT.md, Passwords. `bytes`: NFKC in UTF-8, hex, or null where a code point is refused. `new`: allowed; guessable, too_long or unassigned; `reason`: why one is guessable.",
        "unassigned": {"file": "vault/sdk/keys/unassigned.txt", "sha256": hashlib.sha256(table.encode()).hexdigest()},
        "rows": list(password_strength.ROWS),
        "common": password_strength.COMMON.split(),
        "normal": [{"password": each, "bytes": spelled(each)} for each in SPELLED],
        "new": [
            {"password": each, "verdict": verdict(each), "guesses": guessed(each), "reason": why(each)} for each in NEW
        ],
    }


def spelled(each: str) -> str | None:
    try:
        return normalise(each).hex()
    except InvalidInputError:
        return None


def guessed(each: str) -> str | None:
    """The estimate as a decimal text, since it is beyond 2^53; None where nothing is estimated."""
    return str(password_strength.guesses(each)) if verdict(each) in ("allowed", "guessable") else None


def why(each: str) -> str | None:
    """The reason of what is guessable."""
    return password_strength.reason(each) if verdict(each) == "guessable" else None


def verdict(each: str) -> str:
    if spelled(each) is None:
        return "unassigned"
    try:
        password_strength.check_new_password(each)
    except WeakPasswordError as error:
        return "too_long" if "too long" in str(error) else "guessable"
    return "allowed"


EMAIL = " Dirk\uff20Brug.EXAMPLE"


def argon2() -> dict[str, Any]:
    floor = derive("cafe\u0301 Ⅷ", EMAIL, Parameters(SALT))
    return {
        "about": "FORMAT.md, Basics, Argon2id; Keys; Keyring. Bytes are hex, memory in KiB. `derived` is below the floor, to be cheap.",
        "derived": [
            {
                "secret": secret.hex(),
                "salt": SALT.hex(),
                "memory": memory,
                "passes": passes,
                "key": bytes(argon2id(secret, SALT, memory=memory, passes=passes)).hex(),
            }
            for secret, memory, passes in (
                (b"", 8, 1),
                (b"password", 8, 1),
                (b"password", 19, 2),
                (b"x" * 300, 64, 3),
                (b"password", 1024, 4),
            )
        ],
        "password": {
            "email": EMAIL,
            "password": "cafe\u0301 Ⅷ",
            "salt": Parameters(SALT).salt_of(EMAIL).hex(),
            "parameters": JSON,
            "text": Parameters(SALT).text().decode(),
            "key": bytes(argon2id(normalise("cafe\u0301 Ⅷ"), Parameters(SALT).salt_of(EMAIL))).hex(),
            "login": bytes(floor.login).hex(),
            "keyring": bytes(floor.keyring).hex(),
        },
        "addresses": [{"email": each, "folded": fold_address(each)} for each in ADDRESSES],
        "parameters": [
            {"parameters": {**JSON, **change}, "verdict": bounds({**JSON, **change})} for change in ({}, *CHANGES)
        ],
    }


def bounds(value: dict[str, Any]) -> str:
    """Whether a client derives anything by such parameters of a server."""
    try:
        read_parameters(value)
    except WeakParametersError:
        return "refused"
    return "accepted"


# Each white space and dash that separates once NFKC has been at it, and what looks like one but separates nothing.
SEPARATING = "\t\n\v\f\r \x85\xa0\u2000\u2009\u202f\u205f\u3000\u2028\u2029-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
BINDING = "\x1c\x1d\x1e\x1f\xad\u1680\u180e\u200b\u200c\u200d\u2043\u2060\ufeff_.,\u00b7\u30fc"
TYPED = (
    *(f"appel{sign}fiets" for sign in (*SEPARATING, *BINDING)),
    *(
        "",
        " - ",
        "--appel--  fiets--",
        "\uff21\uff30\uff30\uff25\uff2c FIETS",
        "İstanbul ΣΟΦΟΣ",
        "\ufb01ets",
        "stra\u00dfe STRASSE",
        "e\u0301e\u0301n",
    ),
)


def split() -> list[dict[str, Any]]:
    """What is typed, and its words."""
    return [{"typed": each, "words": words.split(each)} for each in TYPED]


ADDRESSES = (
    *(
        "dirk@brug.example",
        " Dirk\uff20Brug.EXAMPLE",
        "\u00a0\u3000d@x.nl\t\r\n",
        "\x85d@x.nl\u2028",
        "\ufeffd@x.nl",
        "d@x.nl\x1c",
    ),
    *("\u200bd@x.nl", "\u1680d@x.nl", "\u0130@x.nl", "\ufb01ets@x.nl", "e\u0301@x.nl", "a b@x.nl"),
)


FILES = {"4-passwords": passwords, "4-argon2id": argon2}


if __name__ == "__main__":
    for name, make in FILES.items():
        (FOLDER / f"{name}.json").write_text(json.dumps(make(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    path = FOLDER / "4-words.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "split": split()}, indent=2) + "\n", encoding="utf-8")
