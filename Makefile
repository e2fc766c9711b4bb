.DEFAULT_GOAL := help
BIN := .venv/bin
PYTHON ?= python3
STAMP := .venv/.ready
BUILT := src/muster/ui/static/built/manifest.json
WORDS := .venv/.words

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ready ## The whole product with sample campaigns on http://localhost:8000
	$(BIN)/muster up --demo

setup: $(STAMP) ## Everything a new machine needs

$(STAMP): requirements-dev.lock requirements-setup.lock web/package-lock.json pyproject.toml deploy/setup.sh
	PYTHON=$(PYTHON) sh deploy/setup.sh
	touch $(STAMP) $(BUILT) $(WORDS)

ready: $(BUILT) $(WORDS)

$(BUILT): $(shell find web -type f -not -path '*/node_modules/*') | $(STAMP)
	sh deploy/node.sh --prefix web run --silent build
	touch $(BUILT)

$(WORDS): $(shell find src/muster/locale -name '*.po') | $(STAMP)
	$(BIN)/python -m muster.config.words --compile
	touch $(WORDS)

system: ## What the tests need from the operating system (Debian, as root)
	sh deploy/system.sh

test: ready system ## Everything it needs, then all tests; T=tests/plan for a part of them
	sh deploy/test.sh $(T)

check: ready ## Format, lint, layers, types, migrations, texts, islands
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m django makemigrations --check --dry-run --settings muster.config.settings
	sh deploy/node.sh --prefix web run types
	sh deploy/node.sh --prefix web test

fix: setup ## Format, and mend what a tool can mend
	$(BIN)/ruff check --fix src tests benchmarks
	$(BIN)/ruff format src tests benchmarks

stories: ready system ## The ways through the product, in a real browser
	$(BIN)/pytest tests/stories

words: setup ## Collect and compile the translations
	$(BIN)/python -m muster.config.words

bench: setup ## Measure the promises of speed
	$(BIN)/python benchmarks/run.py

SEED ?= 1
SENDS ?= 2000
KILLS ?= 10
DB ?= sqlite
crash: ready ## Kill the sender while it sends; SEED= SENDS= KILLS= DB=sqlite|postgres
	@$(BIN)/python tests/crash.py --seed $(SEED) --sends $(SENDS) --kills $(KILLS) --db $(DB)

PEOPLE ?= 1000
ENGINES ?= ducklake,postgresql,clickhouse,spark
HOW_MANY = $(if $(FULL),--full --brief --seconds 3600,--people $(PEOPLE) --each-metric)
parity: ready system ## Every question to every engine; PEOPLE= (or FULL=1) ENGINES=ducklake,postgresql,clickhouse,spark
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-parity.lock
	PYTHONPATH=src:. $(BIN)/python tests/parity/run.py $(HOW_MANY) --engines $(ENGINES) --show
	$(BIN)/pytest -m slow tests/parity/test_spark.py

soak: ready system ## The long tests: more kills, PostgreSQL, every screen in every language
	$(BIN)/pytest -m slow --timeout=3600
	$(BIN)/python tests/postgres.py $(BIN)/pytest -n 2 --dist loadfile -m "not browser and not slow" tests/team tests/plan tests/people tests/content tests/learn tests/config/test_backup.py
	$(MAKE) crash SENDS=20000 KILLS=100
	$(MAKE) crash SENDS=5000 KILLS=20 DB=postgres

.PHONY: help run setup ready system test check fix stories words bench crash parity soak
