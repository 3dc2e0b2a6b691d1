# Two commands do everything on a fresh machine: `make grade` and `make test`. `make` lists them all.

ROOT   = solutions
LAB    =
ARGS   =
JOBS   = 2
PORT   = 8000
# The Python to make .venv with: python3, or the one that .venv has, unless this names another.
PYTHON ?=

PY   = .venv/bin/python
MYPY = $(PY) -m mypy
# The folders that `mypy` is given; the node library is checked with the autograder.
LAB_STUBS     = $(filter-out labs/node/,$(sort $(dir $(wildcard labs/*/*.py))))
LAB_SOLUTIONS = $(sort $(dir $(wildcard solutions/*/*.py)))

# Programs of the book, which are checked as the roots that they are.
PROGRAMS      = $(wildcard book/programs/*/*.py book/programs/*/*/*.py)

.PHONY: help environment grade test lint format types stubs unit reference book serve bench soak clean

help: ## List these targets
	@echo 'usage: make TARGET [ROOT=solutions] [LAB=mapreduce] [ARGS=...] [PYTHON=python3.12]'
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

environment:
	@sh .ci/environment $(PYTHON)

grade: environment ## Grade ROOT (a folder) in LAB (one or more) and print the report
	@$(PY) -m autograder grade $(ROOT) $(addprefix --lab=,$(LAB)) $(ARGS)

test: lint types stubs unit reference ## Run everything that has to pass: format, lint, types, stubs, tests

lint: environment ## Check format and lint
	@echo '== format and lint'
	@$(PY) -m ruff format --check --quiet . || { echo 'Not formatted: run `make format`.'; exit 1; }
	@$(PY) -m ruff check --quiet .

format: environment ## Format the code, and repair what lint can repair
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

# Each root is checked by itself, since all roots hold modules of the same names.
types: environment ## Check types
	@echo '== types'
	@MYPYPATH= $(MYPY) --cache-dir .mypy_cache/project $(wildcard autograder labs/node book tests)
	@$(if $(PROGRAMS),MYPYPATH=book/programs:labs $(MYPY) --cache-dir .mypy_cache/programs $(PROGRAMS))
	@$(if $(LAB_SOLUTIONS),MYPYPATH=solutions $(MYPY) --cache-dir .mypy_cache/solutions $(LAB_SOLUTIONS))
	@$(if $(LAB_STUBS),MYPYPATH=labs $(MYPY) --cache-dir .mypy_cache/labs $(LAB_STUBS))

stubs: environment ## Check that labs/ is what solutions/ makes it
	@echo '== stubs'
	@$(PY) -m autograder stubs --check

unit: environment ## Run the project's own tests
	@echo '== tests'
	@$(PY) -m pytest tests -n $(JOBS) $(ARGS)

reference: environment ## Run the suites on the solutions
	@echo '== solutions'
	@$(PY) -m pytest solutions -n $(JOBS)

# What cells have shown is kept in _build/.outputs while the code that they run is the same.
book: environment ## Build the book as a site in _build/html; warnings are errors
	@echo '== book'
	@rm -rf _build/html _build/.doctrees
	@.venv/bin/jupyter-book build book -W -n --keep-going -q

serve: environment ## Serve the book on this machine (PORT=8000), built first if it is not
	@test -f _build/html/index.html || $(MAKE) --no-print-directory book
	@$(PY) -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

bench: environment ## Measure speed and memory (minutes)
	@$(PY) -m tests.bench $(ARGS)

soak: environment ## Run mutants and solutions over many seeds (up to an hour)
	@$(PY) -m tests.soak $(ARGS)

clean: ## Remove .venv and all that is generated
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache _build build dist ./*.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
