PYTHON ?= python3
PORT ?= 8080
DATA ?= data
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install run test check golden evaluate-links clean

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
	@$(BIN)/libris-loader release --data '$(DATA)' --if-changed
	@exec $(BIN)/libris-sparql serve --data '$(DATA)' --port '$(PORT)'

test: $(READY) ## Run every test.
	$(BIN)/python -m pytest -q

check: $(READY) ## Run ruff, mypy --strict and the architecture test.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

golden: $(READY) ## Write the golden N-Quads anew from their JSON-LD; read the diff before committing.
	$(BIN)/python -m tests.golden

REFERENCE ?= ../shared/linking

evaluate-links: $(READY) ## Measure precision, recall and calibration of links (REFERENCE=dir of labelled pairs).
	$(BIN)/python -m benchmarks.links --reference '$(REFERENCE)'

clean: ## Remove the virtual environment and caches, never data.
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
