# The two commands of the README: each works on a machine that has only Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
PACKAGE ?= .
ARGS ?=
BIN := $(VENV)/bin
SOURCES := $(shell find spec statemachines oracle diagrams -name '*.py' -o -name '*.json') pyproject.toml

.PHONY: verify test bench gallery clean

verify: $(VENV)/installed
	$(BIN)/spec-check verify

test: $(VENV)/installed-dev
	$(BIN)/pytest -n 2 $(ARGS)

bench: $(VENV)/installed-dev
	$(BIN)/python benchmarks/run.py

gallery: $(VENV)/installed-dev
	$(BIN)/python -m trialspec.diagrams.gallery

$(BIN)/pip:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(BIN)/pip $(SOURCES)
	$(BIN)/pip install --quiet --disable-pip-version-check $(PACKAGE)
	touch $@

$(VENV)/installed-dev: $(BIN)/pip $(SOURCES)
	$(BIN)/pip install --quiet --disable-pip-version-check --force-reinstall --no-deps $(PACKAGE)
	$(BIN)/pip install --quiet --disable-pip-version-check "$(PACKAGE)[dev]"
	touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) build dist *.egg-info
