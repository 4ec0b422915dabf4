#!/bin/sh
# SPDX-License-Identifier: MIT
# A kernel that refuses what UniFaaS cannot do without: the command line, the
# daemon and the doctor say so in the same words, with the way out; the daemon
# stays, and everything it had is there when it is started on a better kernel.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"
cd "$ROOT" || exit 1
deny=$ROOT/build/tools/deny
hello=build/$(uname -m)-release/functions/hello.elf
mend='; to mend: '
make_sample "" || exit 1

t "a daemon starts" start_daemon --backend process --pool 0
is "and keeps a function" "$(deploy sample "$TMP/sample.img")" 202
stop_daemon

# refused RULES BACKEND WORDS [DOCTOR'S VERDICT]
refused() {
    rules=$1 backend=$2 words=$3 verdict=${4:-FAIL}
    AS="$deny $rules --"
    # shellcheck disable=SC2086
    exits "run ends ($backend, $rules)" 1 $AS "$BIN/unifaas" run "$hello" --backend "$backend"
    like "and says why and the way out" "$(cat "$TMP/err")" "$words$mend"
    # shellcheck disable=SC2086
    $AS "$BIN/unifaas" doctor >"$TMP/doctor"
    like "the doctor has the same words" "$(cat "$TMP/doctor")" "^$verdict .*$words"
    t "a daemon starts ($backend, $rules)" start_daemon --backend "$backend" --pool 1
    is "its function is not served" "$(at /)" 503
    like "which is said with the way out" "$(body)" "$words$mend"
    like "and when to try again" "$(header Retry-After)" '^[0-9]+$'
    like "it is logged" "$(cat "$TMP/daemon.log")" "$words$mend"
    is "the daemon stays" "$(code_of "$GATEWAY/healthz")" 200
    stop_daemon
}

refused ptrace=EPERM process 'tracing is forbidden: the process backend cannot work' less
refused prctl/0:22=EINVAL process 'no system call filter: no tender runs without'
refused clone=EAGAIN process 'no more processes are allowed' less
refused memfd_create=ENOSPC process 'the kernel gives no more memory'
refused memfd_create=EMFILE process 'no file descriptor is left'
refused socketpair=ENFILE process 'this machine has no open file left'
# 0x4020ae46 is KVM_SET_USER_MEMORY_REGION, 0xae01 KVM_CREATE_VM.
case $(backends) in
*kvm*)
    refused ioctl/1:0x4020ae46=ENOMEM kvm 'the kernel gives no more memory' less
    ;;
*) skip "a machine refused by KVM" "kvm: there is none" ;;
esac
AS=''
t "a daemon starts on a kernel that says yes" start_daemon --backend process
is "and nothing is lost" "$(at /) $(body)" "200 GET / one"
stop_daemon
finish
