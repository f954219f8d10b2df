"""Our packages are loaded with marks in them, from the sources as they stand; what was marked is kept by its content."""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import uuid
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import cast

from tests.marking import marks
from tests.marking.marks import Fact

ROOT = Path(__file__).parents[2]
PACKAGES = ("vault", "gateway", "workers", "infra")
REACHED = ROOT / ".marked" / "reached"
PROCESSES = Path(__file__).parent / "processes"  # on the path of a process that is measured, see `sitecustomize`

Marked = tuple[CodeType, list[list[Fact]]]
_KEPT = ROOT / ".marked" / "code"
_OURS = tuple(f"{ROOT / name}{os.sep}" for name in PACKAGES)
_VERSION = b"".join(Path(path).read_bytes() for path in (marks.__file__, __file__))
_LOADED: list[tuple[str, list[list[Fact]], list[int]]] = []
_FACTS: dict[str, list[list[Fact]]] = {}
_AS_IT_IS = SourceFileLoader.get_code


def install() -> None:
    """From now on, in this process. Every way to run a source asks its loader for the code: `import`, `-m`, migrations."""
    loaded = [name for name in sys.modules if name.split(".")[0] in PACKAGES]
    assert not loaded, f"too late to measure: {loaded}"
    setattr(SourceFileLoader, "get_code", _code)  # noqa: B010 - mypy forbids the assignment


def is_installed() -> bool:
    """Whether this process is measured."""
    return SourceFileLoader.get_code is _code


def write() -> None:
    """Tell what this process reached."""
    found: dict[str, set[Fact]] = {}
    for path, facts, reached in _LOADED:
        there = found.setdefault(path, set())
        for mark, times in zip(facts, reached, strict=True):
            if times:
                there.update(mark)
    REACHED.mkdir(parents=True, exist_ok=True)
    (REACHED / uuid.uuid4().hex).write_bytes(marshal.dumps(found))


def begun(path: str) -> list[int]:
    """The marks of a module that begins: each marked code asks for its own."""
    reached = [0] * len(_FACTS[path])
    _LOADED.append((path, _FACTS[path], reached))
    return reached


def _code(loader: SourceFileLoader, fullname: str) -> CodeType | None:
    if not loader.path.startswith(_OURS):
        return _AS_IT_IS(loader, fullname)
    code, _FACTS[loader.path] = _marked(loader.path)
    return code


def _marked(path: str) -> Marked:
    source = Path(path).read_bytes()
    content = hashlib.sha256(b"\0".join([_VERSION, path.encode(), source])).hexdigest()
    place = _KEPT / f"{content[:32]}.{sys.implementation.cache_tag}"
    try:
        return cast("Marked", marshal.loads(place.read_bytes()))
    except (FileNotFoundError, EOFError, ValueError):
        tree, facts = marks.marked(source, path, f"__import__({__name__!r}, fromlist=['begun']).begun({path!r})")
        code = compile(tree, path, "exec", dont_inherit=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    new = place.with_name(uuid.uuid4().hex)
    new.write_bytes(marshal.dumps((code, facts)))
    new.replace(place)
    return code, facts
