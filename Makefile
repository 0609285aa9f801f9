# ampd-plan: `make help` lists the targets. GNU make, bash, Swift 6.2 or newer.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build

PREFIX ?= /usr/local
DESTDIR ?=

VERSION := $(shell sed -n 's/.*static let current = "\(.*\)".*/\1/p' \
	Sources/ampd-plan/Version.swift 2>/dev/null)
# The manifest reads this; a plain `swift build` says "unknown".
AMPD_PLAN_COMMIT ?= $(shell git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null \
	|| echo unknown)

# The Swift run time is linked in, so that the binary outlives the toolchain that built it.
RELEASE := -c release --static-swift-stdlib --product ampd-plan
BINARY := .build/release/ampd-plan
SOURCES := Sources Tests Package.swift

DEMO := plan --model llama-3.1-70b --gpu h200-sxm --gpus 8 --template agent --rate 1/s \
	--ttft 2s --itl 50ms

.PHONY: setup setup-tests build test verify verify-release soak mutation bench fidelity golden docs demo lint format dist install clean help

setup: ## Install the system libraries that are missing and check the Swift version
	@.ci/setup

setup-tests:
	@.ci/setup --tests

build: setup ## Build the release binary (the default)
	AMPD_PLAN_COMMIT='$(AMPD_PLAN_COMMIT)' swift build $(RELEASE) >&2

test: setup-tests ## Run all tests
	swift test

# Those whose counts depend on AMPD_VERIFY.
COUNTED := DiscreteEventsTests|SimulationTests|MutatedTraceTests

verify: setup-tests ## Run all tests with full counts; AMPD_VERIFY=sample takes a part of them
	AMPD_VERIFY="$${AMPD_VERIFY:-1}" swift test \
		$(if $(filter sample,$(AMPD_VERIFY)),--filter '$(COUNTED)')
	$(if $(filter sample,$(AMPD_VERIFY)),,$(MAKE) verify-release)

verify-release: build ## Run the tests of the command line on the release binary
	AMPD_PLAN_BINARY='$(abspath $(BINARY))' swift test --filter 'CommandLineTests|GoldenTests'

mutation: setup ## Plant faults into the simulator and count those that the tests catch
	@command -v python3 >/dev/null || { echo 'make mutation needs Python 3 (package python3).' >&2; exit 1; }
	python3 Tests/Mutation/mutation.py $(MUTATION)

soak: setup-tests ## Compare engine and oracle on 100,000 random scenarios
	AMPD_SOAK=1 swift test --filter OracleTests

bench: setup ## Time the simulator on fixed workloads, in a release build
	swift run -c release Benchmarks

fidelity: build ## Predict public measurements anew and write docs/fidelity.md (DATA=folder of them)
	@command -v python3 >/dev/null || { echo 'make fidelity needs Python 3 (package python3).' >&2; exit 1; }
	@test -d "$(DATA)" || { echo 'make fidelity needs DATA=FOLDER, the folder of the public measurements.' >&2; exit 1; }
	python3 docs/fidelity/generate.py $(BINARY) "$(DATA)"

golden: setup ## Plan every example anew and keep the answers, in the docs too
	AMPD_GOLDEN=write swift test --filter 'ExampleTests|ReadmeTests|TutorialTests|CaseReferenceTests|KnobReferenceTests|CollectorListTests|CollectedCurvesTests|ServedRunsTests|ExportGoldenTests|RulePageTests'

docs: ## Compile the guides to the DocC archive dist/ampd-plan.doccarchive
	@mkdir -p dist
	.ci/docs dist/ampd-plan.doccarchive

demo: build ## Plan a cluster of eight GPUs for an agent workload
	@$(BINARY) $(DEMO)

lint: ## Check the format of every Swift file
	swift format lint --strict --recursive $(SOURCES)

format: ## Format every Swift file in place
	swift format --in-place --recursive $(SOURCES)

dist: build ## Pack dist/ampd-plan-VERSION-linux-ARCH.tar.gz
	.ci/dist '$(VERSION)' $(BINARY)

install: ## Copy binary, manual pages and completions to DESTDIR PREFIX, building if need be
	@test -x $(BINARY) || $(MAKE) build
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -m 755 $(BINARY) '$(DESTDIR)$(PREFIX)/bin/ampd-plan'
	.ci/share $(BINARY) '$(DESTDIR)$(PREFIX)/share'

clean: ## Remove everything that was built
	rm -rf .build dist

help: ## List the targets
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 10
