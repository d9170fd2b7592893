# make demo   set up .venv, serve samples/ on loopback and caption the sample article
# make test   set up .venv, then lint, types and all tests
# make fast   the tests that need no speech model
# make clean  remove what these made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OUT ?= demo-out

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test fast lint clean

# torch first and pinned, so that nothing later pulls in another build of it.
$(READY): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet "torch==2.13.0"
	$(BIN)/pip install --quiet --editable ".[offline,dev]"
	@touch $@

demo: $(READY)
	@$(BIN)/python samples/serve.py -- $(BIN)/aligner caption --allow-private --force --show \
		--output $(OUT) {url}russia-and-assad/

test: $(READY) lint
	$(BIN)/pytest

fast: $(READY)
	$(BIN)/pytest -m "not weights"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) $(OUT) build *.egg-info
