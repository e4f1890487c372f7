# Every command of this project. `make` alone lists them.

export PATH := $(CURDIR)/target/tools/bin:$(PATH)

NODE18 = target/node18/node
NODE22 = target/node22/node

# What pkg/ is built from.
SOURCES := Cargo.toml Cargo.lock rust-toolchain.toml package-lock.json \
	scripts/build.js scripts/glue.js scripts/wasm-opt.js scripts/setup.sh \
	$(shell find src module js-shim vendor -type f)

# Every command that `make` lists.
.PHONY: $(shell sed -n 's/^\([a-z0-9-]*\):.*\#\#.*/\1/p' Makefile)
.NOTPARALLEL:
# What a failed build wrote is no build: a file over its budget must not look up to date.
.DELETE_ON_ERROR:

help: ## list the commands
	@grep -E '^[a-z0-9-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

build: pkg/action.js ## build pkg/: index.cjs, index.mjs and action.js, the file to paste

# One run makes all three.
pkg/action.js: $(SOURCES)
	@scripts/setup.sh build
	node scripts/build.js

demo: build ## run whole logins through the built Action, and tell each step
	@scripts/setup.sh build
	node sandbox/demo.js

start: build ## the sandbox: an application, an Auth0 tenant and Authsignal, to log in through the Action
	@scripts/setup.sh build
	@node sandbox

# The parts of `make test`. Each is a job of .github/workflows/ci.yml.
TESTS := test-rust test-wasm test-node18 test-node22 marketplace test-js test-e2e

test: ## run the tests, all but test-slow
	@scripts/setup.sh build test
	$(MAKE) lint-rust types lint-js lint-prose $(TESTS)

lint: lint-rust types lint-js lint-prose lint-workflows ## check the code, the pages and the workflows without running them

lint-rust: ## rustfmt, and clippy for this machine and for wasm32
	@scripts/setup.sh rust
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --workspace --all-targets --target wasm32-unknown-unknown -- -D warnings

