#!/usr/bin/env bash
# Installs what is missing, and nothing that is there. `make` calls it with the names of what it needs:
#   scripts/setup.sh build            to build pkg/
#   scripts/setup.sh build test       to run the tests too
#   scripts/setup.sh mutants          to change the logic and see the tests fail
#   scripts/setup.sh fuzz             to fuzz it
# Tools that are not on the PATH in the right version go into target/tools, not into the system; only
# Chromium and its driver are Debian's packages.
set -euo pipefail
cd "$(dirname "$0")/.."

wasm_pack=0.15.1
node18=18.20.8
node22=22.23.3
cargo_mutants=27.1.0
cargo_fuzz=0.13.2

tools=$PWD/target/tools
export PATH="$tools/bin:$PATH"

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# The version that Cargo.lock has of a crate.
locked() { awk -v name="\"$1\"" '$1 == "name" && $3 == name { getline; gsub(/"/, "", $3); print $3; exit }' Cargo.lock; }

# cargo_tool CRATE COMMAND VERSION: a command of that version, from crates.io. It may be cargo's: "cargo fuzz".
cargo_tool() {
  local crate=$1 command=$2 version=$3
  if [ "$($command --version 2>/dev/null | awk '{ print $2 }')" = "$version" ]; then return; fi
  say "compiling $crate $version (a few minutes, once) …"
  # Where the newest crates of its lock file are not to be had, cargo chooses others.
  cargo install "$crate" --version "=$version" --root "$tools" --quiet --locked 2>/dev/null ||
    cargo install "$crate" --version "=$version" --root "$tools" --quiet
}

# node_runtime MAJOR VERSION: one of Auth0's runtimes, out of the package that carries its binary.
node_runtime() {
  local folder=target/node$1 package version=$2
  package=$(node -p '`node-${process.platform}-${process.arch}`')
  if [ "$("$folder/node_modules/$package/bin/node" --version 2>/dev/null)" = "v$version" ]; then return; fi
  say "installing Node $version …"
  mkdir -p "$folder"
  npm install --prefix "$folder" --no-save --no-package-lock --silent "$package@$version" >/dev/null ||
    fail "Node $version is not to be had as a package for this platform: run the tests on Linux"
  ln -sfn "node_modules/$package/bin/node" "$folder/node"
}

build() {
  command -v cargo >/dev/null || fail "install Rust first: https://rustup.rs"
  command -v npm >/dev/null || fail "install Node 20 or later first: https://nodejs.org"
  [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" = true ] ||
    fail "Node 20 or later is needed, and this is $(node --version)"
  if ! rustc --print target-libdir --target wasm32-unknown-unknown 2>/dev/null | xargs ls >/dev/null 2>&1; then
    say "adding Rust's wasm target …"
    rustup target add wasm32-unknown-unknown >/dev/null 2>&1 ||
      fail "add the target wasm32-unknown-unknown to your Rust"
  fi
  cargo_tool wasm-pack wasm-pack "$wasm_pack"
  cargo_tool wasm-bindgen-cli wasm-bindgen "$(locked wasm-bindgen)"
  if [ package-lock.json -nt node_modules/.package-lock.json ]; then
    say "installing npm packages …"
    npm ci --silent
    touch node_modules/.package-lock.json
  fi
}

test() {
  node_runtime 18 "$node18"
  node_runtime 22 "$node22"
  if ! { command -v chromium && command -v chromedriver; } >/dev/null; then
    local apt="apt-get"
    [ "$(id -u)" = 0 ] || apt="sudo -n apt-get"
    command -v apt-get >/dev/null || fail "install Chromium and chromedriver, so that both are on the PATH"
    say "installing Chromium and its driver …"
    { $apt update && $apt install --yes --no-install-recommends chromium chromium-driver; } >/dev/null 2>&1 ||
      fail "apt-get can't install them: run 'sudo apt-get install chromium chromium-driver'"
  fi
}

mutants() { cargo_tool cargo-mutants "cargo mutants" "$cargo_mutants"; }

fuzz() {
  command -v c++ >/dev/null || fail "install a C++ compiler: libFuzzer is compiled with it"
  if ! cargo +nightly --version >/dev/null 2>&1; then
    say "installing a nightly Rust …"
    rustup toolchain install nightly --profile minimal >/dev/null 2>&1 || fail "add a nightly toolchain to your Rust"
  fi
  cargo_tool cargo-fuzz "cargo fuzz" "$cargo_fuzz"
}

for part in "$@"; do
  case $part in
    build | test | mutants | fuzz) "$part" ;;
    *) fail "no such part: $part (build, test, mutants, fuzz)" ;;
  esac
done
