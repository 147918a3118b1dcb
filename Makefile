# allteach. `make run` opens a working network, `make test` checks everything.
# Needs Python 3.11 or newer with its venv module, and make. Everything else comes from the pinned lists in requirements/.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamps
PORT ?= 8000
JOBS ?= 2
export ALLTEACH_HOME ?= $(CURDIR)/allteach-data
# Nothing is kept in the home folder, which may be empty or read-only.
export UV_CACHE_DIR ?= $(CURDIR)/$(VENV)/cache
export PIP_CACHE_DIR ?= $(CURDIR)/$(VENV)/cache/pip
export UV_PYTHON_DOWNLOADS := never
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PYTHONDONTWRITEBYTECODE ?=
export MYPY_CACHE_DIR ?= $(CURDIR)/.mypy_cache

.PHONY: help run test lint types unit web postgres engines speed docs bench lock chromium thorough clean
.DEFAULT_GOAL := help

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(STAMP)/run ## Open a working network with demonstration data at http://127.0.0.1:8000
	@$(BIN)/allteach serve --port $(PORT)

test: lint types unit web postgres engines speed docs ## Check everything, in a real browser too

lint: $(STAMP)/dev ## Style, layers, dependencies, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/codespell

types: $(STAMP)/dev ## Types
	$(BIN)/mypy

unit: $(STAMP)/dev ## Tests without a browser, and the examples in docstrings and pages
	$(BIN)/pytest -q -n $(JOBS) --dist loadfile --doctest-modules --doctest-glob='*.md' src/allteach docs \
	  tests/unit tests/property tests/golden tests/contract tests/integration

web: $(STAMP)/dev chromium ## Tests in a real browser
	$(BIN)/pytest -q -n $(JOBS) --dist loadfile tests/e2e tests/a11y

postgres: $(STAMP)/dev ## The tests of the application again, on PostgreSQL
	$(BIN)/python tests/on_postgres.py -q -n $(JOBS) --dist loadfile tests/integration tests/contract

engines: $(STAMP)/engines ## Measures by Spark, PostgreSQL, DuckDB and by hand come to the same
	$(BIN)/pytest -q -n 0 tests/engines

speed: $(STAMP)/dev ## Page weight and server time, one at a time
	$(BIN)/pytest -q -n 0 tests/perf

docs: $(STAMP)/dev ## Build the documentation; a warning fails
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html
	@echo "Documentation: docs/_build/html/index.html"

bench: $(STAMP)/dev ## Measure speed next to other tools
	@set -e; for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script; done

thorough: $(STAMP)/dev ## The laws again, on many more examples
	HYPOTHESIS_PROFILE=thorough $(BIN)/pytest -q -n $(JOBS) tests/property

lock: $(STAMP)/tools ## Pin every dependency anew
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" \
	  requirements/bootstrap.in -o requirements/bootstrap.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" \
	  pyproject.toml -o requirements/run.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" \
	  -c requirements/run.lock pyproject.toml --group test --group docs -o requirements/dev.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" \
	  -c requirements/dev.lock --group pyproject.toml:engines -o requirements/engines.lock

clean: ## Remove what was installed and built here; data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache docs/_build dist

$(VENV)/bin/python:
	@set -e; for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	  if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    echo "Using $$("$$python" --version) to make $(VENV)"; "$$python" -m venv $(VENV); exit 0; fi; done; \
	echo "allteach needs Python 3.11 or newer with its venv module." >&2; \
	echo "On Debian or Ubuntu: apt-get install python3 python3-venv. Then try again, or say PYTHON=/path/to/python." >&2; exit 1

$(STAMP)/tools: requirements/bootstrap.lock | $(VENV)/bin/python
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-cache-dir --require-hashes -r requirements/bootstrap.lock
	@mkdir -p $(STAMP) && touch $@

$(STAMP)/run: requirements/run.lock pyproject.toml $(STAMP)/tools
	@echo "Installing what allteach needs; only the first time takes a while."
	@$(BIN)/uv pip install -q --require-hashes -r requirements/run.lock
	@$(BIN)/uv pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(STAMP)/dev: requirements/dev.lock $(STAMP)/run
	@echo "Installing what the tests need; only the first time takes a while."
	@$(BIN)/uv pip install -q --require-hashes -r requirements/dev.lock
	@touch $@

$(STAMP)/engines: requirements/engines.lock $(STAMP)/dev
	@echo "Installing Spark for the comparison of engines; only the first time takes a while."
	@$(BIN)/uv pip install -q --require-hashes -r requirements/engines.lock
	@touch $@

chromium:
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	    || [ -n "$$ALLTEACH_CHROMIUM" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
	  echo "The browser tests need Chromium. Install it, or say ALLTEACH_CHROMIUM=/path/to/chromium." >&2; exit 1; fi; \
	as=""; if [ "$$(id -u)" != 0 ]; then \
	  if sudo -n true 2>/dev/null; then as="sudo -n"; else \
	    echo "The browser tests need Chromium: sudo apt-get install chromium" >&2; exit 1; fi; fi; \
	echo "Installing Chromium from the system's packages."; \
	$$as apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive $$as apt-get install -qy --no-install-recommends chromium fonts-dejavu-core >/dev/null
