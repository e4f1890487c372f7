#!/usr/bin/env bash
# Shows that vendor/ holds the released crates and the patches beside them, and nothing else.
# `make vendored` calls it. With --write it makes the patch anew.
set -euo pipefail
cd "$(dirname "$0")/.."

crate=serde-wasm-bindgen
version=$(awk -F'"' '/^version = / { print $2; exit }' "vendor/$crate/Cargo.toml")
patch=vendor/$crate.patch
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Cargo itself brings the released one, and checks it.
mkdir "$work/ask" "$work/ask/src" "$work/released"
touch "$work/ask/src/lib.rs"
printf '[package]\nname = "ask"\nedition = "2024"\n[dependencies]\n%s = "=%s"\n' "$crate" "$version" >"$work/ask/Cargo.toml"
cargo vendor --quiet --manifest-path "$work/ask/Cargo.toml" "$work/vendor" >/dev/null

cp -r "$work/vendor/$crate/src" "$work/vendor/$crate/LICENSE" "$work/vendor/$crate/README.md" "$work/released"
find "$work/released" -type f -exec sed -i 's/\r$//' {} +
# Cargo.toml is not compared: without its tests, the crate needs less.
cp -r "vendor/$crate" "$work/ours"
rm "$work/ours/Cargo.toml"
(cd "$work" && diff -ru released ours | sed -E 's/^(---|\+\+\+) ([^\t]+)\t.*/\1 \2/; s/^diff .*/diff/') >"$work/patch" || true

if [ "${1-}" = --write ]; then
  cp "$work/patch" "$patch"
elif ! diff -u "$patch" "$work/patch"; then
  echo "vendor/$crate is not $crate $version with $patch" >&2
  exit 1
fi
echo "vendor/$crate is $crate $version with $patch:"
cat "$patch"
