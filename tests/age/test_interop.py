"""What stock `age` writes we read, and the other way round."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import tools
from vault.cli import age, age_keygen

SIZES = [0, 1, 65536, 3_000_000]


@pytest.fixture(scope="module")
def stock():
    return os.environ.get("DOSSIER_TEST_AGE") or tools.age()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, **options).stdout


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("armor", [[], ["-a"]])
@pytest.mark.parametrize("kind", [[], ["-pq"]])
def test_both_read_what_the_other_wrote(stock, folder, kind, armor, size):
    content = os.urandom(size)
    Path("plain").write_bytes(content)
    assert age_keygen.main([*kind, "-o", "key"]) == 0
    assert age_keygen.main(["-y", "-o", "recipients", "key"]) == 0
    assert age.main(["-R", "recipients", *armor, "-o", "ours.age", "plain"]) == 0
    assert call(stock, "-d", "-i", "key", "ours.age") == content
    call(stock, "-R", "recipients", *armor, "-o", "theirs.age", "plain")
    assert age.main(["-d", "-i", "key", "-o", "out", "theirs.age"]) == 0
    assert Path("out").read_bytes() == content


def test_both_make_the_same_recipients(stock, folder):
    keygen = str(Path(stock).with_name("age-keygen"))
    for kind in ([], ["-pq"]):
        Path("key").unlink(missing_ok=True)
        Path("recipients").unlink(missing_ok=True)
        call(keygen, *kind, "-o", "key")
        assert age_keygen.main(["-y", "-o", "recipients", "key"]) == 0
        assert call(keygen, "-y", "key").decode() == Path("recipients").read_text()
