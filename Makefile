# make audit · make test · make lint · make docs · make bench; see README.md
PYTHON ?= python3
HOST := .venv/bin
AUDITED := .venv-audited/bin/python
OUTPUT ?=

# The three audited frameworks, pinned, in an environment of their own: CPU builds, or CUDA builds if there is an NVIDIA
# driver (the CUDA builds were never tried: no such machine was available).
ifeq ($(wildcard /dev/nvidiactl),)
FRAMEWORKS := torch==2.13.0 tensorflow-cpu==2.21.0 jax==0.10.2 jaxlib==0.10.2
else
FRAMEWORKS := torch==2.13.0 tensorflow[and-cuda]==2.21.0 jax[cuda12]==0.10.2
endif

LAYERS := keras==3.15.1 flax==0.12.8 dm-haiku==0.0.17 optax==0.2.8 transformers==5.23.0 onnx==1.23.2 onnxruntime==1.32.0

# What training programs use beside them (tests/auditor/replay/programs).
PROGRAMS := lightning==2.6.6 accelerate==1.15.0 datasets==5.2.0 stable-baselines3==2.9.2 gymnasium==1.4.0 tensorboard==2.21.0 hydra-core==1.3.8

.PHONY: audit test test-slow exhaustive browser crates releases atlas programs environments environments-fast engine-packages lint format docs bench check new-check new-format soak power judging mutants coverage clean

audit: .venv/.ready .venv-audited/.ready
	@$(HOST)/auditor audit --python $(AUDITED) $(if $(OUTPUT),--output $(OUTPUT)); code=$$?; \
	if [ $$code -le 1 ]; then exit 0; else exit $$code; fi

# Three tests run at the same time: two leave a fifth of two cores idle. Slow tests marked `alone` (races, threads,
# contention) run afterwards, one at a time.
WORKERS ?= 3
PYTEST := $(HOST)/python -m pytest
SIDE_BY_SIDE := --numprocesses $(WORKERS)
# The files that have such tests: to collect all others takes as long as half of these take.
ALONE = $(shell grep -rl --include='*.py' 'pytest.mark.alone' tests)
# Where tests note which outcomes of checks they saw.
CONTROLS = $(or $(AUDITOR_CONTROLS),.pytest_cache/controls)