types: ## check the JavaScript and the types
	@scripts/setup.sh packages
	npx --no-install tsc --noEmit -p tsconfig.json
	npx --no-install tsc --noEmit --strict --target es2022 --ignoreConfig --types node pkg/*.d.*ts js-shim/build.d.ts

lint-js: ## check how the JavaScript is formatted, and lint it (biome.jsonc)
	@scripts/setup.sh packages
	npx --no-install biome check --error-on-warnings

PAGES = $(wildcard *.md) marketplace/README.md sandbox/README.md $(shell find docs -name '*.md' | sort) pkg/README.md pkg/index.d.ts

lint-prose: ## check the spelling (cspell.json) and the style (scripts/prose.js) of the pages and of the types' comments
	@scripts/setup.sh packages
	npx --no-install cspell lint --no-progress --no-summary $(PAGES)
	node scripts/prose.js $(PAGES)

format: ## format the JavaScript and the Rust
	@scripts/setup.sh rust packages
	npx --no-install biome check --write --linter-enabled=false
	cargo fmt --all

# Offline: the verdict depends on nothing but the files.
lint-workflows: ## look for mistakes in the workflows and in dependabot.yml, with zizmor
	@scripts/setup.sh workflows
	zizmor --offline --pedantic --strict-collection --quiet .github

test-rust: ## the native tests
	@scripts/setup.sh rust
	cargo test --workspace

test-wasm: ## the module's tests in Node and in headless Chrome
	@scripts/setup.sh build browser
	wasm-pack test --node --mode no-install . --test wasm
	WASM_BINDGEN_USE_BROWSER=1 wasm-pack test --headless --chrome \
		--chromedriver "$$(command -v chromedriver)" --mode no-install . --test wasm

# What runs under each Node that Auth0 runs.
EACH_NODE := tests/runtime/*.test.js $(addprefix tests/sandbox/,actions-runtime.test.js action-requests.test.js) \
	$(addprefix tests/package/,load.test.js readme.test.js unit-tests.test.js)

# What takes a minute, and looks at tools that seldom change.
SLOW := $(addprefix tests/,deploy/deploy-cli.test.js deploy/export.test.js bench/bench.test.js bench/soak.test.js)

# What runs under the Node that is there.
THIS_NODE := $(filter-out $(SLOW),$(wildcard $(foreach folder,package sandbox marketplace deploy docs examples parity bench \
	release sabotage,tests/$(folder)/*.test.js)))

test-node18: build ## the built files under Node 18
	@scripts/setup.sh build node18
	SANDBOX_NODE="$$(command -v node)" $(NODE18) --test $(EACH_NODE)

test-node22: build ## the built files under Node 22
	@scripts/setup.sh build node22
	SANDBOX_NODE="$$(command -v node)" $(NODE22) --test $(EACH_NODE)

test-js: build ## the package, the sandbox, deploying, the pages, parity
	@scripts/setup.sh build test
	node --test --test-concurrency=2 $(THIS_NODE)

test-slow: build ## Auth0's Deploy CLI, and the commands that measure (a minute; not in make test, but every night)
	@scripts/setup.sh build test
	node --test --test-concurrency=2 $(SLOW)

test-e2e: build ## whole logins through the sandbox, in headless Chromium
	@scripts/setup.sh build browser
	node --test tests/e2e/*.test.js

marketplace: build ## lint, test and pack the Marketplace integration: target/authsignal-auth0-marketplace.zip
	@scripts/setup.sh build marketplace
	cd marketplace && npm run --silent lint && npm test --silent && npm run --silent zip

size: build ## what is large in the module, and what changed since the last commit
	@scripts/setup.sh build size
	node scripts/size.js $(COMMIT)

golden: build ## take the glue that wasm-bindgen now generates as reviewed (tests/release/glue.js.golden)
	cp target/wasm-pack/authsignal_auth0_bg.js tests/release/glue.js.golden

vendored: ## show in what vendor/ differs from the released crates
	scripts/vendored.sh

sabotage: ## break the shim and its seam one place at a time: a test must see each (ARGS="--shim", "--wasm", "--list")
	@scripts/setup.sh build test
	node tests/sabotage $(ARGS)

bench: build ## measure it beside the official handlers, a bare fetch and a bare node:http (11 minutes; ARGS="--quick")
	@scripts/setup.sh build test
	node bench/index.js $(ARGS)

outage: ## simulate outages, draw docs/images/outage.svg, and fail where a limit is passed (a minute)
	cargo run --release --example outage

soak: build ## 100,000 logins with faults in one process: is its memory flat? (10 minutes)
	@scripts/setup.sh build test
	node bench/soak/index.js --node $(NODE22) --svg docs/images/soak.svg

mutants: ## change the logic in some five hundred ways, one at a time: at each a test has to fail
	@scripts/setup.sh mutants
	scripts/mutants.sh

FUZZ = parse on_execute on_continue
FUZZ_SECONDS ?= 60

fuzz: ## look for inputs that break the rules, FUZZ_SECONDS (60) for each of the three targets
	@scripts/setup.sh fuzz
	@set -e; for target in $(FUZZ); do \
		mkdir -p target/fuzz/found/$$target; \
		cargo +nightly fuzz run $$target \
			target/fuzz/found/$$target fuzz/corpus/$$target -- -max_total_time=$(FUZZ_SECONDS) \
			-dict=fuzz/words.dict -max_len=4096 -timeout=10 -print_final_stats=1; \
	done

fuzz-corpus: ## keep in fuzz/corpus what reaches most of the code, out of it and of what fuzzing found
	@scripts/setup.sh fuzz
	@set -e; for target in $(FUZZ); do \
		mkdir -p target/fuzz/found/$$target; rm -rf target/fuzz/kept; mkdir target/fuzz/kept; \
		cargo +nightly fuzz run $$target \
			target/fuzz/kept fuzz/corpus/$$target target/fuzz/found/$$target -- -merge=1 -set_cover_merge=1 -use_counters=0 -max_len=512; \
		rm -rf fuzz/corpus/$$target; mv target/fuzz/kept fuzz/corpus/$$target; \
	done

screenshots: build ## the README's pictures, from a running sandbox
	@scripts/setup.sh build test
	node scripts/screenshots.js

docs: ## write the parts of docs/ that come from the examples and from the parity test's list
	node scripts/docs.js

site: ## build the documentation site, target/site, from the pages and the types; a warning fails
	@scripts/setup.sh packages
	cd site && npx --no-install typedoc

site-preview: site ## build the site, and serve it on this machine
	npx --no-install esbuild --servedir=target/site --serve=127.0.0.1:0

verify: build ## build twice elsewhere: is pkg/ what anybody gets? And its checksums (a few minutes)
	@node scripts/verify.js

extract: build ## FILE=my-action.js: is the code of a pasted file that of this build? And its module
	@node scripts/extract.js $(if $(FILE),"$(FILE)")

deny: ## the licenses, versions and sources of the crates
	@scripts/setup.sh deny
	cargo deny --locked --workspace check licenses bans sources

advisories: ## the known vulnerabilities of the crates; fetches the RustSec database
	@scripts/setup.sh deny
	cargo deny --locked --workspace check advisories

sbom: ## list the crates of the module, as CycloneDX, in target/
	@scripts/setup.sh sbom
	@node scripts/sbom.js

clean: ## remove what was built
	rm -rf target fuzz/target node_modules site/node_modules marketplace/node_modules pkg/index.cjs pkg/index.mjs pkg/action.js
