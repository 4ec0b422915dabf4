# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# lib.sh: what an event of a script executes, exactly. Source it with ROOT, the source
# tree, and TMP, a folder for what this leaves.
#
#   watch FUNCTION ARG...   one event of unifaas run, by a tender that notes what it sees
#                           (steps.c): some seconds
#   pages KIND              how many pages of 4 KiB that was: executed, of code; or read,
#                           of constants
#   parts MAP               what an image has of both, from the linker's map, in the order
#                           of addresses: offset, end, and what hot.txt calls it
#   names                   the parts that were seen
#   few_pages               TAP, after tests/e2e/lib.sh: alert.js does with few

order_build=$ROOT/build/$(uname -m)-release
order_map=$ROOT/build/runtime-$(uname -m)/javascript.map
order_tender=$TMP/steps/unifaas-tender
mkdir "$TMP/steps"
cp "$order_build/tests/steps" "$order_tender"

watch() {
    rm -f "$order_tender.seen"
    truncate -s 2M "$order_tender.seen"
    UNIFAAS_TENDER=$order_tender "${BIN:-$ROOT/build/bin}/unifaas" run --backend process \
        --timeout 4m "$@"
}

# Offset in the image, and SEEN_EXECUTED or SEEN_READ, a line each.
seen() {
    { cmp -l "$order_tender.seen" /dev/zero 2>/dev/null || true; } | awk '{ print $1 - 1, $2 }'
}

pages() {
    case $1 in executed) order_kind=1 ;; read) order_kind=2 ;; esac
    seen | awk -v kind="$order_kind" '$2 == kind { print int($1 / 4096) }' | uniq | wc -l
}

# Functions have sections of their own, and so do tables and strings. Of strings that are
# equal the linker keeps those of any function that has them: they have no name.
parts() {
    awk '
        function number(hex,    i, n) {
            for (i = 3; i <= length(hex); i++)
                n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
            return n
        }
        function called(section, file) {
            sub(/^\.(text|rodata)\.?/, "", section)
            if (section ~ /\.(str|cst)[0-9]/) return "-"
            sub(/\.(constprop|part|isra|[0-9]).*/, "", section)
            if (section != "" || file !~ /\)$/) return section == "" ? "-" : section
            sub(/.*\//, "", file)
            sub(/\(/, ":", file)
            sub(/\)/, "", file)
            return file
        }
        /^\.[a-z]/ { is_ours = $1 == ".text" || $1 == ".rodata" }
        /^\.text/ { base = number($2) }
        !is_ours || !/^ \.(text|rodata)/ { next }
        {
            name = $1
            # A long name has its line to itself.
            if (NF == 1) { getline; $0 = name " " $0 }
            from = number($2) - base
            if (number($3) > 0) print from, from + number($3), called(name, $4)
        }' "$1"
}

names() {
    parts "$order_map" >"$TMP/steps/parts"
    seen | awk '
        FILENAME != "-" { n++; from[n] = $1; to[n] = $2; name[n] = $3; next }
        {
            while (i < n && $1 >= to[i]) i++
            if (i && $1 >= from[i] && $1 < to[i] && name[i] != "-") print name[i]
        }' "$TMP/steps/parts" - | sort -u
}

# It is some 30 and 7; without an order 76 and 18.
few_pages() {
    t "an event of alert.js is watched" watch "$order_build/functions/js/alert.elf" -d 75.5
    is "... and answered" "$(cat "$TMP/out")" yes
    order_code=$(pages executed) order_constants=$(pages read)
    t "it executes code of at most 36 pages ($order_code)" between 10 "$order_code" 36
    t "it reads constants of at most 10 ($order_constants)" between 1 "$order_constants" 10
}
between() { [ "$1" -le "$2" ] && [ "$2" -le "$3" ]; }
