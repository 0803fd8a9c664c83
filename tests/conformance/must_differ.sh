#!/bin/sh
# must_differ.sh CONFORMANCE FILE: passes when each compared step of the file is found to differ.
output=$("$1" "$2")
code=$?
printf '%s\n' "$output"
[ "$code" -eq 1 ] && printf '%s\n' "$output" | grep -qx '0 passed, [1-9][0-9]* failed'
