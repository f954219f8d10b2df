"""The object server of the compose file, started by its own line of shell, with its root user read from files."""

from __future__ import annotations

import os
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.roles.versity import make_user
from tests import tools
from tests.infra import compose
from tests.infra.serving import free_port, until
from vault.errors import ConfigurationError
from vault.secret import SecretText
from vault.settings import Bucket


@pytest.fixture(name="server")
def _server(tmp_path) -> Iterator[Bucket]:
    """As its root user sees it."""
    program = tools.versitygw()
    made = compose.make_secrets(tmp_path / "secrets")
    for folder in ("accounts", "objects/data", "objects/versions"):
        (tmp_path / folder).mkdir(parents=True)
    port = free_port()
    process = subprocess.Popen(
        _command(tmp_path, port), env={"PATH": f"{Path(program).parent}:{os.environ['PATH']}"}, cwd="/"
    )
    try:
        until(lambda: _healthy(port), 60.0, "the object server is healthy")
        assert not [secret for secret in made.values() if secret in Path(f"/proc/{process.pid}/cmdline").read_text()]
        keys = (made["owner-s3-access-key"], SecretText(made["owner-s3-secret-key"]))
        yield Bucket("dossiers", f"http://127.0.0.1:{port}", "us-east-1", *keys)
    finally:
        process.terminate()
        process.wait(60)


def _command(folder: Path, port: int) -> list[str]:
    service = compose.services()["objects"]
    (line,) = service["command"]
    for before, after in (("/run/secrets", folder / "secrets"), ("/srv", folder), (":7070", f"127.0.0.1:{port}")):
        line = line.replace(before, str(after))
    return [*service["entrypoint"], line]


def _healthy(port: int) -> bool:
    (path,) = {
        word.rpartition(":7070")[2] for word in compose.services()["objects"]["healthcheck"]["test"] if ":7070" in word
    }
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_the_line_starts_a_server_whose_root_user_is_the_one_in_the_files(server):
    assert make_user(server, "somebody", "a-secret-of-somebody")
    assert not make_user(server, "somebody", "another-secret-of-somebody")
    with pytest.raises(ConfigurationError, match="does not make users"):
        make_user(Bucket(server.name, server.endpoint, server.region, "somebody", SecretText("another")), "x", "y")
