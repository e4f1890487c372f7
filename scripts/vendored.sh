#!/usr/bin/env bash
# Shows that vendor/ holds the released crate with vendor/patches applied in order, and nothing else.
# `make vendored` calls it. With --write it makes vendor/ so.
set -euo pipefail
cd "$(dirname "$0")/.."

crate=serde-wasm-bindgen
version=$(awk -F'"' '/^version = / { print $2; exit }' "vendor/$crate/Cargo.toml")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Cargo itself brings the released one, and checks it.
mkdir "$work/ask" "$work/ask/src" "$work/patched"
touch "$work/ask/src/lib.rs"
printf '[package]\nname = "ask"\nedition = "2024"\n[dependencies]\n%s = "=%s"\n' "$crate" "$version" >"$work/ask/Cargo.toml"
cargo vendor --quiet --manifest-path "$work/ask/Cargo.toml" "$work/vendor" >/dev/null

cp -r "$work/vendor/$crate/src" "$work/vendor/$crate/LICENSE" "$work/vendor/$crate/README.md" "$work/patched"
find "$work/patched" -type f -exec sed -i 's/\r$//' {} +
patches=("$PWD"/vendor/patches/*.patch)
for patch in "${patches[@]}"; do
  if ! (cd "$work/patched" && git apply "$patch"); then
    echo "$patch doesn't apply to $crate $version with those before it" >&2
    exit 1
  fi
done

# Cargo.toml is not compared: without its tests, the crate needs less.
cp "vendor/$crate/Cargo.toml" "$work/patched"
if [ "${1-}" = --write ]; then
  rm -r "vendor/$crate"
  cp -r "$work/patched" "vendor/$crate"
elif ! diff -ru "$work/patched" "vendor/$crate"; then
  echo "vendor/$crate is not $crate $version with vendor/patches" >&2
  exit 1
fi
echo "vendor/$crate is $crate $version with these patches:"
sed -n 's/^Subject: //p' "${patches[@]}"
