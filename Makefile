# Every chore has one entry here; `make` alone prints them.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format schemas mutation bench lock clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## Make .venv with everything locked, tools for developing included

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Signal Engine needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(INSTALLED) ## Replay generated buying journeys: the lists, the alerts as they came, and one why-not
	@$(BIN)/signal-engine demo

test: $(INSTALLED) ## Run the tests; every branch of the core must be covered
	$(BIN)/pytest

lint: $(INSTALLED) ## Check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(INSTALLED) ## Put the code into its format
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

schemas: $(INSTALLED) ## Write schemas/ from the models
	$(BIN)/signal-engine schemas

mutation: $(INSTALLED) ## Mutation testing of the core (long); prints the score and the survivors
	$(BIN)/python tests/mutation/run.py

bench: $(INSTALLED) ## Speed of replay and of steps, as ratios to a bare json.loads and a bare HSET (needs ../shared/data or BENCH_EVENTS)
	$(BIN)/python bench/replay_speed.py
	$(BIN)/python bench/step_speed.py

lock: $(INSTALLED) ## Resolve the dependencies anew into requirements.lock (needs uv)
	uv lock --quiet --upgrade
	uv export --quiet --format requirements.txt --no-emit-project --no-annotate --no-header --group dev -o requirements.lock

clean: ## Remove everything that `make` made
	rm -rf .venv .out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
