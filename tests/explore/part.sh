#!/bin/sh
# part.sh PROMOSIM FROM SEEDS I/N: explores the I-th of N parts of SEEDS stories from seed FROM.
# FROM may be `commit`: then its hash picks them, so that every commit looks at others, and at the
# same ones again. Without git, as in an unpacked archive, that is seed 1. What is not committed
# yet does not change the choice.
set -eu
promosim=$1 from=$2 seeds=$3 shard=$4
if [ "$from" = commit ]; then
    from=$(git -C "$(dirname "$0")" rev-parse HEAD 2>/dev/null) || from=1
fi
set -- explore --seeds "$seeds" --from "$from" --shard "$shard" --jobs 1
echo "promosim $*"
exec "$promosim" "$@"
