# Every target sets up what it needs first; the second time that takes a moment.
BIN := .venv/bin
NAME ?=
DIR ?= demo-site

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo test check format bench pictures words lock clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Virtual environment, pinned packages, Tesseract, a browser for the tests
	@PYTHON="$(PYTHON)" setup/prepare

demo: setup ## The whole journey from nothing, into demo-site/ (DIR=... for elsewhere)
	@$(BIN)/pillarbox demo $(DIR)

test: check ## Checks, then every test against the package as it would be installed
	@rm -rf build
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --target build/installed .
	PYTHONPATH="$(CURDIR)/build/installed" PYTHONSAFEPATH=1 $(BIN)/pytest

check: setup ## Lint, format and types
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --quiet --check
	$(BIN)/mypy

format: setup ## Put the code into its one format
	$(BIN)/ruff check --quiet --fix
	$(BIN)/ruff format --quiet

bench: setup ## List the benchmarks, or run one: make bench NAME=journey
	@$(BIN)/python -m benchmarks $(NAME)

# Universal: one lock for every platform. Hashes, and no addresses. Pins stay until LOCK_FLAGS=--upgrade.
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-config \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(LOCK_FLAGS)

pictures: setup ## Take the pictures of the documents anew (needs Chromium)
	PYTHONPATH="$(CURDIR):$(CURDIR)/tests" $(BIN)/python docs/pictures.py
	PYTHONPATH="$(CURDIR)" $(BIN)/python docs/edition_pictures.py

words: ## Tidy and compile the catalogues of the product's own words
	@python3 setup/words.py

lock: ## Renew the lock files after a change in pyproject.toml (needs uv)
	$(COMPILE) pyproject.toml --output-file requirements.txt
	$(COMPILE) pyproject.toml --extra analysis --extra explore --constraint requirements.txt --output-file requirements-analysis.txt
	$(COMPILE) --group pyproject.toml:dev --constraint requirements-analysis.txt --output-file requirements-dev.txt
	sed -n 's/^opencv-python\(==[^ ]*\).*/opencv-python-headless\1/p' requirements.txt \
		| $(COMPILE) --no-deps --no-annotate - --output-file requirements-headless.txt
	$(COMPILE) --no-deps --no-annotate --group pyproject.toml:handwriting --output-file requirements-handwriting.txt

clean: ## Remove what set-up, tests and the demo made
	rm -rf .venv build demo-site .hypothesis .mypy_cache .pytest_cache .ruff_cache *.egg-info
