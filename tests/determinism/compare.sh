#!/bin/bash
# compare.sh SOURCE WORK PROMOSIM: takes PROMOSIM as built by gcc -O2, builds it with gcc -O0,
# clang -O0 and clang -O2 in folders of WORK, and compares the trace hashes of all scenarios: over
# the four programs, and under other time zones, languages, working directories and sizes of the
# environment.
set -uo pipefail
source=$(readlink -f "$1")
mkdir -p "$2" || exit 1
work=$(readlink -f "$2")
release=$(readlink -f "$3")
failed=0

fail() { echo "FAILED: $*"; exit 1; }

build() { # compiler level
    local folder=$work/$1$2
    cmake -S "$source" -B "$folder" -G Ninja -DCMAKE_C_COMPILER="$1" -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_C_FLAGS_RELEASE="$2" -DBUILD_TESTING=OFF --log-level=WARNING >/dev/null ||
        fail "cannot configure with $1 $2"
    cmake --build "$folder" --target promosim >"$folder/build.log" 2>&1 ||
        { tail -30 "$folder/build.log"; fail "cannot build with $1 $2"; }
}

# "NAME HASH" of each scenario, in order. A canary fails, which is no matter here: it has a hash.
hashes() { # promosim's path, then a command to run it through
    local program=$1
    shift
    "$@" "$program" run "$source/scenarios" 2>/dev/null |
        sed -nE 's/^(PASS|FAIL) +(.*[^ ]) +virtual .* trace ([0-9a-f]{16}).*$/\2 \3/p'
}

compare() { # what differs, file
    if ! diff -u "$work/reference" "$2"; then
        echo "FAILED: other traces $1"
        failed=1
    else
        echo "same traces $1"
    fi
}

build gcc -O0
build clang -O0
build clang -O2

hashes "$release" env >"$work/reference"
count=$(wc -l <"$work/reference")
[ "$count" -gt 0 ] || fail "no trace hashes in the output of promosim run"
hashes "$release" env >"$work/now" && compare "when run again" "$work/now"
for variant in gcc-O0 clang-O0 clang-O2; do
    hashes "$work/$variant/promosim" env >"$work/now" && compare "with $variant" "$work/now"
done

hashes "$release" env TZ=Pacific/Apia >"$work/now" && compare "with TZ=Pacific/Apia" "$work/now"
hashes "$release" env TZ=America/St_Johns LANG=de_DE.UTF-8 LC_ALL=tr_TR.UTF-8 >"$work/now" &&
    compare "in another language" "$work/now"
hashes "$release" env -i >"$work/now" && compare "with no environment" "$work/now"
hashes "$release" env PADDING="$(printf '%065536d' 0)" >"$work/now" &&
    compare "with a large environment" "$work/now"
hashes "$release" env -C / >"$work/now" && compare "from another directory" "$work/now"

echo "$count scenarios, $((failed == 0 ? 9 : 0)) comparisons without a difference"
exit "$failed"
