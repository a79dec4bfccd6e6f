PYTHON ?= python3
PORT ?= 8080
DATA ?= data
SECONDS ?= 300
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)  # Jupyter asks root, as whom one is in a container, to say so
NPM := assets tests/conformance tests/clients
NPM_READY := $(NPM:%=%/node_modules/.installed)

.DEFAULT_GOAL := help
.PHONY: help install run notebooks stores test conformance check soak attack audit golden assets evaluate-links fit-links clean

help: ## Print the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(READY) ## Make the virtual environment and install the project with its pinned dependencies.

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --constraint constraints.txt --editable '.[dev]'
	@touch $@

run: $(READY) ## Load the sample, publish it and serve it on http://127.0.0.1:8080/ (PORT=8123 DATA=dir to change).
	@$(BIN)/libris-loader load --data '$(DATA)' loader/sample
	@$(BIN)/libris-loader release --data '$(DATA)' --if-changed --tables
	@exec $(BIN)/libris-sparql serve --data '$(DATA)' --port '$(PORT)'

notebooks: $(READY) ## Open the notebooks in JupyterLab, on the server that runs here (make run), else on the folder data (PORT or DATA to name one).
	@test -x $(BIN)/jupyter-lab || $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --constraint constraints.txt jupyterlab
	@$(if $(filter command,$(firstword $(origin PORT))),export LIBRIS='http://127.0.0.1:$(PORT)';) \
	$(if $(filter command,$(firstword $(origin DATA))),export LIBRIS='$(abspath $(DATA))';) \
	cd notebooks && exec '$(abspath $(BIN))/jupyter-lab' $(ROOT)

stores: ## Install Virtuoso from Debian, as root: tests of the remote engine ask it, and skip without it.
	@command -v virtuoso-t >/dev/null || \
	  { apt-get update -qq && apt-get install -qq -y --no-install-recommends virtuoso-opensource-7-bin; }

test: $(READY) $(NPM_READY) ## Run every test.
	$(BIN)/python -m pytest -q --numprocesses 3 --dist loadfile --no-loadscope-reorder

conformance: $(READY) ## Run the W3C's test suites against a server and compare with what is known.
	@$(MAKE) --silent tests/conformance/node_modules/.installed >/dev/null 2>&1 || true  # what is lacking is said below
	$(BIN)/python -m tests.conformance

%/node_modules/.installed: %/package-lock.json
	@if command -v npm >/dev/null; then cd $* && npm ci && touch node_modules/.installed; \
	  else echo "npm is missing: what needs $*/node_modules is left out" >&2; fi

check: $(READY) ## Run ruff, mypy --strict and the architecture test.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

soak: $(READY) ## Hold mixed load on a server, releases switching and processes killed, for SECONDS=300.
	$(BIN)/python -m tests.soak '$(SECONDS)'

attack: $(READY) ## Attack a server of our own in every known way, at full scale, and print what others notice (ATTACK=words of a name).
	$(BIN)/python -m tests.attack $(ATTACK)

audit: $(READY) ## Look up known vulnerabilities of the pinned dependencies; asks PyPI, so it needs the network.
	@test -x $(VENV)/audit/bin/pip-audit || { $(PYTHON) -m venv $(VENV)/audit && \
	  $(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit; }
	@$(VENV)/audit/bin/pip-audit --strict --no-deps --disable-pip --requirement constraints.txt || \
	  { echo "Either the above was found, or the advisories could not be asked for: nothing is proved." >&2; exit 1; }

assets: assets/node_modules/.installed ## Build the pages' script anew from assets/; commit what comes out.
	cd assets && npm run build

golden: $(READY) ## Write the golden N-Quads anew from their JSON-LD; read the diff before committing.
	$(BIN)/python -m tests.golden

REFERENCE ?= ../shared/linking

evaluate-links: $(READY) ## Measure precision, recall and calibration of links (REFERENCE=dir of labelled pairs).
	$(BIN)/python -m benchmarks.links --reference '$(REFERENCE)'

fit-links: $(READY) ## Fit what evidence of names is worth to real persons (REFERENCE=dir; DATA=dir of judgements).
	$(BIN)/python -m benchmarks.link_fit --reference '$(REFERENCE)/real' $(if $(DATA),--data '$(DATA)')

clean: ## Remove the virtual environment and caches, never data.
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info $(NPM:%=%/node_modules)
