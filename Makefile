# What one does with this repository. `make` alone lists it.

SWIFT ?= swift
SEEDS ?= 10000
SEED ?=
CONFIGURATION ?= debug
BENCH ?=
PLAN ?=
TORTURE ?=
# One file that runs on machines without the toolchain.
STATIC ?= --static-swift-stdlib
release_binary = .build/release/sluice

.DEFAULT_GOAL := help
.PHONY: help demo build release test tsan lint format bench plan simulate torture acceptance docs screenshots packages clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: release ## sync simulated platforms, prove that every row arrived, and show it on the web page
	@$(release_binary) demo

build: packages ## the debug build
	$(SWIFT) build

release: packages ## the release build: .build/release/sluice
	$(SWIFT) build -c release --product sluice $(STATIC)

test: ## every test, as CI runs them; STEPS="unit http" runs some
	@Scripts/packages.sh test
	@SWIFT=$(SWIFT) Scripts/test.sh $(STEPS)

tsan: packages ## unit tests and the simulation under the thread sanitizer
	@SWIFT=$(SWIFT) Scripts/test.sh tsan

lint: ## formatting, sizes, layers, forbidden calls
	@SWIFT=$(SWIFT) Scripts/test.sh lint sources

format: ## let the formatter lay out all sources
	$(SWIFT) format format --in-place --parallel --recursive Sources Tests Package.swift

bench: release ## measure, and print the table of docs/benchmarks.md; BENCH="--large --write"
	@Scripts/packages.sh bench
	@python3 Scripts/bench.py --binary $(release_binary) $(BENCH)

plan: ## machines and database for your accounts, by calculation and simulation: PLAN="--one --accounts 5000 --every 6"
	@python3 Scripts/plan.py $(PLAN)

simulate: packages ## many seeds of the simulation: SEEDS=10000 FROM=301; one again: SEED=17
	$(SWIFT) build -c $(CONFIGURATION) --build-tests
	SLUICE_SEEDS=$(SEEDS) $(if $(FROM),SLUICE_FROM=$(FROM)) $(if $(SEED),SLUICE_SEED=$(SEED)) SWIFT_DETERMINISTIC_HASHING=1 \
	    $(SWIFT) test -c $(CONFIGURATION) --skip-build --disable-xctest --filter 'SyncEngineTests\.SimulationTests'

torture: release ## the long fault cases into docs/reliability.md; TORTURE="--only F35 --set SOAK_SECONDS=21600"
	@Scripts/packages.sh test
	@Scripts/torture.py --long --write $(TORTURE)

acceptance: ## the official SDKs against the sandbox
	@Scripts/packages.sh test
	$(SWIFT) build --product sluice
	@Scripts/acceptance.sh

docs: build ## docs/data-tables.md from the schemas
	.build/debug/sluice schema-docs > docs/data-tables.md.new
	mv docs/data-tables.md.new docs/data-tables.md

screenshots: build ## a picture of each page into .build/screenshots, and those of the README
	@Scripts/packages.sh test
	@Scripts/browser.sh --screenshots

packages:
	@Scripts/packages.sh

clean: ## remove what was built; databases stay
	rm -rf .build .build-tsan .venv .venv-browser .venv-pages
