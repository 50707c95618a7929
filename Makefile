# Serverlesspresso in Rust. `make` alone says what there is.
#
# EMULATOR=localstack       LocalStack's Docker image instead of MiniStack
# PORT=4567                 another port for the emulator
# AWS_ENDPOINT_URL=http://… uses the emulator that runs there, and starts none
# CONFIG_ENV=prod           the environment of samconfig.toml for build and deploy
SHELL := /usr/bin/env bash
CONFIG_ENV ?= default
export EMULATOR PORT STACK CHAOS ORDERS SEED

.DEFAULT_GOAL := help
.PHONY: help demo up sync down test end-to-end model chaos mutations burst bench cost growth workshop workshop-test check build deploy

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

demo: ## from nothing to a served coffee on this machine; leaves the bar running
	@scripts/demo.sh

up: ## tools, keys, emulator, build, deployment: the bar on this machine
	@scripts/up.sh

sync: ## after an edit of a function: build what changed, and put it into the bar that runs
	@scripts/sync.sh

down: ## stop what make up started
	@scripts/down.sh

test: ## unit tests and the end-to-end suite
	@scripts/test.sh

end-to-end: ## the end-to-end suite alone
	@scripts/test.sh end-to-end

chaos: ## 500 orders while everything fails now and then; CHAOS=short for less, SEED= for the same dice
	@scripts/chaos.sh

model: ## explore every state of a small bar (MODEL_LONG=1: larger bars too), and hold the shipped expressions to it
	@scripts/model.sh

mutations: ## put in mistakes one by one, and show that the proofs find them (ONLY=word: some of them)
	@scripts/mutations.sh

burst: ## 1,000 scans within a second at a shop with room for 20; BURST="--scans 200" for another one
	@scripts/burst.sh $(BURST)

bench: ## the functions as they are shipped, beside one that does nothing: CPU, memory, size (BENCH=--help)
	@scripts/bench.sh $(BENCH)

cost: ## what AWS would bill for one order of each kind, held to the design; COST="--only completed" for less
	@scripts/measure.sh cost $(COST)

growth: ## what an order takes as stored orders grow to 10,000 and customers to 100 at once; GROWTH=--help
	@scripts/measure.sh growth $(GROWTH)

workshop: ## a site of the workshop's pages, every link of it followed
	@scripts/workshop-site.sh

workshop-test: ## follow the workshop's pages as a reader does, and try wrong attempts (WORKSHOP=--help)
	@scripts/workshop-test.sh $(WORKSHOP)

check: ## formatting, lints, documentation, template, dependencies
	@scripts/check.sh

build: ## the functions, for AWS
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
