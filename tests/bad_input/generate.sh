#!/bin/sh
# generate.sh KIND: writes a manifest that is too much to keep in a file.
case "$1" in
    deep-flow) awk 'BEGIN {printf "a: "; for (i = 0; i < 100000; i++) printf "["}' ;;
    deep-block) awk 'BEGIN {for (i = 0; i < 2000; i++) {printf "%*sa:\n", i, ""}}' ;;
    huge) awk 'BEGIN {for (i = 0; i < 1200000; i++) printf "key%d: some text\n", i}' ;;
    huge-text) awk 'BEGIN {printf "a: "; for (i = 0; i < 1800000; i++) printf "0123456789"}' ;;
    many-documents) awk 'BEGIN {for (i = 0; i < 100000; i++) print "---\na: 1"}' ;;
    not-utf8) printf 'apiVersion: v1\nkind: \377\376Namespace\n' ;;
    overlong-utf8) printf 'apiVersion: v1\nkind: Name\300\257space\n' ;;
    nul) printf 'apiVersion: v1\nkind: Name\000space\n' ;;
    utf16) printf '\377\376a\000:\000 \0001\000' ;;
    noise) awk 'BEGIN {for (i = 0; i < 4096; i++) printf "%c", 128 + (i * 7919) % 127}' ;;
    *) exit 1 ;;
esac
