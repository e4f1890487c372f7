#!/usr/bin/env bash
# Runs cargo-mutants, and compares what survives with tests/mutants.txt: fails at a mutant that is not
# listed there as equivalent, and at a listed one that is no more.
#   scripts/mutants.sh --file src/retry.rs     a part of it, which shows the survivors and compares nothing
set -euo pipefail
cd "$(dirname "$0")/.."

# The properties draw the same few cases at each mutant: two runs end alike, and it is the tables that count.
# A failure is enough: nobody reads the smallest one.
export PROPTEST_RNG_SEED=1 PROPTEST_CASES=16 PROPTEST_MAX_SHRINK_ITERS=0 RUST_BACKTRACE=0
status=0
cargo mutants --jobs 2 --output target "$@" || status=$?
# 2: some survived, 3: some were caught by a time-out.
case $status in 0 | 2 | 3) ;; *) exit "$status" ;; esac
[ $# = 0 ] || exit "$status"

survivors() { sed -E 's/:[0-9]+:[0-9]+:/:/' target/mutants.out/missed.txt | LC_ALL=C sort; }
listed() { grep -v -e '^#' -e '^$' tests/mutants.txt | LC_ALL=C sort; }
if ! diff --unified=0 --label "listed as equivalent" <(listed) --label "survives" <(survivors); then
  echo "Write a test that fails at each '+', and take each '-' off tests/mutants.txt" >&2
  exit 1
fi
count() { wc -l <"target/mutants.out/$1.txt"; }
echo "$(count caught) mutants caught, $(count timeout) by a time-out, $(count unviable) that don't compile," \
  "$(count missed) survive and are listed as equivalent"
