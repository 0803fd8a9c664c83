#!/bin/sh
# run_shared.sh CONFORMANCE FOLDER CONVERSATION...     replay these; 77 when FOLDER is not there
# run_shared.sh CONFORMANCE FOLDER --ratchet PASSING   replay all that required.txt does not name
# run_shared.sh CONFORMANCE FOLDER --update PASSING    the same, and write PASSING anew
# CONFORMANCE_WAY: more flags, such as "--http"
program=$1
folder=$2
shift 2
required=$(dirname "$(readlink -f "$0")")/required.txt
if [ ! -d "$folder" ]; then
    echo "skipped: no recorded conversations in $folder"
    exit 77
fi
cd "$folder" || exit 2

files=
case "$1" in
    --*)
        for topic in apply delete list objects patch schema watch; do
            for file in "$topic"/*.json; do
                grep -qx "${file%.json}" "$required" || files="$files $file"
            done
        done
        # shellcheck disable=SC2086 # no name has a space
        exec "$program" $CONFORMANCE_WAY "$1" "$2" $files
        ;;
    *)
        for conversation in "$@"; do files="$files $conversation.json"; done
        # shellcheck disable=SC2086
        exec "$program" $CONFORMANCE_WAY $files
        ;;
esac
