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
compared=0
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

compare() { # what differs, then the arguments of hashes
    local what=$1
    shift
    hashes "$@" >"$work/now"
    compared=$((compared + 1))
    if diff -u "$work/reference" "$work/now"; then
        echo "same traces $what"
    else
        echo "FAILED: other traces $what"
        failed=$((failed + 1))
    fi
}

build gcc -O0
build clang -O0
build clang -O2

hashes "$release" env >"$work/reference"
count=$(wc -l <"$work/reference")
[ "$count" -gt 0 ] || fail "no trace hashes in the output of promosim run"
compare "when run again" "$release" env
for variant in gcc-O0 clang-O0 clang-O2; do
    compare "with $variant" "$work/$variant/promosim" env
done
compare "in another time zone" "$release" env TZ=Pacific/Apia
compare "in another language" "$release" env LANG=de_DE.UTF-8 LC_ALL=tr_TR.UTF-8
compare "with no environment" "$release" env -i
compare "with a large environment" "$release" env PADDING="$(printf '%065536d' 0)"
compare "from another directory" "$release" env -C /

echo "$count scenarios, $compared comparisons, $failed with a difference"
[ "$failed" -eq 0 ]
