"""What `llm-review init` writes: the settings with their defaults, a hook, a workflow."""

from __future__ import annotations

HOOK_MARK = "Written by llm-review init --hook"

PRE_COMMIT = """\
repos:
  - repo: local
    hooks:
      - id: llm-review
        name: llm-review
        entry: llm-review hook --quiet
        language: system
        pass_filenames: false
        always_run: true
        require_serial: true
"""

WORKFLOW = """\
name: llm-review

on: pull_request

permissions: {}

concurrency:
  group: llm-review-${{ github.ref }}
  cancel-in-progress: true

jobs:
  review:
    name: Review
    runs-on: ubuntu-latest
    timeout-minutes: 30
    permissions:
      contents: read # to check the change out
      pull-requests: write # to comment; a fork's token cannot, and gets annotations and a summary
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: actions/setup-python@ece7cb06caefa5fff74198d8649806c4678c61a1 # v6.3.0
        with:
          python-version: "3.12"
      - name: Install the project, with its tests' packages, and llm-review
        run: |
          python -m pip install -e . pytest
          python -m venv "$RUNNER_TEMP/llm-review"
          "$RUNNER_TEMP/llm-review/bin/pip" install "llm-review[local,github,sandbox]"
      - name: Get the model
        run: |
          "$RUNNER_TEMP/llm-review/bin/llm-review" model pull
      - name: Review
        env:
          LLM_REVIEW_TOKEN: ${{ github.token }}
        run: |
          "$RUNNER_TEMP/llm-review/bin/llm-review" ci --deadline 900
"""

GIT_HOOK = """\
#!/bin/sh
# {mark}; delete this file to be rid of it.
if [ ! -x {python} ]; then
    echo "llm-review is no longer at {python}: delete $0, or run llm-review init --hook again" >&2
    exit 1
fi
exec {python} -P -m reviewer hook --quiet
"""
