#!/bin/sh
# SPDX-License-Identifier: MIT
# The helpers of these tests tell right from wrong.
. "$(dirname "$0")/lib.sh"

# Run lines of a test of their own; its TAP in $TMP/tap, its status in $status.
inner() {
    { echo ". '$ROOT/tests/e2e/lib.sh'" && cat; } >"$TMP/tests-inner.sh"
    mkdir -p "$TMP/tests/e2e"
    mv "$TMP/tests-inner.sh" "$TMP/tests/e2e/inner.sh"
    status=0
    sh "$TMP/tests/e2e/inner.sh" >"$TMP/tap" 2>&1 || status=$?
}

inner <<'END'
t "a" true
is "b" x x
like "c" "one
two" '^t'
unlike "d" abc z
exits "e" 3 sh -c 'exit 3'
finish
END
is "right answers end with status 0" "$status" 0
is "and are counted, with one for what may be left over" "$(tail -n 1 "$TMP/tap")" 1..6

for wrong in 't "w" false' 'is "w" x y' 'like "w" abc ^b' 'unlike "w" abc b' \
    'exits "w" 3 true' 'exits "w" 0 sh -c "exit 1"'; do
    inner <<END
$wrong
finish
END
    is "status 1 after: $wrong" "$status" 1
    is "one 'not ok' after: $wrong" "$(grep -c '^not ok 1 - w$' "$TMP/tap")" 1
done

UF_MUST='' inner <<'END'
skip "s" "kvm: none here"
finish
END
is "a skip is no failure" "$status" 0
like "a skip is told as one" "$(cat "$TMP/tap")" '^ok 1 - s # SKIP kvm: none here$'
UF_MUST=cross,kvm
export UF_MUST
inner <<'END'
skip "s" "kvm: none here"
finish
END
is "a skip of what UF_MUST names is a failure" "$status" 1
unset UF_MUST

inner <<'END'
cp /bin/sleep "$TMP/bin/sleeper"
"$TMP/bin/sleeper" 60 &
echo $! >"${TMP%/*}/unifaas-test-left.$PPID"
# Before that it is a copy of this shell.
is_sleeper() { [ "$(readlink "/proc/$!/exe")" = "$TMP/bin/sleeper" ]; }
eventually 10 is_sleeper
finish
END
left=$(cat "${TMP%/*}/unifaas-test-left.$$")
rm -f "${TMP%/*}/unifaas-test-left.$$"
is "a process that is left is a failure" "$status" 1
like "and is named" "$(cat "$TMP/tap")" "^#   $left .*sleeper 60"
t "and is ended" gone "$left"

inner <<'END'
echo "$TMP" >"${TMP%/*}/unifaas-test-tmp.$PPID"
exit 5
END
is "a test that ends early keeps its status" "$status" 5
t "and leaves no folder" test ! -e "$(cat "${TMP%/*}/unifaas-test-tmp.$$")"
rm -f "${TMP%/*}/unifaas-test-tmp.$$"
finish