test:
	@$(MAKE) --no-print-directory environments-fast
	@rm -f $(CONTROLS)/*.jsonl
	$(PYTEST) $(SIDE_BY_SIDE) -m "not slow"

# A container engine, a registry and debootstrap, if root on Debian can install them; else their tests are skipped.
engine-packages:
	@tools/engine_packages.sh

# Slow tests: many operators, the libraries on top of the frameworks, whole replays. CI runs them after `make test`. It fails
# if there is a check that no passing test of either tier saw fail, or saw pass.
test-slow: environments
	$(PYTEST) $(SIDE_BY_SIDE) -m "slow and not alone"
	$(PYTEST) -m "slow and alone" $(ALONE)
	$(HOST)/python tools/controls.py

# Run by hand before a release, with a dated log in docs/releases/: whole catalogues, every experiment, the soak test.
# It takes hours.
exhaustive: environments browser crates
	$(PYTEST) $(SIDE_BY_SIDE) -m "exhaustive and not alone"
	$(PYTEST) -m "exhaustive and alone"
	$(MAKE) soak

# A real Chromium, playwright and axe-core for the tests of the HTML report; without them these are skipped with a reason.
AXE := axe-core@4.11.0
browser: .venv/.ready-dev
	$(HOST)/python -m pip install --quiet --disable-pip-version-check --requirement tools/requirements-browser.txt
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update && apt-get install -y chromium; } || \
	echo "Chromium is not installed: the tests that need it are skipped."
	@command -v npm >/dev/null && npm install --silent --prefix .venv/browser $(AXE) || \
	echo "axe-core is not installed, as there is no npm: the tests that need it are skipped."

# A validator and a reader of RO-Crates; without them the tests that need them are skipped.
crates: .venv-crates/.ready

# What the fast tests need, installed in parallel.
environments-fast:
	@$(MAKE) --no-print-directory -j3 .venv/.ready-dev .venv-audited/.ready engine-packages

# Replays each of the programs as people write them, and keeps the score beside the first one: hours. ONLY selects some.
ONLY ?=
programs: .venv/.ready .venv-programs/.ready
	$(HOST)/python tools/programs.py score --python $(CURDIR)/.venv-programs/bin/python $(if $(ONLY),--only $(ONLY))

# Every environment that tests need, installed in parallel.
environments:
	@$(MAKE) --no-print-directory -j3 .venv/.ready-dev .venv-audited/.ready .venv-layers/.ready engine-packages

# Creates the files of a new check: make new-check name=torch-my-claim (`make check` is its old name)
new-check check: .venv/bin/python
	@$(HOST)/python tools/new_check.py $(name)

# Creates the files of a new report format: make new-format name=sarif
new-format: .venv/bin/python
	@$(HOST)/python tools/new_format.py $(name)

# Replays clean experiments twenty times, and makes twenty audits in shuffled order: a result that changes is a race or a
# defect. About half an hour; TIER=full takes hours.
AUDITS ?= 20
TIER ?= quick
soak: .venv/.ready .venv-audited/.ready
	$(HOST)/python tools/soak_replay.py --python $(AUDITED) --runs $(AUDITS)
	$(HOST)/python tools/soak.py --python $(AUDITED) --audits $(AUDITS) --tier $(TIER)

# Audits old and new releases, each in an environment of its own below .venv-releases (gigabytes), by the real command;
# prints what fails in each, and ends with an error if a check ends with one. TIER=full takes hours. RELEASES selects some
# by name. `make atlas` writes docs/explanation/atlas.md from these audits.
RELEASES ?=
releases: .venv/.ready .venv-audited/.ready
	$(HOST)/python tools/releases.py --tier $(TIER) $(if $(RELEASES),--only $(RELEASES))

atlas: .venv/.ready
	$(HOST)/python tools/atlas.py

# Runs every plant of tests/power/plants through the real command, and prints which the checks catch, by contract: hours.
# PLANTS selects some by name.
PLANTS ?=
power: .venv/.ready .venv-layers/.ready
	$(HOST)/python tools/power.py --python .venv-layers/bin/python $(if $(PLANTS),--only $(PLANTS))

# Simulates audits with the product's own rules: how often an innocent factor is named, a useless cure believed.
judging: .venv/.ready
	$(HOST)/python benchmarks/judging.py

# Mutation tests: plants small faults in a room and counts how many its fast tests detect: make mutants ROOM=rules SAMPLE=100 SEED=0
ROOM ?=
SAMPLE ?= 100
SEED ?= 0
mutants: .venv/.ready-mutants
	$(HOST)/python tools/mutants.py --room "$(ROOM)" --sample $(SAMPLE) --seed $(SEED)

# Branch coverage of the host code by both tiers together; it takes longer than `make test test-slow`. TESTS selects a
# part of the suite. Failed tests are listed, and the code that they ran counts.
TESTS ?=
coverage: export COVERAGE_FOLDER := $(CURDIR)/.venv/coverage
coverage: .venv/.ready-mutants .venv-audited/.ready .venv-layers/.ready engine-packages
	rm -rf $(COVERAGE_FOLDER) && mkdir $(COVERAGE_FOLDER)
	-$(HOST)/coverage run --rcfile=tools/coverage.ini -m pytest $(SIDE_BY_SIDE) -m "not slow" $(TESTS)
	-$(HOST)/coverage run --rcfile=tools/coverage.ini -m pytest $(SIDE_BY_SIDE) -m slow $(TESTS)
	$(HOST)/coverage combine --rcfile=tools/coverage.ini --quiet $(COVERAGE_FOLDER)
	$(HOST)/coverage report --rcfile=tools/coverage.ini

lint: .venv/.ready-dev
	$(HOST)/ruff check .
	$(HOST)/ruff format --check .
	$(HOST)/mypy
	$(HOST)/lint-imports --no-cache

format: .venv/.ready-dev
	$(HOST)/ruff check --fix .
	$(HOST)/ruff format .

# Everything that is generated from the code: references, JSON Schemas, the picture of the rooms, golden files. A test
# compares each.
docs: .venv/.ready-dev
	$(HOST)/python tools/generate.py
	$(HOST)/python tools/draw_house.py
	AUDITOR_REGENERATE=1 $(HOST)/python -m pytest -q tests/auditor/render/test_goldens.py tests/auditor/report/test_html.py

bench: .venv/.ready-dev .venv-audited/.ready
	$(HOST)/python benchmarks/bars.py --python $(AUDITED)

# Installs the venv module if the system Python lacks it (on Debian it is a separate package).
.venv/bin/python .venv-audited/bin/python .venv-layers/bin/python .venv-programs/bin/python .venv-crates/bin/python: %/bin/python:
	@$(PYTHON) -c "import ensurepip" 2>/dev/null || (apt-get update && apt-get install -y python3-venv)
	$(PYTHON) -m venv $*

.venv/.ready: .venv/bin/python pyproject.toml
	$(HOST)/python -m pip install --quiet --disable-pip-version-check --editable '.[container]'
	@$(HOST)/python -m compileall -q auditor checks  # as pip does of what is not editable
	@touch $@

.venv/.ready-dev: .venv/.ready tools/requirements-dev.txt
	$(HOST)/python -m pip install --quiet --disable-pip-version-check --requirement tools/requirements-dev.txt
	@touch $@

.venv/.ready-mutants: .venv/.ready-dev tools/requirements-mutants.txt
	$(HOST)/python -m pip install --quiet --disable-pip-version-check --requirement tools/requirements-mutants.txt
	@touch $@

.venv-crates/.ready: .venv-crates/bin/python tools/requirements-crates.txt
	.venv-crates/bin/python -m pip install --quiet --disable-pip-version-check --requirement tools/requirements-crates.txt
	@touch $@

.venv-audited/.ready: .venv-audited/bin/python
	$(AUDITED) -m pip install --quiet --disable-pip-version-check $(FRAMEWORKS)
	@touch $@

# The libraries on top of the three frameworks, in a separate environment, so that .venv-audited holds nothing else. The
# frameworks are hard links to the files of that environment if the file system allows it, which saves minutes.
.venv-layers/.ready: .venv-layers/bin/python .venv-audited/.ready
	cp -al --remove-destination .venv-audited/lib/. .venv-layers/lib/ || cp -a --remove-destination .venv-audited/lib/. .venv-layers/lib/
	.venv-layers/bin/python -m pip install --quiet --disable-pip-version-check $(FRAMEWORKS) $(LAYERS)
	@touch $@

# What the programs of tests/auditor/replay/programs import beside the layers: for `make programs` alone.
.venv-programs/.ready: .venv-programs/bin/python .venv-audited/.ready
	cp -al --remove-destination .venv-audited/lib/. .venv-programs/lib/ || cp -a --remove-destination .venv-audited/lib/. .venv-programs/lib/
	.venv-programs/bin/python -m pip install --quiet --disable-pip-version-check $(FRAMEWORKS) $(LAYERS) $(PROGRAMS)
	@touch $@

clean:
	rm -rf .venv .venv-audited .venv-layers .venv-programs .venv-crates .venv-releases dist
