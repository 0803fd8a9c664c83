#!/bin/sh
# must_fail.sh PROMOSIM SCENARIO: passes when the run fails by its expectations (exit 1, not a
# crash or a refusal) and says so. A line "# must fail with: TEXT" in the file names the text.
output=$("$1" run "$2" 2>&1)
code=$?
printf '%s\n' "$output"
if [ "$code" -ne 1 ]; then
    echo "expected exit 1 (an expectation failed), got $code"
    exit 1
fi
wanted=$(sed -n 's/^# must fail with: //p' "$2")
if [ -z "$wanted" ]; then
    echo "$2 says nowhere how it must fail: add a line '# must fail with: TEXT'"
    exit 1
fi
printf '%s\n' "$output" | grep -qF -- "$wanted" && exit 0
echo "expected a message with: $wanted"
exit 1
