#!/bin/sh
# part.sh PROMOSIM FROM SEEDS I/N: explores the I-th of N parts of SEEDS stories from seed FROM.
# FROM may be `commit`: then its hash picks them, so that every commit looks at others, and at the
# same ones again. With `commit:FIRST+COUNT` it picks one of the COUNT seeds from FIRST. Without
# git, as in an unpacked archive, it is the first of them. What is not committed yet does not
# change the choice.
set -eu
promosim=$1 from=$2 seeds=$3 shard=$4
hash=$(git -C "$(dirname "$0")" rev-parse HEAD 2>/dev/null) || hash=
case $from in
commit)
    from=${hash:-1}
    ;;
commit:*)
    range=${from#commit:}
    digits=$(printf '%.7s' "${hash:-0}") # of a hash: fewer than a shell's numbers hold
    from=$((${range%+*} + 0x$digits % ${range#*+}))
    ;;
esac
set -- explore --seeds "$seeds" --from "$from" --shard "$shard" --jobs 1
echo "promosim $*"
exec "$promosim" "$@"
