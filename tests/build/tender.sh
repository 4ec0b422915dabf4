#!/bin/sh
# SPDX-License-Identifier: MIT
# The tender is as small as SPECIFICATION.md says: that is where the bounds are.
. "$(dirname "$0")/../e2e/lib.sh"
cd "$ROOT" || exit 1

# The value of a row
bound() { sed -n "s/^| $1 |[^|]*| \([0-9,]*\) |.*/\1/p" SPECIFICATION.md | tr -d ,; }
# The largest in a column of tools/lines, over the rows that match
largest() { grep -E "$1" "$TMP/lines" | cut -d, -f"$2" | sort -n | tail -n 1 | tr -d ' '; }

tools/lines >"$TMP/lines"
is "both architectures are counted, with each backend and with both" \
    "$(cut -d, -f1,2 "$TMP/lines" | tail -n +2 | tr '\n' ';')" \
    "x86_64, kvm;x86_64, process;x86_64, kvm+process;aarch64, kvm;aarch64, process;aarch64, kvm+process;"
one=$(largest ', (kvm|process),' 3)
t "what a tender runs has no more lines of code than is said ($one)" test "$one" -le "$(bound S2)"
both=$(largest 'kvm.process,' 3)
t "nor has the program, with both backends ($both)" test "$both" -le "$(bound S3)"
all=$(largest 'kvm.process,' 4)
t "nor has it more lines, with comments and empty ones ($all)" test "$all" -le "$(bound S4)"
mkdir "$TMP/tree" && cp -r tender tools "$TMP/tree/"
printf '/* a comment\n * of two lines */\n\nint a; /* and code */\nint b;\n' >"$TMP/tree/tender/extra.c"
"$TMP/tree/tools/lines" >"$TMP/lines.more"
is "comments and empty lines are no code" \
    "$(paste -d' ' "$TMP/lines" "$TMP/lines.more" | tail -n +2 | tr -d , |
        awk '{ printf "%d %d;", $7 - $3, $8 - $4 }')" "2 5;2 5;2 5;2 5;2 5;2 5;"
finish
