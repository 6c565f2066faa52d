# Two commands on a fresh machine: `make review` watches the default model review a real change, `make test` checks all.

PYTHON ?= python3
BIN := .venv/bin
EXAMPLE := build/example
EXTRAS := local,openai,github,gitlab,browser,sandbox,dev

.PHONY: review test test-transformers test-external test-browser test-lowest check dist lock clean

review: .venv/ready
	$(BIN)/llm-review model pull
	$(BIN)/python examples/make_repository.py $(EXAMPLE)
	@echo '$$ llm-review diff'
	@cd $(EXAMPLE) && ../../$(BIN)/llm-review diff --python ../../$(BIN)/python; \
	code=$$?; echo "exit code $$code (1: a finding blocks)"; test $$code -eq 1

test: .venv/ready check
	$(BIN)/llm-review model pull
	$(BIN)/python -m pytest -n 2 --dist worksteal -m 'not model'
	$(BIN)/python -m pytest -m model

test-transformers: .venv/torch
	$(BIN)/python -m pytest tests/llm/test_transformers.py

# By the validators and descriptions that others wrote, of the npm registry; without npm they are skipped, and said to be.
test-external: .venv/ready
	if command -v npm > /dev/null; then $(MAKE) build/external/ready; else echo "npm is missing: what needs it is skipped"; fi
	$(BIN)/python -m pytest tests/external

build/external/ready: tests/external/package.json tests/external/package-lock.json
	rm -rf build/external && mkdir -p build/external
	cp $^ build/external/
	cd build/external && npm ci --ignore-scripts --no-audit --no-fund
	find build/external -name Sarif.Multitool -exec chmod u+x {} +
	touch $@

# The page in a real browser: Debian's, where there is none yet and it can be installed.
test-browser: .venv/ready
	command -v chromium google-chrome > /dev/null || { test "$$(id -u)" = 0 && command -v apt-get > /dev/null && \
		apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends chromium fonts-dejavu-core; } || \
		echo "there is no Chromium, and it cannot be installed: what needs it is skipped"
	$(BIN)/python -m pytest tests/report/test_html_browser.py

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(INSTALL)
	touch $@

# LOCK=.ci/requirements.txt installs what is written there and nothing else; without it, the newest that fits.
PIP := $(BIN)/python -m pip --disable-pip-version-check
ifdef LOCK
INSTALL = $(PIP) install --require-hashes -r $(LOCK) && $(PIP) install --no-deps --no-build-isolation --editable .
else
INSTALL = $(PIP) install --editable '.[$(EXTRAS)]'
endif

# Gigabytes that nothing else needs; TORCH=... names another build.
TORCH ?= torch==2.13.0
.venv/torch: .venv/ready
	$(BIN)/python -m pip install --disable-pip-version-check '$(TORCH)'
	$(BIN)/python -m pip install --disable-pip-version-check --editable '.[transformers]'
	touch $@

# The oldest versions that pyproject.toml allows of what it names.
test-lowest: build/uv
	$(PYTHON) -m venv build/lowest
	build/uv/bin/uv pip install --python build/lowest/bin/python --resolution lowest-direct --editable '.[$(EXTRAS)]'
	build/lowest/bin/python -m pytest -n 2 --dist worksteal -m 'not model'

lock: build/uv
	build/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --upgrade \
		--custom-compile-command 'make lock' $(foreach extra,$(subst $(comma), ,$(EXTRAS)),--extra $(extra)) \
		--output-file .ci/requirements.txt pyproject.toml

comma := ,
build/uv:
	$(PYTHON) -m venv build/uv
	build/uv/bin/python -m pip install --disable-pip-version-check uv

# Built twice, in two folders; the files must be the same byte for byte.
dist: .venv/ready
	rm -rf dist build/again
	$(BIN)/python -m hatchling build
	git worktree add --detach build/again HEAD
	cd build/again && ../../$(BIN)/python -m hatchling build
	cd build/again/dist && sha256sum * | (cd ../../../dist && sha256sum --check); code=$$?; git worktree remove --force build/again; exit $$code

clean:
	rm -rf .venv build dist
