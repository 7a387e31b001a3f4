# Two commands matter: `make run` and `make test`.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test setup lint types imports pytest bench messages clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/.ready: setup.cfg pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

setup: $(VENV)/.ready-dev ## Make the virtual environment with everything for development

run: $(VENV)/.ready ## Set up, load the sample fleet once, forecast, and serve at http://127.0.0.1:8000
	@$(BIN)/aftersales db upgrade
	@$(BIN)/aftersales sample load --once
	@$(BIN)/aftersales forecast run --back 3 --if-changed
	@$(BIN)/aftersales serve

test: setup lint types imports pytest ## Every check: style, types, import contracts, tests (PostgreSQL and browser when there)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

pytest: setup
	$(BIN)/pytest -n auto -ra

bench: setup ## Measured ratios: ingest, lists, forecast and stock goals, scale
	$(BIN)/python -m tests.bench

messages: setup ## Bring the translation catalogues in step with the strings in the code
	$(BIN)/python -m aftersales.translations

clean: ## Remove the virtual environment and caches; the data under var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
