# make demo   set up .venv, serve samples/ on loopback and caption the sample article
# make test   set up .venv, then lint, types and all tests, on all cores
# make fast   the tests that need no speech model, no browser and no long run, on all cores
# make coverage  all tests, with the branch coverage of each room
# make docs   the documentation's site, into site/
# make cluster  the tests with Ray and an S3 server, which test skips: they need 270 MB more
# make smoke  build the package, install it with every Python it is for, and use it
# make clean  remove what these made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/.ready
HLS := $(VENV)/npm/node_modules/hls.js/package.json
OUT ?= demo-out
# Tests run on all cores; --durations lists the slowest.
PARALLEL := -n logical --dist worksteal --durations=30

export PIP_DISABLE_PIP_VERSION_CHECK = 1
# One thread in each worker's numerical libraries: together the workers use every core.
test fast coverage: export OMP_NUM_THREADS = 1
test fast coverage: export OPENBLAS_NUM_THREADS = 1

.PHONY: demo test fast coverage docs cluster smoke lint clean

# torch first and pinned, so that nothing later pulls in another build of it.
$(READY): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet "torch==2.13.0"
	$(BIN)/pip install --quiet --editable ".[openai-whisper,offline,dev]"
	@$(BIN)/aligner models fetch campplus || echo "the tests with the speaker model will be skipped"
	@touch $@

# The player of the test that measures where streams start; it is skipped without npm.
$(HLS): $(READY)
	@npm install --silent --no-audit --no-fund --ignore-scripts --prefix $(VENV)/npm hls.js@1.7.4 && touch $@ || \
		echo "hls.js cannot be installed with npm: the test that plays streams will be skipped"

demo: $(READY)
	@$(BIN)/python samples/serve.py -- $(BIN)/aligner caption --allow-private --force --show \
		--output $(OUT) {url}russia-and-assad/

test: $(READY) $(HLS) lint
	$(BIN)/pytest $(PARALLEL)

fast: $(READY)
	$(BIN)/pytest $(PARALLEL) -m "not weights and not browser and not slow"

coverage: $(READY)
	$(BIN)/pytest $(PARALLEL) --cov --cov-report=
	$(BIN)/python tests/coverage_by_room.py

docs: $(READY)
	$(BIN)/pip install --quiet --editable ".[docs]"
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

cluster: $(READY)
	$(BIN)/pip install --quiet --editable ".[cluster-tests]"
	$(BIN)/pytest tests/jobs/test_ray.py tests/jobs/test_batch_store.py

smoke: $(READY)
	$(BIN)/python .ci/smoke.py $(PYTHONS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) $(OUT) build site .coverage *.egg-info
