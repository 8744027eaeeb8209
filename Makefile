# Everything a person needs, each target alone on a fresh clone: make install | run | demo | test | lint | lock
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help install install-dev install-bench run demo test pictures lint lock clean

help:
	@echo "make install   build .venv; the command is then .venv/bin/basewatch"
	@echo "make run       run the daemon (writes basewatch.toml first if there is none)"
	@echo "make demo      the whole chain on this machine, no network needed"
	@echo "make test      every test"
	@echo "make pictures  the pictures of docs/images anew (needs Chromium)"
	@echo "make lint      ruff and mypy"
	@echo "make install-bench   what one benchmark compares ours with"
	@echo "make lock      rewrite the lock files from requirements*.in"

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	touch $@

install: $(VENV)/.installed

install-dev: $(VENV)/.installed-dev

# --no-deps: the lock names everything, and pip stumbles over the two spellings of an extra of lxml.
install-bench: install-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements-bench.lock

run: install
	@test -f basewatch.toml || $(BIN)/basewatch init
	$(BIN)/basewatch run

demo: install
	$(BIN)/basewatch demo

test: install-dev
	$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

pictures: install-dev
	TESTS_WRITE_SCREENSHOTS=1 TESTS_NEED_CHROMIUM=1 $(BIN)/python -m pytest -q tests/basewatch/page/test_browser.py tests/alerts/channels/test_mail_in_a_browser.py

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: install-dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements-dev.in -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -c requirements-dev.lock requirements-bench.in -o requirements-bench.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
