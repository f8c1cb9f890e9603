# Everything a person does here; `make help` lists it.

SWIFT ?= swift
PREFIX ?= /usr/local
CONFIGURATION = release
BINARY = .build/$(CONFIGURATION)/replique
RELEASE = -c release --static-swift-stdlib -Xlinker -s --explicit-target-dependency-import-check error
DEBUG = --build-tests --explicit-target-dependency-import-check error

.DEFAULT_GOAL := help
.PHONY: help build test demo lab bench format lint install clean packages

help: ## This list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

packages: ## Install what is missing from Debian: libpcap, libyaml, PCRE2, zlib, zstd.
	@.ci/packages build

build: packages ## Build the release binary.
	$(SWIFT) build $(RELEASE) --product replique
	@echo "built $(BINARY)"

test: packages ## Build and run all tests.
	$(SWIFT) build $(DEBUG)
	$(SWIFT) test --disable-xctest --skip-build

demo: build ## Extract a recorded mail, replay it against an embedded server, well and with a fault.
	@Tests/Lab/demo $(BINARY)

lab: build ## Real DNS, mail, FTP and web servers, real clients: transcripts extracted, replayed, served.
	@Tests/Lab/install
	@REPLIQUE=$(abspath $(BINARY)) Tests/Lab/run

bench: build ## Speed beside smtp-source, and of extraction beside libpcap, tcpflow and tshark, as ratios.
	@Tests/Lab/install
	@REPLIQUE=$(abspath $(BINARY)) Tests/Lab/bench
	@REPLIQUE=$(abspath $(BINARY)) Tests/Lab/bench-extract

format: ## Format the sources.
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

lint: ## Formatting, floors, shell scripts.
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests
	@.ci/floors

install: build ## Install into PREFIX (/usr/local).
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/replique

clean: ## Remove what was built and reported.
	rm -rf .build
	find Reports -mindepth 1 ! -name README.md -delete
