# wabiz.onprem: `make help` lists the targets. Everything is built in this directory; the only requirements are
# Python 3.11 or newer and either a running Docker engine or root on a Debian machine.

DB ?= mysql
ARGS ?=
INVENTORY := inventories/lab
DEMO := build/demo-database
BUNDLE ?= build/bundle
AWX_PROJECT ?= build/awx/wabiz-awx.tar.gz
BUNDLE_IMAGES ?=
BUNDLE_PYTHONS ?=
EE ?= build/execution-environment
EE_BASE ?= debian:12-slim
EE_PYTHON ?= 3.11
EE_IMAGE ?=

# The stand-in's clock runs this many times faster on the lab; 1 is the documented pace.
export STANDIN_TIME_SCALE ?= 4

SHELL := /bin/bash
# The machine's own Python, found before the environment's Python is first on PATH.
PYTHON := $(shell command -v python3)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
PLAY := ansible-playbook -i $(INVENTORY) -e wabiz_database_engine=$(DB)

.DEFAULT_GOAL := help
.PHONY: help venv engine engine-stop images lab-up lab-down lab-status demo test chaos drills bench bench-upgrade bundle awx-project execution-environment clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: lab-up ## A high-availability cluster on lab hosts, registered and verified (DB=mysql or postgresql)
	@# A cluster on the other kind of database is removed first; with the same kind this changes nothing.
	@if test -e $(DEMO) && test "$$(cat $(DEMO))" != $(DB); then \
	  $(PLAY) playbooks/uninstall.yml -e wabiz_uninstall_volumes=wabiz; fi
	@mkdir -p build && echo $(DB) > $(DEMO)
	$(PLAY) playbooks/site.yml
	$(PLAY) playbooks/status.yml
	$(PLAY) playbooks/register.yml
	$(PLAY) playbooks/status.yml

test: ## All checks and tests except the drills, in one pytest run (ARGS='-k lint' for a part)
	@$(MAKE) --no-print-directory --jobs 2 --output-sync venv .venv-newest/.ready
	@python -m pytest -m 'not drill' $(ARGS)

chaos: images ## Random faults under load on the stand-in, 10 min per database (ARGS='--help' for options)
	@python -m tests.standin.chaos $(ARGS)

drills: venv ## The long failure drills on the lab
	@python -m pytest -m drill $(ARGS)

# The benchmarks import the collection by its name, as ansible-playbook does.
bench bench-upgrade: export PYTHONPATH := collections

bench: images ## Compare the cost of our runs with the vendor's shell loop, at 7 and 24 hosts (ARGS='--help' for parts)
	@python -m tests.bench $(ARGS)

bench-upgrade: export STANDIN_TIME_SCALE := 1
bench-upgrade: images ## The same upgrade by the vendor's shell loop and by upgrade.yml, under the same load
	@python -m tests.bench.upgrade $(ARGS)

bundle: export PYTHONPATH := collections
bundle: venv ## One directory for a controller without internet (BUNDLE=, BUNDLE_IMAGES=, BUNDLE_PYTHONS=; docs/offline.md)
	@python -m tools.bundle "$(BUNDLE)" --pythons "$(BUNDLE_PYTHONS)" $(if $(BUNDLE_IMAGES),--images "$(BUNDLE_IMAGES)")

awx-project: export PYTHONPATH := collections
awx-project: venv ## The project for AWX and AAP as an archive, the collection in it (AWX_PROJECT=; docs/awx.md)
	@python -m tools.awx --archive "$(AWX_PROJECT)"

execution-environment: export PYTHONPATH := collections
execution-environment: venv ## The image for AWX and ansible-navigator: its build context, and itself with EE_IMAGE= (docs/execution_environment.md)
	@python -m tools.execution_environment "$(EE)" "$(EE_PYTHON)"
	$(if $(EE_IMAGE),docker build --build-arg EE_BASE_IMAGE="$(EE_BASE)" --tag "$(EE_IMAGE)" "$(EE)/context")

venv: .venv/.ready ## Create the Python environment for all targets

engine: venv ## Make sure that a Docker engine answers; install and start one as root on Debian
	@python -m lab engine

engine-stop: venv ## Stop the Docker engine if `make engine` has started it
	@python -m lab engine-stop

images: engine ## Build all images: lab, stand-in, databases
	@python -m lab images

lab-up: images ## Start the lab's hosts, DNS and registry
	@python -m lab up --inventory $(INVENTORY)

lab-down: venv ## Remove the lab: containers, networks, volumes
	@python -m lab down

lab-status: venv ## Show the lab's hosts
	@python -m lab status

clean: ## Remove the files that the other targets have created here (run lab-down first)
	rm -rf build .venv .venv-newest .ansible .hypothesis .mypy_cache .pytest_cache .ruff_cache

.venv/.ready: requirements.txt requirements-dev.txt standin/requirements.txt tools/venv.py
	@$(PYTHON) tools/venv.py .venv requirements-dev.txt --at-least 3.11 --below 3.14
	@touch $@

# Without a Python that the newest ansible-core accepts, its sanity test is skipped with that reason.
.venv-newest/.ready: requirements-newest.txt tools/venv.py
	@$(PYTHON) tools/venv.py .venv-newest requirements-newest.txt --at-least 3.12 --below 3.15 \
	  && touch $@ || test $$? -eq 3
