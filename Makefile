# Serverlesspresso in Rust. `make` alone lists the targets.
#
# EMULATOR=localstack       uses the Docker image of LocalStack instead of MiniStack
# PORT=4567                 uses another port for the emulator
# AWS_ENDPOINT_URL=http://… uses the emulator at this address, and starts none
# LAN=192.168.1.20          also serves the pages at this address of this machine, for phones
#                           (STAFF=1: prints the links for staff even then)
# REALTIME=none             deploys without the WebSocket API; LocalStack has none anyway
# THREADS=4                 runs this number of tests at once, on a busy machine
# CONFIG_ENV=prod           selects the environment of samconfig.toml for build and deploy
SHELL := /usr/bin/env bash
CONFIG_ENV ?= default
export EMULATOR REALTIME PORT STACK THREADS CHAOS ORDERS SEED ONLY LAN STAFF BREAK PARAMETERS

.DEFAULT_GOAL := help
.PHONY: help demo time-demo up sync down test end-to-end core-alone foreign matrix model chaos mutations burst bench arm64 cost alarms growth workshop workshop-test check build sbom package deploy

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

demo: ## build, deploy and open the bar on this machine, and serve one order; leaves the bar running
	@scripts/demo.sh

time-demo: ## measure make demo in a new clone of HEAD: total time, and longest time without output
	@scripts/time_demo.py

up: ## start the bar on this machine: tools, emulator, build, keys, deployment, pages
	@scripts/up.sh
	@scripts/serve.sh start

sync: ## after an edit of a function: compile it and update it in the running bar
	@scripts/sync.sh

down: ## stop the emulator and the server of the pages that make up started
	@scripts/down.sh

test: ## unit tests and the end-to-end suite
	@scripts/test.sh

end-to-end: ## only the end-to-end suite
	@scripts/test.sh end-to-end

foreign: ## publish thirty malformed and replayed events on the running bar, which must start nothing
	@scripts/foreign.sh

core-alone: ## the end-to-end suite against a bar without realtime, and a check of its resources
	@scripts/core-alone.sh

chaos: ## 500 orders while calls to AWS fail at random (CHAOS=short: fewer; SEED=: repeat a run)
	@scripts/chaos.sh

matrix: ## every route with every kind of credential, against the running bar
	@scripts/matrix.sh

model: ## explore every state of small shops, compare the shipped expressions (MODEL_LONG=1: larger)
	@scripts/model.sh

mutations: ## apply mutations one by one; a proof must find each (ONLY=word: some of them)
	@scripts/mutations.sh

burst: ## 1,000 scans within a second at a shop with capacity for 20 (BURST="--scans 200": fewer)
	@scripts/burst.sh $(BURST)

bench: ## CPU, memory and size of the functions, compared with the no-op function (BENCH=--help)
	@scripts/bench.sh $(BENCH)

arm64: ## build the functions for arm64, check their symbols and run each (BREAK=1: a refusal)
	@scripts/arm64.sh

cost: ## the AWS bill for one order of each kind (COST="--only completed": one kind)
	@scripts/measure.sh cost $(COST)

alarms: ## put each alarm of the template into ALARM on the emulator, by its cause or by metric data
	@scripts/alarms.sh

growth: ## cost and time of an order among 10,000 stored orders and 100 customers (GROWTH=--help)
	@scripts/measure.sh growth $(GROWTH)

workshop: ## build a site of the workshop and check its links
	@scripts/workshop-site.sh

workshop-test: ## follow the pages of the workshop, and try wrong solutions (WORKSHOP=--help)
	@scripts/workshop-test.sh $(WORKSHOP)

check: ## checks without a running stack: formatting, lints, documents, template, scripts, licences
	@scripts/check.sh

build: ## build the functions for AWS
	@scripts/build.sh $(CONFIG_ENV)

sbom: ## list the crates in each shipped function, in .local/sbom (CycloneDX)
	@scripts/sbom.sh

package: ## build an archive that sam deploy deploys without Rust: .local/serverlesspresso-*.zip
	@scripts/package.sh

deploy: ## build, and deploy to AWS with your credentials (PARAMETERS="Name=value …")
	@scripts/deploy.sh $(CONFIG_ENV)

.PHONY: teardown copy-table
teardown: ## delete the stack NAME, its tables and users; lists what is left (YES=1: without asking)
	@scripts/teardown.sh $(NAME) $(if $(YES),--yes)

copy-table: ## copy what the table TO lacks from the table FROM (OVERWRITE=1: also items that differ)
	@scripts/copy-table.sh $(FROM) $(TO) $(if $(OVERWRITE),--overwrite)
.PHONY: first-day
first-day: ## ask AWS what no emulator can answer, with a stack of its own (LOCAL=1: ask an emulator)
	@LOCAL="$(LOCAL)" WRONG="$(WRONG)" TEARDOWN="$(TEARDOWN)" BILL="$(BILL)" MAIL="$(MAIL)" \
	  CONFIRM="$(CONFIRM)" CONFIG_ENV="$(CONFIG_ENV)" scripts/first-day.sh

# tidy and words need only Python 3.11 or newer: that of .local/venv, or else python3.
PYTHON3 := $(firstword $(wildcard .local/venv/bin/python) python3) -B
.PHONY: tidy words contract

tidy: ## lengths, widths, dependency directions, READMEs
	@$(PYTHON3) scripts/tidy.py

words: ## words that the texts avoid
	@$(PYTHON3) scripts/words.py

contract: ## compare API, events and tables with those of BASE=revision (4be55f2)
	@scripts/tools.sh
	@.local/venv/bin/python -B scripts/contract.py $(BASE)

.PHONY: field
field: ## faults that users of similar systems reported, tried here (FIELD="--only cors": one row)
	@scripts/field.sh $(FIELD)

.PHONY: roles
roles: ## compare what each role may do with what the end-to-end suite did with it
	@scripts/roles.sh

.PHONY: ci-long
ci-long: ## run the long forms of the proofs, before a version is published
	@scripts/ci-long.sh

.PHONY: recording
recording: ## record the picture of an order in the README, at the running bar
	@scripts/recording.sh

.PHONY: web web-build web-check
web: ## rebuild the web pages on each save, with a proxy to the running bar (API_URL=: another one)
	@scripts/web.sh watch

web-build: ## build the web pages into functions/screens/pages, after an edit in web/ or openapi.yaml
	@scripts/web.sh build

web-check: ## types, lints and unit tests of the web pages; refuses committed pages that differ
	@scripts/web.sh check

.PHONY: screens-test screens-pictures screens-speed
screens-test: ## every state of the web pages in Chromium, on the running bar (ONLY=word: some tests)
	@scripts/screens.sh test

screens-pictures: ## run screens-test, and write a picture of each state into docs/screens
	@scripts/screens.sh pictures

screens-speed: ## weight, first paint and blocking time of each page on a slow phone
	@scripts/screens.sh speed
