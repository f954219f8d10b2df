# Two commands matter: `make run` starts the whole vault, `make test` proves it.
.POSIX:
.SUFFIXES:
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run demo test lint bench audit lock install clean

run: $(STAMP)
	exec $(BIN)/dossier serve

demo: $(STAMP)
	$(BIN)/python -m infra.demo

test: $(STAMP) lint
	$(BIN)/python -m pytest

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python -m tests.bench

audit: $(STAMP)
	$(BIN)/pip-audit --requirement requirements.lock --require-hashes --disable-pip

install: $(STAMP)

# Everything is installed from the lock file, by hash; the project itself on top, without asking any registry.
$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(STAMP)

# Renews the lock file (needs `uv`); it holds versions and hashes, never an address.
lock:
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --extra dev pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
