# `make demo` shows what pvws is. A machine needs Python 3.11 or newer and make; everything else comes into .venv.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= auto
RUNS ?= 200
# Those that pyproject.toml names.
PYTHONS ?= $(shell sed -n 's/.*"Programming Language :: Python :: \(3\.[0-9][0-9]*\)".*/python\1/p' pyproject.toml)
VENVS ?= .venvs
TESTS ?= tests
ENGINE_TESTS ?= tests/sim tests/world tests/scenario tests/scenarios tests/swarm tests/stage/test_past.py
# For whoever is to run with what .venvs/compiled holds in place of the sources.
COMPILED := PYTHONSAFEPATH=1 PYTHONPATH="$(CURDIR)/.venvs/compiled:$(CURDIR)"
NODE_PACKAGES := $(if $(shell command -v npm 2>/dev/null),tests/node/node_modules/.ready)

.DELETE_ON_ERROR:
.PHONY: help demo test test-compiled test-long test-pythons flakes check audit fix bench reliability docs pictures recordings reference exam-results cast twins tools
.PHONY: clean

help:
	@echo "make demo      a simulated PeerVault network comes alive in this terminal, for half a minute"
	@echo "make test      all tests; those that need Node or Chromium are skipped if these are missing"
	@echo "make test-long the tests that take minutes: Autobahn's whole suite, longer fuzzing"
	@echo "make test-compiled  the tests of the engine with it compiled, as in a wheel; ENGINE_TESTS=tests runs all"
	@echo "make test-pythons  before a release: the tests with every Python that is here of PYTHONS; TESTS=tests/wire runs a part"
	@echo "make flakes    the tests of the pytest fixture, two hundred times: none may ever fail"
	@echo "make check     check format, lint, types and the house rules; changes nothing"
	@echo "make fix       format, and fix what the linter can"
	@echo "make audit     check dependencies for known vulnerabilities (needs the network)"
	@echo "make bench     measure, with the engine compiled; BENCHMARKS=simulation for one"
	@echo "make reliability regenerate docs/reliability.md: half an hour of load and faults, fuzzing, every fault, kills; PARTS='kills' for one"
	@echo "make docs      build the documentation site, in docs/_build"
	@echo "make pictures  regenerate the pictures of README and docs, from real runs"
	@echo "make recordings regenerate recordings/, from the real server's streams and from scenarios"
	@echo "make reference regenerate the tables of docs/scenario-reference.md, faults.md, exam.md and exploring.md, and docs/asyncapi.json"
	@echo "make exam-results regenerate docs/exam-results.md: how unmodified clients do in the exam"
	@echo "make twins     regenerate the synchronous twins: the client of the control plane, and the waits of tests"
	@echo "make cast      regenerate the names of the default cast, with Faker"
	@echo "make tools     install Node, npm, Chromium and jq for the tests (as root on Debian)"
	@echo "make clean     remove what the other targets made"

demo: .venv/.ready
	@$(BIN)/python -m pvws simulate quickstart --port 0 --view log

# Side by side, where tests of a file stay together mostly: a worker with nothing left takes half of another's rest.
test: .venv/.ready $(NODE_PACKAGES)
	@$(BIN)/python -m pytest -q -n $(WORKERS) --maxprocesses 8 --dist worksteal

test-compiled: .venv/.ready .venvs/compiled/.ready $(NODE_PACKAGES)
	@$(COMPILED) $(BIN)/python -c 'from pvws.sim.compiled import COMPILED; assert COMPILED'
	@$(COMPILED) $(BIN)/python -m pytest -q -o pythonpath= -n $(WORKERS) --maxprocesses 8 --dist worksteal -p no:cacheprovider $(ENGINE_TESTS)

test-long: .venv/.ready $(NODE_PACKAGES)
	@PVWS_HYPOTHESIS=deep $(BIN)/python -m pytest -q -m long

