# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# lib.sh: what happens on an emulated machine, as TAP of this one. Source it
# after tests/e2e/lib.sh:
#
#   can_emulate ARCH SENTENCE [SUITE]
#                                builds for ARCH; else skips SENTENCE and fails
#   on MACHINE SECONDS CMD...    runs CMD there, with the kernel of Debian SUITE, or
#                                of this release (tools/bed); its tests are ours

can_emulate() {
    bed_suite=${3:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
    bed_needs="qemu-system-$1 cpio"
    [ "$1" = "$(uname -m)" ] || bed_needs="$bed_needs $1-linux-gnu-gcc"
    for bed_program in $bed_needs; do
        command -v "$bed_program" >/dev/null && continue
        skip "$2" "beds: no $bed_program (tools/deps test installs it)"
        return 1
    done
    if ! (cd "$ROOT" && tools/sysroot "$1" bed "$bed_suite") >"$TMP/out" 2>&1; then
        skip "$2" "beds: no kernel for $1 to be had ($(tail -n 1 "$TMP/out"))"
        return 1
    fi
    bed_status=0
    make -C "$ROOT" --no-print-directory -j"$(nproc)" ARCH="$1" all guest-tests e2e-bin \
        >"$TMP/build" 2>&1 || bed_status=$?
    t "$2" sh -c 'tail -n 20 "$1"; exit "$2"' build "$TMP/build" $bed_status
    return $bed_status
}

# A test that failed explains itself in the comments around it: all are passed on.
on() {
    bed=$1 bed_seconds=$2
    shift 2
    bed_planned=0 bed_seen=0
    # A machine that never came to the command has said nothing of us: once more.
    for bed_try in 1 2; do
        bed_status=0
        "$ROOT/tools/bed" -t "$bed_seconds" -k "$bed_suite" "$bed" "$@" >"$TMP/bed" || bed_status=$?
        [ $bed_status = 125 ] || break
        echo "# $bed did not come to the command, try $bed_try of 2"
    done
    while IFS= read -r bed_line; do
        case $bed_line in
        'ok '* | 'not ok '*) bed_seen=$((bed_seen + 1)) ;;
        1..[0-9]*) bed_planned=$((bed_planned + ${bed_line#1..})) ;;
        esac
        : >"$TMP/why"
        case $bed_line in
        'ok '*) tap_ok "$bed: ${bed_line#ok * - }" ;;
        'not ok '*) tap_not_ok "$bed: ${bed_line#not ok * - }" ;;
        1..[0-9]*) ;;
        *) echo "# ${bed_line#\#}" ;;
        esac
    done <"$TMP/bed"
    is "$bed: every test that was planned there was run" \
        "status $bed_status, $bed_seen tests" "status 0, $bed_planned tests"
}
