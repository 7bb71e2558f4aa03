# `make run` and `make test` do all the set-up: an environment in .venv, made again
# whenever the requirements change. PYTHON names another Python, ARGS other flags:
#     make run PYTHON=python3.12 ARGS="--dataset fashion-mnist --latent_dim 2"
# An environment keeps its Python: `make clean` before another one.

PYTHON ?= python3
VENV ?= .venv
ARGS ?= --dataset mnist --latent_dim 5

BIN = $(VENV)/bin
# PyTorch and JAX, which only benchmarks need, have an environment of their own.
BENCH = benchmarks/.venv
# So have the packages that only pages of docs/ and their tests need.
DOCS = docs/.venv

RIGHT_PYTHON = $(PYTHON) -c 'import sys; \
	sys.exit(None if (3, 10) <= sys.version_info < (3, 14) \
	else "Python 3.10 to 3.13 is needed, and $(PYTHON) is " + sys.version.split()[0] \
	+ ": name another with make PYTHON=python3.12")'

.PHONY: run tensorboard test test-without-onednn test-docs test-slow bench growth cluster-demo equivalence questions format clean

run: $(VENV)/run-ready
	$(BIN)/python main.py $(ARGS)

tensorboard: $(VENV)/run-ready
	$(BIN)/tensorboard --logdir Results --host localhost

# In the order of the folders: else pytest-xdist takes the files of few tests last, and
# those are the slow ones, for which one process would wait.
test: $(VENV)/test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# What computes with TensorFlow's own kernels in place of oneDNN's.
test-without-onednn: $(VENV)/test-ready
	TF_ENABLE_ONEDNN_OPTS=0 $(BIN)/python -m pytest -n 2 --dist loadfile \
		--no-loadscope-reorder tests/cluster/test_replica.py tests/test_training.py \
		tests/test_model.py tests/test_bfloat16.py tests/test_evaluation.py \
		tests/test_session.py

# What pages of docs/ say of packages that the program does without.
test-docs: $(DOCS)/ready
	$(DOCS)/bin/python -m pytest tests/docs

test-slow: $(VENV)/test-ready
	$(BIN)/python -m pytest -s tests/run_folder/slow_resume.py tests/run_folder/slow_power_cut.py

bench: $(BENCH)/ready
	$(BENCH)/bin/python -m benchmarks.bench

# Hours, in the background: five seeds of 20 epochs, the original's definition and here.
equivalence: $(VENV)/run-ready
	$(BIN)/python -m benchmarks.equivalence
	$(BIN)/python main.py claims --results_dir Results/claims

# Under two hours: what docs/questions.md shows.
questions: $(DOCS)/ready
	$(DOCS)/bin/python -m benchmarks.questions

growth: $(VENV)/run-ready
	$(BIN)/python -m benchmarks.growth

cluster-demo: $(VENV)/run-ready
	$(BIN)/python -m benchmarks.cluster_demo

format: $(VENV)/test-ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(BENCH) $(DOCS)

$(VENV)/run-ready: requirements.txt
	@$(RIGHT_PYTHON)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

$(VENV)/test-ready: requirements-dev.txt $(VENV)/run-ready
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $@

$(BENCH)/ready: benchmarks/requirements.txt requirements.txt
	@$(RIGHT_PYTHON)
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet -r benchmarks/requirements.txt
	touch $@

$(DOCS)/ready: docs/requirements.txt requirements-dev.txt requirements.txt
	@$(RIGHT_PYTHON)
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet -r docs/requirements.txt
	touch $@
