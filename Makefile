# Every chore has one entry here; `make` alone prints them.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
PEERS := .cache/peers
CARGO := CARGO_TARGET_DIR="$(CURDIR)/.cache/native"
FUZZING := $(CURDIR)/.cache/native-fuzz
FUZZ_SECONDS ?= 600
EXPORT := uv export --quiet --format requirements.txt --no-emit-project --no-annotate --no-header

.DEFAULT_GOAL := help
QUICK := tests/core tests/wire tests/pages $(addprefix tests/test_,architecture.py closed_lists.py names.py single_sources.py)

.PHONY: help install native native-test native-lint needs-cargo native-fuzz native-soak demo test coverage quick check lint format schemas mutation bench bench-beside bench-peers bench-growth bench-flame bench-page faults faults-short lock clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## Make .venv with everything locked, tools for developing included

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Signal Engine needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

needs-cargo:
	@command -v cargo > /dev/null || { echo "No cargo on the PATH: what is native is written in Rust (1.83 or newer; https://rustup.rs). Nothing needs it: without it, Python reads and judges all events." >&2; exit 1; }

native: needs-cargo $(INSTALLED) ## Compile the native reader and judge of events and install them into .venv (needs cargo); everything works without them
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r native/requirements.lock
	PATH="$(CURDIR)/$(BIN):$$PATH" VIRTUAL_ENV="$(CURDIR)/.venv" $(CARGO) $(BIN)/maturin develop --quiet --release --locked --manifest-path native/Cargo.toml

native-test: needs-cargo ## The native part's own tests: hostile bytes, and another parser as the measure (PROPTEST_CASES=1000000 for more)
	$(CARGO) cargo test --quiet --locked --no-default-features --manifest-path native/Cargo.toml

native-lint: needs-cargo ## What clippy says of the native part
	$(CARGO) cargo clippy --quiet --locked --no-default-features --all-targets --manifest-path native/Cargo.toml -- -D warnings

native-fuzz: needs-cargo $(INSTALLED) ## Fuzz the native part by coverage, with AddressSanitizer, FUZZ_SECONDS=600 a target; then hold what it found against Python (needs `make native` and cargo-fuzz)
	$(BIN)/python -m tests.native.fuzzing seeds $(FUZZING)/seeds
	@for target in events states walk; do mkdir -p $(FUZZING)/corpus/$$target $(FUZZING)/crashes/$$target; done
	cd native && for target in events states walk; do \
		RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$(FUZZING)/target cargo fuzz run $$target $(FUZZING)/corpus/$$target $(FUZZING)/seeds/$$target -- \
			-max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10 -print_final_stats=1 -artifact_prefix=$(FUZZING)/crashes/$$target/ || exit 1; \
	done
	$(BIN)/python -m tests.native.fuzzing compare $(FUZZING)/corpus

native-soak: $(INSTALLED) ## A worker with SIGNAL_ENGINE_NATIVE=check under a mixed load, 20 minutes; first the native part lies, and must be found out (needs `make native`)
	$(BIN)/python -m bench.native.soak $(ARGS)

demo: $(INSTALLED) ## The whole engine on this machine, fed with generated buying journeys: watch it, Ctrl-C ends it
	@$(BIN)/signal-engine demo

test: $(INSTALLED) ## Run the tests (ARGS="tests/cli -k replay" for some of them)
	$(BIN)/pytest $(ARGS)

coverage: $(INSTALLED) ## Fail unless the core's own tests take every branch of the core
	$(BIN)/pytest --hypothesis-profile quick --cov --cov-report=term --cov-fail-under=100 tests/core tests/histories

quick: $(INSTALLED) ## Test core, wire and architecture alone: no servers, few generated examples, seconds
	$(BIN)/pytest --hypothesis-profile quick $(QUICK) $(ARGS)

check: lint quick ## Lint, quick, and whether generated files are up to date: run it before a pull request
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

bench-beside: $(INSTALLED) ## CPU of a worker an event, with notify and sync beside it and without, in turn (ARGS="--quick" for two minutes)
	PYTHONPATH=. $(BIN)/python -m bench.live.beside_speed $(ARGS)

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
	$(EXPORT) --group dev --extra demo --extra validation -o requirements.lock
	$(EXPORT) --no-dev --extra mcp --extra holidays -o requirements-run.lock

clean: ## Remove everything that `make` made
	rm -rf .venv .cache mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