# Each in a venv of its own, by its own name or path: pyenv and the like put several side by side. One that is no Python
# that starts, as a shim without its version is none, is passed over, and told; with PVWS_TEST_ALL=1 it is a failure. One
# that fails does not keep the others from their turn.
test-pythons: $(NODE_PACKAGES)
	@passed=; failed=; missing=; \
	for name in $(PYTHONS); do \
		version=$$($$name -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || { missing="$$missing $$name"; continue; }; \
		venv=$(VENVS)/$$version; \
		echo "Python $$version:"; \
		{ test -e $$venv/.ready -a ! pyproject.toml -nt $$venv/.ready || { \
			$$name -m venv $$venv && \
			$$venv/bin/python -m pip --disable-pip-version-check --quiet install -e '.[test]' && \
			touch $$venv/.ready; }; } && \
		$$venv/bin/python -m pytest -q -n $(WORKERS) --maxprocesses 8 --dist worksteal -p no:cacheprovider $(TESTS) && \
		passed="$$passed $$version" || failed="$$failed $$version"; \
	done; \
	echo "Passed with:$${passed:- none}. Failed with:$${failed:- none}. Not here:$${missing:- none}."; \
	test -n "$$passed" -a -z "$$failed" || exit 1; \
	test -z "$$missing" -o "$$PVWS_TEST_ALL" != 1

# --strict: what the service does not know is a failure, not a pass.
audit: .venv/.ready
	@test -x .venvs/audit/bin/pip-audit || { $(PYTHON) -m venv .venvs/audit && .venvs/audit/bin/python -m pip --disable-pip-version-check --quiet install pip-audit; }
	@.venvs/audit/bin/pip-audit --strict --skip-editable --path "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

# In one process: two hundred starts of pytest would show nothing more, and take most of the time.
flakes: .venv/.ready
	@$(BIN)/python -m pytest -q -x -p no:cacheprovider --keep-duplicates $$(for i in $$(seq $(RUNS)); do echo tests/testing/fixture; done)

check: .venv/.check
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m mypy
	@$(BIN)/python -m pytest -q tests/house

fix: .venv/.check
	@$(BIN)/python -m ruff format .
	@$(BIN)/python -m ruff check --fix .

bench: .venv/.bench .venvs/compiled/.ready
	@$(COMPILED) $(BIN)/python -c 'from pvws.sim.compiled import COMPILED; assert COMPILED'
	@$(COMPILED) $(BIN)/python -m tests.benchmarks $(BENCHMARKS)

reliability: .venv/.bench $(NODE_PACKAGES)
	@$(BIN)/python -m tests.reliability $(PARTS)

docs: .venv/.docs
	@$(BIN)/python -m sphinx -q -W --keep-going -n -b html docs docs/_build
	@echo "Read docs/_build/index.html."

pictures: .venv/.ready
	@$(BIN)/python -m tests.support.pictures

recordings: .venv/.ready
	@$(BIN)/python -m tests.support.recordings

reference: .venv/.ready
	@$(BIN)/python -m tests.support.scenario_reference
	@$(BIN)/python -m tests.support.exam_document

exam-results: .venv/.ready $(NODE_PACKAGES)
	@$(BIN)/python -m tests.support.exam_results

twins: .venv/.check
	@$(BIN)/python -m tests.support.sync_twins

cast: .venv/.ready
	@$(BIN)/python -m tests.support.cast_file

tools:
	@. /etc/os-release 2>/dev/null || true; \
	if [ "$$(id -u)" != 0 ] || [ "$${ID:-}" != debian ]; then \
		echo "make tools installs Node, npm, Chromium and jq as root on Debian only; elsewhere, please install them yourself."; \
		exit 0; \
	fi; \
	missing=; \
	command -v node >/dev/null || missing="$$missing nodejs"; \
	command -v npm >/dev/null || missing="$$missing npm"; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v jq >/dev/null || missing="$$missing jq"; \
	if [ -z "$$missing" ]; then echo "Node, npm, Chromium and jq are here."; exit 0; fi; \
	echo "Installing$$missing."; \
	export DEBIAN_FRONTEND=noninteractive; \
	apt-get update -qq && apt-get install -qq -y --no-install-recommends $$missing </dev/null

clean:
	rm -rf .venv .venvs docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis tests/node/node_modules
	find pvws tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are made last, so that what was cut off midway is taken up again.
.venv/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "pvws needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	@echo "Setting up .venv; this takes a minute, once."
	@$(PYTHON) -m venv .venv
	@$(PIP) install -e '.[test]'
	@$(BIN)/python -m compileall -q pvws
	@touch $@

.venv/.check: .venv/.ready
	@$(PIP) install -e '.[check]'
	@touch $@

.venv/.docs: .venv/.ready
	@$(PIP) install -e '.[docs]'
	@touch $@

.venv/.bench: .venv/.ready
	@$(PIP) install -e '.[bench]'
	@touch $@

# The package as a wheel of this platform has it, made anew when anything in it has changed.
.venvs/compiled/.ready: .venv/.ready hatch_build.py $(shell find pvws scenarios -not -path '*/__pycache__*')
	@echo "Compiling the engine; this takes a minute."
	@rm -rf .venvs/compiled
	@PVWS_COMPILE=1 $(PIP) install --no-deps --no-build-isolation --target .venvs/compiled .
	@touch $@

tests/node/node_modules/.ready: tests/node/package.json
	@cd tests/node && npm install --no-package-lock --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@
