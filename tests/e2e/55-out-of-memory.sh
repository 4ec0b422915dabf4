#!/bin/sh
# SPDX-License-Identifier: MIT
# The kernel ends processes because memory has run out: the daemon, which is
# small, stays; the invocation is answered with the reason; the next one is served.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"
cd "$ROOT" || exit 1

# A group with 64 MiB, below our own: v1, or v2 where that may have children.
own=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
if [ -n "$own" ]; then
    group=/sys/fs/cgroup/memory$own/unifaas-test.$$ limit=memory.limit_in_bytes
else
    group=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/unifaas-test.$$ limit=memory.max
fi
if ! mkdir "$group" 2>/dev/null; then
    skip "memory that runs out" "cgroup: no group can be made here"
    finish
fi
leave_group() { rmdir "$group" 2>/dev/null; }
trap 'tap_cleanup; leave_group' EXIT
if ! echo 67108864 2>/dev/null >"$group/$limit"; then
    skip "memory that runs out" "cgroup: no memory limit can be set here"
    finish
fi
[ ! -e "$group/memory.memsw.limit_in_bytes" ] ||
    echo 67108864 2>/dev/null >"$group/memory.memsw.limit_in_bytes"
[ ! -e "$group/memory.swap.max" ] || echo 0 >"$group/memory.swap.max"

# Takes as much memory as it is asked for.
make_sample 's|if (strcmp(path, "/size") == 0)|if (strcmp(path, "/take") == 0) {\
        char *p = malloc(number(e, "mib") << 20);\
        for (unsigned long i = 0; p != NULL \&\& i < number(e, "mib") << 20; i += 4096)\
            p[i] = 1;\
        return uf_respond_text(r, p != NULL ? "taken" : "none");\
    }\
    if (strcmp(path, "/size") == 0)|' || exit 1
printf '#!/bin/sh\necho $$ >%s/cgroup.procs && exec "$@"\n' "$group" >"$TMP/within"
chmod 755 "$TMP/within"
AS=$TMP/within
killed='killed from outside, as the kernel does when memory runs out|the kernel gives no more memory'
for backend in $(backends); do
    t "a daemon with 64 MiB starts ($backend)" start_daemon --backend "$backend" --pool 0
    is "and has a function" "$(deploy sample "$TMP/sample.img" '"limits":{"memory":"256Mi"}')" 202
    is "which serves within it" "$(at '/take?mib=8') $(body)" "200 taken"
    for p in $(descendants "$DAEMON_PID"); do cat "/proc/${p%:*}/oom_score_adj"; done >"$TMP/scores"
    is "its tender would go before it" "$(sort -u "$TMP/scores")" 500
    is "an invocation that takes all of it and more is ended" "$(at '/take?mib=128')" 502
    like "with the reason and the way out" "$(body)" "($killed); to mend: "
    is "the daemon stays" "$(code_of "$GATEWAY/healthz")" 200
    is "and serves the next one" "$(at '/take?mib=8') $(body)" "200 taken"
    stop_daemon
done
t "the group is empty" leave_group
finish
