# Serverlesspresso in Rust. `make` alone lists the targets.
#
# EMULATOR=localstack       LocalStack's Docker image instead of MiniStack
# PORT=4567                 another port for the emulator
# AWS_ENDPOINT_URL=http://… uses the emulator that runs there, and starts none
# CONFIG_ENV=prod           the environment of samconfig.toml for build and deploy
SHELL := /usr/bin/env bash
CONFIG_ENV ?= default
export EMULATOR PORT STACK CHAOS ORDERS SEED

.DEFAULT_GOAL := help
.PHONY: help demo time-demo up sync down test end-to-end foreign model chaos mutations burst bench cost growth workshop workshop-test check build deploy

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

demo: ## from a clone to a served coffee on this machine; leaves the bar running
	@scripts/demo.sh

time-demo: ## measure make demo and its longest silence in an empty clone of HEAD
	@scripts/time_demo.py

up: ## start the bar on this machine: tools, emulator, build, keys, deployment
	@scripts/up.sh

sync: ## after an edit of a function: compile it and update it in the running bar
	@scripts/sync.sh

down: ## stop what make up started
	@scripts/down.sh

test: ## unit tests and the end-to-end suite
	@scripts/test.sh

end-to-end: ## the end-to-end suite alone
	@scripts/test.sh end-to-end

foreign: ## thirty malformed and replayed events on the running bar: they must start nothing
	@scripts/foreign.sh

chaos: ## 500 orders while every call fails now and then (CHAOS=short: fewer; SEED=: a run again)
	@scripts/chaos.sh

matrix: ## every route with every kind of credential, against the running bar
	@scripts/matrix.sh

model: ## explore every state of a small bar, compare the shipped expressions (MODEL_LONG=1: larger)
	@scripts/model.sh

mutations: ## apply mutations one by one; a proof must find each (ONLY=word: some of them)
	@scripts/mutations.sh

burst: ## 1,000 scans within a second at a shop with a capacity of 20 (BURST="--scans 200": fewer)
	@scripts/burst.sh $(BURST)

bench: ## CPU, memory and size of the shipped functions, beside one that does nothing (BENCH=--help)
	@scripts/bench.sh $(BENCH)

cost: ## what AWS would bill for one order of each kind (COST="--only completed": one kind)
	@scripts/measure.sh cost $(COST)

growth: ## what an order takes among 10,000 stored orders and 100 customers at once (GROWTH=--help)
	@scripts/measure.sh growth $(GROWTH)

workshop: ## a site of the workshop's pages, every link of it followed
	@scripts/workshop-site.sh

workshop-test: ## follow the workshop's pages as a reader does, and try wrong attempts (WORKSHOP=--help)
	@scripts/workshop-test.sh $(WORKSHOP)

check: ## formatting, lints, documentation, template, dependencies
	@scripts/check.sh

build: ## build the functions for AWS
	@scripts/build.sh $(CONFIG_ENV)

deploy: ## build, and deploy to AWS with your credentials
	@scripts/deploy.sh $(CONFIG_ENV)

# The checks need Python 3.11 alone; the tools bring one.
PYTHON3 := $(firstword $(wildcard .local/venv/bin/python) python3) -B
.PHONY: tidy words contract

tidy: ## lengths, widths, dependency directions, READMEs
	@$(PYTHON3) scripts/tidy.py

words: ## words that the texts avoid
	@$(PYTHON3) scripts/words.py

contract: ## what callers, events and tables show, compared with BASE=revision (4be55f2)
	@scripts/tools.sh
	@.local/venv/bin/python -B scripts/contract.py $(BASE)

.PHONY: field
field: ## faults that users of similar systems reported, tried here (FIELD="--only cors": one row)
	@scripts/field.sh $(FIELD)

.PHONY: ci-long
ci-long: ## the long forms of the proofs, before a release
	@scripts/ci-long.sh

.PHONY: recording
recording: ## the picture of a served order in the README, from the running bar
	@scripts/recording.sh
