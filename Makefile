# Everything that a person or a machine does with a checkout. The first call makes .venv from the locked requirements.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test chaos check fix bench scan pysa observatory sbom migrate demo lock clean environment

BIN := .venv/bin
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
SOURCES := portal governance hub finops tests bench scans manage.py
TEMPLATES = $(shell find templates portal governance hub finops -name '*.html' 2>/dev/null)
# Settings ask for addresses; the checks below connect to none of them.
NOWHERE := ATRIUM_ENV=test ATRIUM_SECRET_KEY=unused DATABASE_URL=postgresql://atrium:unused@127.0.0.1:1/atrium \
	BROKER_URL=redis://127.0.0.1:1/0 AWS_ENDPOINT_URL=http://127.0.0.1:1

help:
	@sed -n 's/^## //p' Makefile

## make run      start everything on this machine, with the demo company; Ctrl-C stops all of it
run: environment
	@$(BIN)/python -m portal.local run

## make test     run every test; a part of them with ARGS='tests/hub -k name'
test: environment
	@$(BIN)/python -m portal.local test $(ARGS)

## make chaos    the fault drill: let every part fail at work, eight times over; ARGS='--seeds 1' for a part of it
chaos: environment
	@$(BIN)/python -m tests.faults.drill $(ARGS)

## make check    what CI checks besides the tests: lint, format, types, layers, migrations, generated documents
CHECKS := check-lint check-format check-templates check-types check-layers check-django check-deploy check-scans check-migrations \
	check-docs
.PHONY: $(CHECKS)
check: environment
	@$(MAKE) --no-print-directory --keep-going $(CHECKS)

check-lint:
	@$(BIN)/ruff check $(wildcard $(SOURCES))
check-format:
	@$(BIN)/ruff format --check $(wildcard $(SOURCES))
check-templates:
	@$(if $(TEMPLATES),$(BIN)/djade --target-version 5.2 --check $(TEMPLATES),:)
check-types:
	@$(NOWHERE) $(BIN)/mypy
check-layers:
	@$(BIN)/lint-imports
check-django:
	@$(NOWHERE) $(BIN)/python manage.py check
check-deploy:
	@$(NOWHERE) ATRIUM_ENV=production AWS_ENDPOINT_URL= ATRIUM_URL=https://atrium.example.com \
		ATRIUM_EMAIL_BACKEND=django.core.mail.backends.smtp.EmailBackend \
		ATRIUM_SECRET_KEY='only checked and never used: abcdefghijklmnopqrstuvwxyz' \
		$(BIN)/python manage.py check --deploy --fail-level WARNING
check-scans:
	@$(BIN)/python -m scans.static
check-migrations:
	@$(NOWHERE) $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
check-docs:
	@$(if $(wildcard portal/management/commands/write_docs.py),$(NOWHERE) $(BIN)/python manage.py write_docs --check,:)

## make fix      repair what can be repaired by itself
fix: environment
	$(BIN)/ruff check --fix $(wildcard $(SOURCES))
	$(BIN)/ruff format $(wildcard $(SOURCES))
	$(if $(TEMPLATES),$(BIN)/djade --target-version 5.2 $(TEMPLATES))

## make bench    measure what the README states
bench: environment
	@$(BIN)/python -m bench $(ARGS)

## make scan     static security scanners, each shown a planted flaw first; Pysa too once `make pysa` was run
scan: environment
	@$(BIN)/python -m scans.static
	@if [ -x .scans/pysa/bin/pyre ]; then $(BIN)/python -m scans.pysa .scans/pysa; \
		else echo "Pysa is not installed (make pysa) and was left out."; fi

## make pysa     the same with Pysa, which it installs into an environment of its own at the first call
pysa: environment
	@if [ ! -x .scans/pysa/bin/pyre ]; then $(PYTHON) -m venv .scans/pysa && \
		.scans/pysa/bin/pip install --quiet --disable-pip-version-check pyre-check==0.10.0; fi
	@$(BIN)/python -m scans.pysa .scans/pysa

## make observatory  the MDN HTTP Observatory against the product under production settings; needs node, npm, openssl
observatory: environment
	@$(BIN)/python -m scans.observatory

## make sbom     the bill of materials of the locked production requirements, as sbom.json
sbom: environment
	@$(BIN)/python -m scans.sbom

## make migrate  bring the tables of `make run` up to date
migrate: environment
	@$(BIN)/python -m portal.local manage migrate

## make demo     load the demo company into what `make run` keeps
demo: environment
	@$(BIN)/python -m portal.local manage demo $(ARGS)

## make lock     compile the locked requirements again from pyproject.toml, with uv in an environment of its own
LOCK := .scans/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: environment
	@if [ ! -x .scans/uv/bin/uv ]; then $(PYTHON) -m venv .scans/uv && \
		.scans/uv/bin/pip install --quiet --disable-pip-version-check uv==0.13.8; fi
	$(LOCK) --extra dev pyproject.toml -o requirements-dev.txt
	$(LOCK) pyproject.toml -o requirements.txt

## make clean    remove the environment and all data of `make run`
clean:
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m portal.local clean; fi
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .scans sbom.json .coverage htmlcov staticfiles

environment: .venv/locked

.venv/locked: requirements-dev.txt
	@if [ -z "$(PYTHON)" ]; then echo "Atrium needs Python 3.11 or newer and none was found:" \
		"install it, or name it with 'make PYTHON=/path/to/python3.11 run'." >&2; exit 1; fi
	@if [ ! -x $(BIN)/pip ]; then $(PYTHON) -m venv .venv || { rm -rf .venv; echo "$(PYTHON) cannot make an" \
		"environment: install its venv module (Debian: apt-get install python3-venv)." >&2; exit 1; }; fi
	@echo "Installing the locked dependencies (once, until requirements-dev.txt changes) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt || { \
		echo "The dependencies could not be installed: see the lines above; the network may be away." >&2; exit 1; }
	@touch .venv/locked
