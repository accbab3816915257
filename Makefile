# The verbs, in the order of the data. `make run` and `make test` are all a fresh machine needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   ?= .venv
PY     := $(VENV)/bin/python
DOCS   ?= corpus
INDEX_DIR ?= data/index
export INDEX_DIR

.PHONY: run test ingest index ask eval bench fuzz lint clean

run: $(VENV)/.installed ## build the index if there is none (DOCS=path for your own documents), open the chat UI
	$(PY) app.py $(if $(filter file,$(origin DOCS)),,--docs "$(DOCS)")

test: $(VENV)/.installed-dev ## all tests; what needs ../shared, chromium or LibreOffice says when it skips
	$(PY) -m pytest

ingest: $(VENV)/.installed ## documents -> data/paragraphs.jsonl, with a report
	$(PY) -m ingest "$(DOCS)" -o data/paragraphs.jsonl

index: $(VENV)/.installed ## documents -> search index
	$(PY) -m index build "$(DOCS)" --index "$(INDEX_DIR)"

ask: $(VENV)/.installed ## one question on the command line: make ask Q=《公约》何时生效？
	$(PY) -m answer "$(Q)"

eval: $(VENV)/.installed ## measure retrieval and citations on the sample questions
	$(PY) -m eval run --documents corpus --questions eval/sets/samples.jsonl --out data/eval/samples --fresh

bench: $(VENV)/.installed-dev ## speed, memory and scale, as tables
	$(PY) -m benchmarks

fuzz: $(VENV)/.installed-dev ## damaged and nonsensical files through every reader, for a minute
	PYTHONPATH=.:tests $(PY) tests/fuzz_ingest.py --seconds 60

lint: $(VENV)/.installed-dev ## ruff and mypy
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy ingest index answer eval serve app.py

# The stamp files hold the work done, so that a second run starts at once.
$(VENV)/bin/python:
	@echo "== creating the environment in $(VENV)"
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "== installing the packages (once; a few minutes)"
	$(PY) -m pip install --disable-pip-version-check --progress-bar on -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt training/requirements.txt requirements.txt | $(VENV)/bin/python
	@echo "== installing the packages for tests (once; a few minutes)"
	$(PY) -m pip install --disable-pip-version-check --progress-bar on -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

clean: ## forget what was generated (the environment stays)
	rm -rf data .pytest_cache .mypy_cache .ruff_cache
