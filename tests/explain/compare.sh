#!/bin/sh
# compare.sh PROMOSIM ROOT CASE: the first line of CASE is "$ promosim explain ARGUMENTS", as one
# types it in ROOT; the rest is what it must print. UPDATE=1 writes the case anew.
promosim=$1
root=$2
case=$3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$root" || exit 1

command=$(sed -n '1s/^\$ promosim explain //p' "$case")
[ -n "$command" ] || { echo "$case:1: expected \$ promosim explain ARGUMENTS"; exit 1; }
head -n 1 "$case" >"$work/said"
# shellcheck disable=SC2086 # the arguments are words
"$promosim" explain $command >>"$work/said" 2>&1
code=$?
if [ -n "$UPDATE" ]; then
    cp "$work/said" "$case"
    exit 0
fi
[ "$code" -eq 0 ] || echo "expected exit 0, got $code"
diff -u "$case" "$work/said" && [ "$code" -eq 0 ]
