#!/bin/sh
# SPDX-License-Identifier: MIT
# SECONDS: 1200
# Unit tests, those of the library OS among them, and the fuzzers' corpora pass on
# the architecture that this machine is not: its programs, under qemu-user, which
# is this machine's kernel. Those that are about a kernel's filters, a tender's
# processes, and what a machine can do are left out: tests/beds/10-aarch64.sh has a
# kernel for them, and the JavaScript engine in guests.
. "$(dirname "$0")/../e2e/lib.sh"
cd "$ROOT" || exit 1
case $(uname -m) in
x86_64) other=aarch64 ;;
*) other=x86_64 ;;
esac
leave_out=' test_policy test_probe test_questions test_tender_exit test_working_set fuzz_js_map fuzz_js_params '
all="the tests build for $other"
out=build/$other-release/tests
libraries=$ROOT/build/cache/$other

programs=''
for src in tests/unit/test_*.c tests/fuzz/fuzz_*.c; do
    name=${src##*/}
    name=${name%.c}
    case $leave_out in *" $name "*) ;; *) programs="$programs $out/$name" ;; esac
done

# emulated PROGRAM [ARGUMENT...]
emulated() {
    timeout 600 "qemu-$other-static" -L "/usr/$other-linux-gnu" \
        -E "LD_LIBRARY_PATH=$libraries/usr/lib/$other-linux-gnu:$libraries/lib/$other-linux-gnu" "$@"
}

if ! command -v $other-linux-gnu-gcc >/dev/null || ! command -v qemu-$other-static >/dev/null; then
    skip "$all" "cross: no $other-linux-gnu-gcc or qemu-$other-static (tools/deps test installs them)"
elif ! tools/sysroot $other >"$TMP/out" 2>&1; then
    skip "$all" "cross: no packages of $other to be had ($(tail -n 1 "$TMP/out"))"
else
    # shellcheck disable=SC2086
    t "$all" make --no-print-directory -j"$(nproc)" ARCH=$other $programs
    for program in $programs; do
        name=${program##*/}
        case $name in
        fuzz_*) t "$name passes its corpus on $other" emulated "$program" tests/fuzz/corpus/"${name#fuzz_}"/* ;;
        *) t "$name passes on $other" emulated "$program" ;;
        esac
    done
fi
finish
