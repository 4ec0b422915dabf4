#!/bin/sh
# SPDX-License-Identifier: MIT
# make.sh: for each line of each system call policy a tender that has all others.
#
#   tests/policy/make.sh ARCH FOLDER
#
# FOLDER/whole is a tender with the policies as they are; FOLDER/lines says what
# FOLDER/1, FOLDER/2, ... do without: number, policy, line.
set -eu
cd "$(dirname "$0")/../.."
arch=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
rm -rf "${folder:?}"/*
cc=${CC:-gcc}
[ "$arch" = "$(uname -m)" ] || cc=$arch-linux-gnu-gcc
work=$(mktemp -d "${TMPDIR:-/tmp}/unifaas-policy.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
sources=tender/jail/policy/$arch

# compile POLICY FILE: to $work/POLICY.o
compile() {
    build/tools/policyc "$arch" "$1" "$2" >"$work/$1.c"
    "$cc" -I. -D_GNU_SOURCE -c "$work/$1.c" -o "$work/$1.o"
}
link_tender() {
    "build/$arch-release/tests/link" -s "$work/kvm.o" "$work/proc.o" "$work/guest.o" \
        "build/$arch-release/tests/tender.a" -o "$folder/$1"
}

for policy in kvm proc guest; do compile $policy "$sources/$policy.policy"; done
link_tender whole
n=0
for policy in kvm proc guest; do
    # Where calls may come from is no call; tests/unit/test_policy.c has it.
    sed -n 's/ *#.*//; /^from-door/d; /./p' "$sources/$policy.policy" >"$work/lines"
    while read -r line; do
        n=$((n + 1))
        awk -v line="$line" '{ l = $0; sub(/ *#.*/, "", l) } l != line' "$sources/$policy.policy" \
            >"$work/$policy.policy"
        compile $policy "$work/$policy.policy"
        link_tender $n
        echo "$n $policy $line" >>"$folder/lines"
    done <"$work/lines"
    compile $policy "$sources/$policy.policy"
done
