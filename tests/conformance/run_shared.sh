#!/bin/sh
# run_shared.sh CONFORMANCE FOLDER --fidelity|--rows FIDELITY    replays all recorded conversations
# that the API server is judged by; 77 when FOLDER is not there.
# CONFORMANCE_WAY: more flags, such as "--http"
program=$(readlink -f "$1")
folder=$2
option=$3
fidelity=$(readlink -f "$4")
if [ ! -d "$folder" ]; then
    echo "skipped: no recorded conversations in $folder"
    exit 77
fi
cd "$folder" || exit 2
# shellcheck disable=SC2086 # flags
exec "$program" $CONFORMANCE_WAY "$option" "$fidelity" apply/*.json delete/*.json list/*.json objects/*.json \
    patch/*.json schema/*.json watch/*.json
