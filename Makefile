# Two commands for a stranger: `make demo` and `make test`. Everything lives in .venv.
PYTHON ?= python3
VENV ?= .venv
OUT ?= demo-out
PYTEST_ARGS ?= -n 2 --dist worksteal
MODULES ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
TYPECHECK := build/typecheck

.PHONY: demo test mutation lint format typecheck clean

demo: $(VENV)/demo.stamp
	$(BIN)/vqa-features demo -o $(OUT)

test: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(PYTEST_ARGS)

# Faults in the modules listed in pyproject.toml; MODULES="pooling registry" selects
mutation: $(VENV)/test.stamp
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.mutation_testing $(MODULES)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# mypy reads the package as it is installed: in the tree, extractors/ lies outside vqa_features/
typecheck: $(VENV)/dev.stamp
	rm -rf $(TYPECHECK)
	$(PIP) install --quiet --no-deps --target $(TYPECHECK) .
	cd $(TYPECHECK) && ../../$(BIN)/mypy --config-file ../../pyproject.toml -p vqa_features

clean:
	rm -rf $(VENV) build *.egg-info demo-out

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/%.stamp: $(VENV)/bin/python setup.cfg pyproject.toml constraints.txt
	$(PIP) install --quiet -c constraints.txt -e '.[$*]'
	touch $@
