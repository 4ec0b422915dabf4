#!/bin/sh
# SPDX-License-Identifier: MIT
# Everything also builds for the architecture that this machine is not.
. "$(dirname "$0")/../e2e/lib.sh"
cd "$ROOT" || exit 1
case $(uname -m) in
x86_64) other=aarch64 e_machine=AArch64 ;;
*) other=x86_64 e_machine=X86-64 ;;
esac
all="the programs, the SDK and the functions build for $other"

machine_of() { readelf -h "$1" 2>/dev/null | sed -n 's/^ *Machine: *//p'; }

if ! command -v $other-linux-gnu-gcc >/dev/null; then
    skip "$all" "cross: no $other-linux-gnu-gcc (tools/deps test installs it)"
elif ! tools/sysroot $other >"$TMP/out" 2>&1; then
    skip "$all" "cross: no packages of $other to be had ($(tail -n 1 "$TMP/out"))"
else
    t "$all" make --no-print-directory -j"$(nproc)" ARCH=$other all functions
    for program in unifaas unifaasd unifaas-tender; do
        like "$program is a program for $other" \
            "$(machine_of build/$other-release/$program)" "$e_machine"
    done
    like "the tender is static: its jail needs no loader" \
        "$(readelf -lW build/$other-release/unifaas-tender | grep -c INTERP)" '^0$'
    for folder in functions/*/main.c; do
        name=$(basename "$(dirname "$folder")")
        like "function $name is an image for $other" \
            "$(machine_of "build/$other-release/functions/$name.elf")" "$e_machine"
    done
    is "no image can be written and executed in one place" \
        "$(readelf -lW build/$other-release/functions/*.elf | grep -c 'LOAD.* RWE ')" 0
    for want in include/unifaas.h $other/cflags $other/ldflags $other/function.lds \
        $other/lib/libunifaas.a $other/musl/lib/libc.a; do
        t "the SDK has $want" test -s "build/sdk/$want"
    done
fi
finish
