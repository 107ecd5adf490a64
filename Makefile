# Two commands for a stranger: `make demo` and `make test`. Both live in .venv.
PYTHON ?= python3
VENV ?= .venv
OUT ?= demo-out
PYTEST_ARGS ?= -n 2 --dist worksteal
MODULES ?=
PEERS_ARGS ?= --sizes 540p,1080p,2160p --json build/peers.json
NOTEBOOKS ?= features-of-a-folder score-my-video
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
TYPECHECK := build/typecheck

.PHONY: demo test test-oldest test-newest audit mutation peers lint format typecheck imports architecture docs notebooks models tables clean

demo: $(VENV)/demo.stamp
	$(BIN)/vqa-features demo -o $(OUT)

test: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(PYTEST_ARGS)

# The suite without the extra deep, on the oldest versions setup.cfg allows and on the newest pip finds.
# PYTHON= chooses the interpreter; every set and interpreter has an environment of its own.
PYTHON_VERSION = $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
test-oldest: VERSIONS := --only-binary :all: -c constraints-oldest.txt
test-newest: VERSIONS := --upgrade --upgrade-strategy eager
test-oldest test-newest: test-%:
	test -x .venv-$*-$(PYTHON_VERSION)/bin/python || $(PYTHON) -m venv .venv-$*-$(PYTHON_VERSION)
	.venv-$*-$(PYTHON_VERSION)/bin/python -m pip --disable-pip-version-check install --quiet $(VERSIONS) -e '.[test-base]'
	OMP_NUM_THREADS=1 .venv-$*-$(PYTHON_VERSION)/bin/python -m pytest $(PYTEST_ARGS)

# Known holes in the pinned versions; needs the network. SECURITY.md has the last result.
audit:
	test -x .venv-audit/bin/pip-audit || $(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip --disable-pip-version-check install --quiet pip-audit
	for list in constraints.txt constraints-oldest.txt; do \
		.venv-audit/bin/pip-audit --no-deps --disable-pip -r $$list || exit 1; done

# Faults in the modules listed in pyproject.toml; MODULES="pooling registry" selects
mutation: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.mutation_testing $(MODULES)

# Other programs for the same features, in an environment of their own: benchmarks/README.md has the figures
PEERS := .venv-peers/bin/python
peers:
	test -x $(PEERS) || $(PYTHON) -m venv .venv-peers
	$(PEERS) -m pip --disable-pip-version-check install --quiet -r benchmarks/peers.txt
	$(PEERS) -m pip --disable-pip-version-check uninstall --quiet --yes opencv-python opencv-python-headless
	$(PEERS) -m pip --disable-pip-version-check install --quiet --no-deps --force-reinstall opencv-contrib-python-headless
	$(PEERS) -m pip --disable-pip-version-check install --quiet --no-deps -e .
	OMP_NUM_THREADS=1 $(PEERS) -W ignore -m benchmarks.speed --peers $(PEERS_ARGS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# mypy reads the package as it is installed: in the tree, extractors/ lies outside vqa_features/
typecheck: $(VENV)/dev.stamp
	rm -rf build
	$(PIP) install --quiet --no-deps --target $(TYPECHECK) .
	cd $(TYPECHECK) && ../../$(BIN)/mypy --config-file ../../pyproject.toml -p vqa_features

# the layers and circles of pyproject.toml, checked by import-linter in the layout in which the package is installed
imports: typecheck
	cd $(TYPECHECK) && ../../$(BIN)/lint-imports --no-cache --no-logo ../../pyproject.toml

# the diagram and the module table of docs/architecture.md
architecture: $(VENV)/dev.stamp
	$(BIN)/python docs/module_map.py

# The documentation site in build/docs. A warning fails it, and so does a link to a page or heading that is not there.
docs: $(VENV)/docs.stamp
	$(BIN)/sphinx-build -b html -W --keep-going -E -q -j 2 docs build/docs
	@echo "build/docs/index.html"

# The models that come with the package, from published tables: those in the cache of datasets (what is missing there is
# downloaded), in the folder that VQA_FEATURES_DATASETS names, or in tables/ of the one that VQA_FEATURES_SHARED names
MODELS ?= vqa_features/resources/models
SHARED_TABLES = $(if $(VQA_FEATURES_SHARED),VQA_FEATURES_DATASETS=$(VQA_FEATURES_SHARED)/tables VQA_FEATURES_OFFLINE=1)
models: $(VENV)/dev.stamp
	$(if $(VQA_FEATURES_DATASETS),,$(SHARED_TABLES)) OMP_NUM_THREADS=1 $(BIN)/python -m vqa_features.models.make_shipped -o $(MODELS)

# docs/benchmark.md and build/tables/benchmark.html, from published tables: TABLES= names a local folder of them
TABLES ?=
tables: $(VENV)/dev.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.table run --publish -o build/tables $(if $(TABLES),--tables $(TABLES))

# Runs notebooks and keeps their outputs. They are run in build/notebooks, where handcrafted-against-deep wants a folder
# sts_bvqa: NOTEBOOKS=handcrafted-against-deep
notebooks: $(VENV)/docs.stamp
	mkdir -p build/notebooks
	for name in $(NOTEBOOKS); do cp docs/notebooks/$$name.ipynb build/notebooks/ && \
		(cd build/notebooks && ../../$(BIN)/jupyter-execute --inplace $$name.ipynb) && \
		cp build/notebooks/$$name.ipynb docs/notebooks/ || exit 1; done

clean:
	rm -rf $(VENV) .venv-oldest-* .venv-newest-* build *.egg-info demo-out

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/%.stamp: $(VENV)/bin/python setup.cfg pyproject.toml constraints.txt
	$(PIP) install --quiet -c constraints.txt -e '.[$*]'
	touch $@
