#!/bin/sh
# must_refuse.sh PROMOSIM EXAMPLES FILE|generate:KIND
# The file, as manifest (or as fleet if its name begins with "fleet", or as a cluster's objects if
# it begins with "objects"), must be refused: exit 2, one line on stderr that names the file (and holds the text behind "# refused: " in its first
# line), nothing on stdout.
promosim=$1
examples=$2
file=$3
here=$(dirname "$0")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

case "$file" in
    generate:*)
        kind=${file#generate:}
        file=$work/$kind.yaml
        "$here/generate.sh" "$kind" >"$file" || exit 1
        ;;
esac
name=$(basename "$file")
manifest=$examples/kyverno.yaml
fleet=$examples/fleet.yaml
case "$name" in
    fleet*) fleet=$file ;;
    *) manifest=$file ;;
esac

case "$name" in
    objects*) "$promosim" explain --objects "$file" >"$work/out" 2>"$work/err" ;;
    *) "$promosim" preview -f "$manifest" --fleet "$fleet" >"$work/out" 2>"$work/err" ;;
esac
code=$?
cut -c 1-400 "$work/err"
fail() { echo "$*"; exit 1; }
[ "$code" -eq 2 ] || fail "expected exit 2, got $code"
[ ! -s "$work/out" ] || fail "expected nothing on stdout"
[ "$(wc -l <"$work/err")" -eq 1 ] || fail "expected one line on stderr"
grep -qaF -- "$name" "$work/err" || fail "expected the name of the file: $name"
[ "$(wc -c <"$work/err")" -le 1024 ] || fail "expected a line of at most 1024 bytes"
wanted=$(LC_ALL=C sed -n '1s/^# refused: //p' "$file" | cut -c 1-200)
grep -qaF -- "$wanted" "$work/err" || fail "expected: $wanted"
