#!/bin/sh
# by_commit.sh PROMOSIM SEEDS I/N: explores the I-th of N parts of SEEDS stories, and the commit
# picks which: every commit looks at others, and looks at the same ones again. Without git, as in
# an unpacked archive, the first ones. What is not committed yet does not change the choice.
set -eu
promosim=$1 seeds=$2 shard=$3
from=$(git -C "$(dirname "$0")" rev-parse HEAD 2>/dev/null) || from=1
set -- explore --seeds "$seeds" --from "$from" --shard "$shard" --jobs 1
echo "promosim $*"
exec "$promosim" "$@"
