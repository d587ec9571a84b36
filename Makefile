# One command for each thing one does here; `make` alone lists them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export EVENTSTUDY_DATA ?= ../shared/data
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP := $(BIN)/python -m pip install --quiet
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test test-real real-prices test-browser package check fix bench docs pins

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

demo: $(VENV)/.ready ## install, then the study of the simulated sample, in a minute
	$(BIN)/eventstudy demo

test: $(VENV)/.ready-dev ## install the tools, then all tests and the examples of the docstrings
	HYPOTHESIS_PROFILE=ci $(PYTEST) -n 2 --doctest-modules eventstudy tests

test-real: real-prices $(VENV)/.ready-dev ## the tests on real prices (folder: EVENTSTUDY_DATA)
	HYPOTHESIS_PROFILE=ci $(PYTEST) -m realdata tests

real-prices:
	@test -f "$(EVENTSTUDY_DATA)/miners_and_benchmarks_adjclose.csv" || { \
	  echo "No real prices in $(EVENTSTUDY_DATA): they belong to third parties and are not part of" \
	    "this repository. Put adjusted closes (a row a session, a column a ticker) into" \
	    "FOLDER/miners_and_benchmarks_adjclose.csv and say make test-real EVENTSTUDY_DATA=FOLDER" >&2; \
	  exit 1; }

test-browser: $(VENV)/.ready-dev ## the tests that look at pages in headless Chromium
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
	  || command -v google-chrome >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	  && apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium >/dev/null; } || { \
	  echo "make test-browser needs Chromium: install it (Debian: apt-get install chromium) and repeat" >&2; \
	  exit 1; }
	@command -v chromedriver >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	  && apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium-driver >/dev/null; } || { \
	  echo "make test-browser needs chromedriver: install it (Debian: apt-get install chromium-driver) and repeat" >&2; \
	  exit 1; }
	HYPOTHESIS_PROFILE=ci $(PYTEST) -m browser tests

package: $(VENV)/.ready-dev ## build wheel and sdist, install the wheel elsewhere, run the demo there
	.ci/package $(BIN)/python

check: $(VENV)/.ready-dev ## format, lint, types, layers, the code in the documents, the documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(PYTEST) tests/docs
	$(BIN)/sphinx-build -W --keep-going -q docs docs/_build/html

fix: $(VENV)/.ready-dev ## let ruff format and repair what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.ready-bench ## speed against every bar, beside loops over events, in three minutes
	$(BIN)/python benchmarks/bench.py --quick

docs: $(VENV)/.ready-dev ## the documents, into docs/_build/html
	$(BIN)/sphinx-build -W --keep-going -q docs docs/_build/html
	@echo "docs/_build/html/index.html"

# uv resolves once for every platform and Python; the files name no registry
PIN := --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
  --no-header --no-emit-index-url --no-annotate
pins: pyproject.toml ## write the hashed requirements anew (needs uv)
	uv pip compile pyproject.toml --group build --extra cache --extra calendars --extra excel --extra progress --extra report $(PIN) --output-file requirements.txt
	uv pip compile pyproject.toml --group dev --constraint requirements.txt $(PIN) --output-file requirements-dev.txt
	uv pip compile pyproject.toml --group bench --constraint requirements-dev.txt $(PIN) --output-file requirements-bench.txt

# ── the environment ────────────────────────────────────────────────────────────────────────
# Everything is hashed, the build backend too; the stamp files say what is already installed.
$(VENV)/.ready: requirements.txt pyproject.toml | $(BIN)/pip
	@echo "installing into $(VENV), once"
	@$(PIP) --require-hashes -r requirements.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-dev: requirements-dev.txt pyproject.toml | $(BIN)/pip
	@echo "installing into $(VENV) with the tools of development, once"
	@$(PIP) --require-hashes -r requirements-dev.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.ready

$(VENV)/.ready-bench: requirements-bench.txt $(VENV)/.ready-dev
	@echo "installing what the benchmarks compare with into $(VENV), once"
	@$(PIP) --require-hashes -r requirements-bench.txt
	@touch $@

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "eventstudy needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1): name another" \
	    "with PYTHON=, as in make demo PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "$(PYTHON) could not make the environment $(VENV); on Debian install python3-venv" >&2; exit 1; }
