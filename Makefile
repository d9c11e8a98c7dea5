# make audit · make test · make lint · make docs · make bench; see README.md
PYTHON ?= python3
HOST := .venv/bin
AUDITED := .venv-audited/bin/python
OUTPUT ?=

# The three frameworks as they are audited here, pinned, with nothing of ours beside them: CPU builds, and builds for
# CUDA where an NVIDIA driver is (those have not been tried yet: no such machine could be had).
ifeq ($(wildcard /dev/nvidiactl),)
FRAMEWORKS := torch==2.13.0 tensorflow-cpu==2.21.0 jax==0.10.2 jaxlib==0.10.2
else
FRAMEWORKS := torch==2.13.0 tensorflow[and-cuda]==2.21.0 jax[cuda12]==0.10.2
endif

.PHONY: audit test lint format docs bench clean

audit: .venv/.ready .venv-audited/.ready
	@$(HOST)/auditor audit --python $(AUDITED) $(if $(OUTPUT),--output $(OUTPUT)); code=$$?; \
	if [ $$code -le 1 ]; then exit 0; else exit $$code; fi

test: .venv/.ready-dev .venv-audited/.ready
	$(HOST)/python -m pytest

lint: .venv/.ready-dev
	$(HOST)/ruff check .
	$(HOST)/ruff format --check .
	$(HOST)/mypy
	$(HOST)/lint-imports --no-cache

format: .venv/.ready-dev
	$(HOST)/ruff check --fix .
	$(HOST)/ruff format .

# Everything that is generated from the code: check reference, JSON Schemas, golden files. A test compares each.
docs: .venv/.ready-dev
	$(HOST)/python tools/generate.py
	AUDITOR_REGENERATE=1 $(HOST)/python -m pytest -q tests/auditor/render/test_goldens.py

bench: .venv/.ready-dev .venv-audited/.ready
	$(HOST)/python benchmarks/bars.py --python $(AUDITED)

# A system Python without its venv module (Debian packages it apart) gets it first.
.venv/bin/python .venv-audited/bin/python: %/bin/python:
	@$(PYTHON) -c "import ensurepip" 2>/dev/null || (apt-get update && apt-get install -y python3-venv)
	$(PYTHON) -m venv $*

.venv/.ready: .venv/bin/python pyproject.toml
	$(HOST)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/.ready-dev: .venv/.ready tools/requirements-dev.txt
	$(HOST)/python -m pip install --quiet --disable-pip-version-check --requirement tools/requirements-dev.txt
	@touch $@

.venv-audited/.ready: .venv-audited/bin/python
	$(AUDITED) -m pip install --quiet --disable-pip-version-check $(FRAMEWORKS)
	@touch $@

clean:
	rm -rf .venv .venv-audited dist
