# Everything runs from here; `make help` lists it. Needs Python 3.11 or newer and make; all else is installed into this folder.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
BIN := .venv/bin
STAMPS := .stamps
UV_VERSION := 0.13.9
UV := .tools/bin/uv
CATALOGUES := $(shell find src -name django.po 2>/dev/null)
ORDERS ?= 20000
# a worker a core, each with a database of its own; a file's tests stay together and share what they set up, and the
# files come in the order of tests/conftest.py
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# a checkout that was moved or copied has programs with the old folder's address in them: begin anew
ifneq ($(wildcard $(STAMPS)/where),)
ifneq ($(shell cat $(STAMPS)/where),$(CURDIR))
$(shell rm -rf $(STAMPS) .venv .tools)
endif
endif

.PHONY: help setup demo demo-reset run worker test check bench assets messages pictures format stop clean
.PHONY: check-ruff check-types check-imports check-lint check-migrations check-messages check-tests

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(STAMPS)/python $(STAMPS)/assets $(STAMPS)/messages ## install everything this needs, into this folder

demo: setup ## build the demo company (ORDERS=20000), serve it, print address and logins
	@$(BIN)/entrepot demo --orders $(ORDERS)

demo-reset: setup ## throw the demo company away and build it anew
	@$(BIN)/entrepot demo --orders $(ORDERS) --reset

run: setup ## serve what is there
	@$(BIN)/entrepot migrate -v 0 && $(BIN)/entrepot serve

worker: setup ## carry out jobs (one more terminal, one more worker)
	@$(BIN)/entrepot worker

stop: ## stop the embedded PostgreSQL
	@$(BIN)/entrepot db stop

test: setup $(STAMPS)/spark ## the whole suite, browser journeys and a Spark cluster included
	@$(BIN)/python tools/browser.py
	@$(BIN)/pytest $(SIDE_BY_SIDE)

check: setup ## the quick gates: style, types, walls between rooms, lints, migrations, translations, fast tests
	@$(MAKE) -j2 --keep-going --output-sync=target check-types check-ruff check-imports check-lint check-migrations check-messages check-tests
	@echo "check: all gates passed"

check-ruff:
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
check-types:
	@$(BIN)/mypy
check-imports:
	@$(BIN)/lint-imports --no-cache
check-lint:
	@$(BIN)/python -m tools.lint
check-migrations:
	@$(BIN)/entrepot manage makemigrations --check --dry-run
check-messages:
	@$(BIN)/python tools/messages.py --check
check-tests:
	@$(BIN)/pytest -q $(SIDE_BY_SIDE) tests/engine tests/golden tests/tools

bench: setup ## the benchmarks; figures also in benchmarks/out/latest.json
	@$(BIN)/python -m benchmarks

pictures: setup ## take the README's pictures of the demo anew
	@$(BIN)/python -m tools.screenshots

format: setup ## let ruff put the code in order
	@$(BIN)/ruff check --fix-only . && $(BIN)/ruff format .

assets: ## fetch the browser libraries anew
	@rm -f $(STAMPS)/assets && $(MAKE) $(STAMPS)/assets

messages: $(STAMPS)/python ## compile the translations
	@$(BIN)/python tools/messages.py

clean: ## remove what setup made; the demo's records in .entrepot stay
	rm -rf .venv .tools node_modules $(STAMPS) src/entrepot/web/static/vendor .mypy_cache .ruff_cache .pytest_cache

# --- set-up: each stamp says which inputs were installed ---------------------------------------------------------
$(STAMPS)/python: pyproject.toml uv.lock requirements.lock
	@mkdir -p $(STAMPS)
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed (found: $$(python3 --version 2>&1))" >&2; exit 1; }
	@tools/setup-python "$(PYTHON)" "$(UV_VERSION)"
	@printf '%s' "$(CURDIR)" > $(STAMPS)/where
	@touch $@

$(STAMPS)/spark: $(STAMPS)/python tools/setup-spark
	@tools/setup-spark
	@touch $@

$(STAMPS)/assets: package.json package-lock.json tools/assets.py tools/setup-assets | $(STAMPS)/python
	@tools/setup-assets
	@touch $@

$(STAMPS)/messages: $(CATALOGUES) tools/messages.py | $(STAMPS)/python
	@$(BIN)/python tools/messages.py
	@touch $@
