# Two commands on a fresh machine: `make review` watches the default model review a real change, `make test` checks all.

PYTHON ?= python3
BIN := .venv/bin
EXAMPLE := build/example

.PHONY: review test test-transformers check clean

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

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --editable '.[local,openai,github,sandbox,dev]'
	touch $@

# Gigabytes that nothing else needs; TORCH=... names another build.
TORCH ?= torch==2.13.0
.venv/torch: .venv/ready
	$(BIN)/python -m pip install --disable-pip-version-check '$(TORCH)'
	$(BIN)/python -m pip install --disable-pip-version-check --editable '.[transformers]'
	touch $@

clean:
	rm -rf .venv build dist
