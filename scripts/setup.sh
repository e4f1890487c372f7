#!/usr/bin/env bash
# Installs what is missing, and nothing that is there. `make` calls it with the names of what it needs:
#   scripts/setup.sh rust             to run Rust's own checks and tests
#   scripts/setup.sh packages         to run JavaScript that needs npm packages
#   scripts/setup.sh build            to build pkg/ (includes rust and packages)
#   scripts/setup.sh build node18     to run tests under one of Auth0's runtimes: node18, node22
#   scripts/setup.sh build browser    to run tests in a browser
#   scripts/setup.sh build test       to run the tests (includes node18, node22 and browser)
#   scripts/setup.sh build size       to see what is large in the module
#   scripts/setup.sh build marketplace  to check and pack the Marketplace integration
#   scripts/setup.sh workflows        to lint the workflows
#   scripts/setup.sh deny sbom        to check the crates, and to list them
#   scripts/setup.sh mutants          to change the logic and see the tests fail
#   scripts/setup.sh fuzz             to fuzz it
# Tools that are not on the PATH in the right version go into target/tools, not into the system; only
# Chromium and its driver are Debian's packages.
set -euo pipefail
cd "$(dirname "$0")/.."

wasm_pack=0.15.1
cargo_deny=0.20.2
cargo_cyclonedx=0.5.9
twiggy=0.8.0
cargo_mutants=27.1.0
cargo_fuzz=0.13.2
zizmor=1.32.0
node18=18.20.8
node22=22.23.3

tools=$PWD/target/tools
export PATH="$tools/bin:$PATH"

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# The version that Cargo.lock has of a crate.
locked() { awk -v name="\"$1\"" '$1 == "name" && $3 == name { getline; gsub(/"/, "", $3); print $3; exit }' Cargo.lock; }

# cargo_tool CRATE COMMAND VERSION: a command of that version, from crates.io. The command may be cargo's own.
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

# rustup takes what rust-toolchain.toml names; any other rustc has to be new enough.
rust() {
  command -v cargo >/dev/null || fail "install Rust first: https://rustup.rs"
  local least have
  least=$(awk -F '"' '$1 == "rust-version = " { print $2; exit }' Cargo.toml)
  have=$(rustc --version | awk '{ print $2 }') || fail "rustc does not run"
  [ "$(printf '%s\n' "$least" "$have" | sort -V | head -n 1)" = "$least" ] ||
    fail "Rust $least or later is needed, and this is $have"
  if ! rustc --print target-libdir --target wasm32-unknown-unknown 2>/dev/null | xargs ls >/dev/null 2>&1; then
    say "adding Rust's wasm target …"
    rustup target add wasm32-unknown-unknown >/dev/null 2>&1 ||
      fail "add the target wasm32-unknown-unknown to your Rust"
  fi
}

# npm_packages FOLDER: what the lock file of the folder has.
npm_packages() {
  if [ "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ]; then
    say "installing npm packages …"
    npm ci --silent --prefix "$1"
    touch "$1/node_modules/.package-lock.json"
  fi
}

packages() {
  command -v npm >/dev/null || fail "install Node 20 or later first: https://nodejs.org"
  [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" = true ] ||
    fail "Node 20 or later is needed, and this is $(node --version)"
  npm_packages .
}

marketplace() { npm_packages marketplace; }

build() {
  rust
  packages
  cargo_tool wasm-pack wasm-pack "$wasm_pack"
  cargo_tool wasm-bindgen-cli wasm-bindgen "$(locked wasm-bindgen)"
}

node18() { node_runtime 18 "$node18"; }
node22() { node_runtime 22 "$node22"; }

test() {
  node18
  node22
  browser
}

installed_browser() { command -v "${CHROMIUM:-chromium}" || command -v google-chrome; }

# Chromium or Chrome, and the driver of its version.
browser() {
  if ! { installed_browser && command -v chromedriver; } >/dev/null; then
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get) packages=(chromium chromium-driver)
    local ask="put Chromium or Chrome, and the chromedriver of its version, on the PATH"
    command -v apt-get >/dev/null || fail "$ask"
    # A snap sees neither this folder nor /tmp.
    ! grep -qs '^ID=ubuntu' /etc/os-release || fail "Ubuntu's own Chromium is a snap, which won't do: $ask"
    [ "$(id -u)" = 0 ] || apt=(sudo -n "${apt[@]}")
    say "installing Chromium and its driver …"
    { "${apt[@]}" update && "${apt[@]}" install --yes --no-install-recommends "${packages[@]}"; } >/dev/null 2>&1 ||
      fail "apt-get can't install them: run 'sudo apt-get install ${packages[*]}'"
  fi
  "$(installed_browser)" --version >/dev/null 2>&1 || fail "$(installed_browser) does not run"
}

# A wheel has the compiled zizmor, which saves minutes. Not every Python can install one.
workflows() {
  if [ "$(zizmor --version 2>/dev/null | awk '{ print $2 }')" = "$zizmor" ]; then return; fi
  say "installing zizmor $zizmor …"
  if {
    python3 -m venv --clear "$tools/python" &&
      "$tools/python/bin/pip" install --only-binary :all: "zizmor==$zizmor"
  } >/dev/null 2>&1; then
    mkdir -p "$tools/bin"
    ln -sfn ../python/bin/zizmor "$tools/bin/zizmor"
  else
    cargo_tool zizmor zizmor "$zizmor"
  fi
}

deny() { cargo_tool cargo-deny cargo-deny "$cargo_deny"; }
sbom() { cargo_tool cargo-cyclonedx "cargo cyclonedx" "$cargo_cyclonedx"; }

size() { cargo_tool twiggy twiggy "$twiggy"; }

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
    rust | packages | build | node18 | node22 | browser | test) "$part" ;;
    marketplace | size | workflows | deny | sbom | mutants | fuzz) "$part" ;;
    *) fail "no such part: $part (the head of scripts/setup.sh lists them)" ;;
  esac
done
