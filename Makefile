# Every command of this project. `make` alone lists them.

export PATH := $(CURDIR)/target/tools/bin:$(PATH)

NODE18 = target/node18/node
NODE22 = target/node22/node

# What pkg/ is built from.
SOURCES := Cargo.toml Cargo.lock rust-toolchain.toml package-lock.json $(wildcard scripts/*) \
	$(shell find src module js-shim -type f)

.PHONY: help build demo start test test-rust test-wasm test-js test-e2e bench mutants fuzz fuzz-corpus screenshots types clean
.NOTPARALLEL:
# What a failed build wrote is no build: a file over its budget must not look up to date.
.DELETE_ON_ERROR:

help: ## list the commands
	@grep -E '^[a-z0-9-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

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

test: build ## pass every test
	@scripts/setup.sh build test
	$(MAKE) test-rust test-wasm test-js test-e2e types

test-rust: ## format, clippy, and the native tests
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --workspace --all-targets --target wasm32-unknown-unknown -- -D warnings
	cargo test --workspace

test-wasm: ## the module's tests in Node and in headless Chrome
	wasm-pack test --node --mode no-install . --test wasm
	WASM_BINDGEN_USE_BROWSER=1 wasm-pack test --headless --chrome \
		--chromedriver "$$(command -v chromedriver)" --mode no-install . --test wasm

test-js: ## the built files under Node 18 and 22, the sandbox, and parity with the official package
	SANDBOX_NODE="$$(command -v node)" $(NODE18) --test tests/runtime/*.test.js tests/sandbox/actions-runtime.test.js
	SANDBOX_NODE="$$(command -v node)" $(NODE22) --test tests/runtime/*.test.js tests/sandbox/actions-runtime.test.js
	node --test tests/sandbox/*.test.js tests/parity/*.test.js tests/bench/*.test.js

test-e2e: ## whole logins through the sandbox, in headless Chromium
	node --test tests/e2e/*.test.js

bench: build ## measure it beside the official handlers and a bare fetch (8 minutes)
	@scripts/setup.sh build test
	node bench/index.js

mutants: ## change the logic in some four hundred ways, one at a time: at each a test has to fail
	@scripts/setup.sh mutants
	scripts/mutants.sh

FUZZ = parse execute resume
FUZZ_SECONDS = 60

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

types: ## check the JavaScript and the types
	npx --no-install tsc --noEmit -p tsconfig.json
	npx --no-install tsc --noEmit --strict --target es2022 --ignoreConfig --types node pkg/index.d.ts js-shim/build.d.ts

clean: ## remove what was built
	rm -rf target fuzz/target node_modules pkg/index.cjs pkg/index.mjs pkg/action.js
