# Every chore has one entry here; `make` alone prints them.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
PEERS := .cache/peers
EXPORT := uv export --quiet --format requirements.txt --no-emit-project --no-annotate --no-header

.DEFAULT_GOAL := help
QUICK := tests/core tests/wire tests/test_architecture.py tests/test_single_sources.py tests/test_closed_lists.py

.PHONY: help install demo test coverage quick check lint format schemas mutation bench bench-peers bench-growth bench-flame bench-page faults faults-short lock clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## Make .venv with everything locked, tools for developing included

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Signal Engine needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(INSTALLED) ## The whole engine on this machine, fed with generated buying journeys: watch it, Ctrl-C ends it
	@$(BIN)/signal-engine demo

test: $(INSTALLED) ## Run the tests (ARGS="tests/cli -k replay" for some of them)
	$(BIN)/pytest --cov --cov-report= $(ARGS)

coverage: $(INSTALLED) ## After `make test`: fail unless every branch of the core was taken
	$(BIN)/coverage report --fail-under=100

quick: $(INSTALLED) ## Test core, wire and architecture alone: no servers, few generated examples, seconds
	$(BIN)/pytest --hypothesis-profile quick $(QUICK) $(ARGS)

check: lint quick ## Everything that needs no servers: run it before a pull request
	$(BIN)/signal-engine schemas --check
	$(BIN)/signal-engine config reference --check
	$(BIN)/python tools/reference.py --check

lint: $(INSTALLED) ## Check style, types, names and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/names.py

format: $(INSTALLED) ## Put the code into its format
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

schemas: $(INSTALLED) ## Write what is generated: schemas/, docs/settings.md, docs/log-events.md, docs/metrics.md
	$(BIN)/signal-engine schemas
	$(BIN)/signal-engine config reference
	$(BIN)/python tools/reference.py

mutation: $(INSTALLED) ## Mutation testing of the core (long); prints the score and the survivors
	CI=true $(BIN)/mutmut run --max-children 2 | tail -n 3
	@$(BIN)/mutmut results

bench: $(INSTALLED) ## Speed of replay, steps, a worker, the API, import and ingest, as ratios to bare json.loads, HSET, Faust agent, Starlette, csv.DictReader (needs ../shared/data)
	$(BIN)/python bench/replay_speed.py
	$(BIN)/python bench/step_speed.py
	PYTHONPATH=. $(BIN)/python bench/live_speed.py
	PYTHONPATH=. $(BIN)/python bench/api_speed.py
	PYTHONPATH=. $(BIN)/python bench/import_speed.py
	PYTHONPATH=. $(BIN)/python -m bench.ingest_speed

faults: $(INSTALLED) ## Break everything on purpose, as often as docs/reliability.md says (hours); prints what was lost: nothing
	$(BIN)/python -m faults --json faults.json

faults-short: $(INSTALLED) ## The same, each fault a few times
	$(BIN)/python -m faults --short

bench-peers: $(INSTALLED) $(PEERS)/.installed ## The live engine against its peers and bare consumers (half an hour; ARGS="--loads hot --rounds 1" for less)
	$(BIN)/python -m bench.peer_speed $(ARGS)

bench-growth: $(INSTALLED) ## What an event costs as the market and its accounts grow
	$(BIN)/python -m bench.growth $(ARGS)

bench-flame: $(INSTALLED) $(PEERS)/.installed ## Where a worker's time goes: top lines and a flame graph
	$(BIN)/python -m bench.flame $(ARGS)

bench-page: $(INSTALLED) ## Put what was measured last into docs/performance.md
	$(BIN)/python -m bench.performance_page --write docs/performance.md

$(PEERS)/.installed: bench/peers/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r bench/peers/requirements.txt
	@touch $@

lock: $(INSTALLED) ## Resolve the dependencies anew into the two locks, for developing and to run (needs uv)
	uv lock --quiet --upgrade
	$(EXPORT) --group dev --extra demo -o requirements.lock
	$(EXPORT) --no-dev -o requirements-run.lock

clean: ## Remove everything that `make` made
	rm -rf .venv .cache mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
