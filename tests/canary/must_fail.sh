#!/bin/sh
# must_fail.sh PROMOSIM SCENARIO: passes when the run fails by its expectations (exit 1, not a
# crash or a refusal) and says each line of the text file here that has the scenario's name.
output=$("$1" run "$2" 2>&1)
code=$?
wanted=$(dirname "$0")/$(basename "$2" .yaml).txt
printf '%s\n' "$output"
if [ "$code" -ne 1 ]; then
    echo "expected exit 1 (an expectation failed), got $code"
    exit 1
fi
if [ ! -s "$wanted" ]; then
    echo "$wanted should say what the scenario must fail with"
    exit 1
fi
while read -r line; do
    printf '%s\n' "$output" | grep -qF -- "$line" && continue
    echo "expected a message with: $line"
    exit 1
done <"$wanted"
