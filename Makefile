# make demo   set up .venv, serve samples/ on loopback and caption the sample article
# make test   set up .venv, then lint, types and all tests
# make fast   the tests that need no speech model
# make cluster  the tests with Ray and an S3 server, which test skips: they need 270 MB more
# make clean  remove what these made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OUT ?= demo-out

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test fast cluster lint clean

# torch first and pinned, so that nothing later pulls in another build of it.
$(READY): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet "torch==2.13.0"
	$(BIN)/pip install --quiet --editable ".[openai-whisper,offline,dev]"
	@touch $@

demo: $(READY)
	@$(BIN)/python samples/serve.py -- $(BIN)/aligner caption --allow-private --force --show \
		--output $(OUT) {url}russia-and-assad/

test: $(READY) lint
	$(BIN)/pytest

fast: $(READY)
	$(BIN)/pytest -m "not weights"

cluster: $(READY)
	$(BIN)/pip install --quiet --editable ".[cluster-tests]"
	$(BIN)/pytest tests/batching/test_ray.py tests/batching/test_batch_store.py

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) $(OUT) build *.egg-info
