#!/bin/sh
# SPDX-License-Identifier: MIT
# What counts the tests counts right, whatever a test does to it; what installs
# packages is quiet when there is nothing to do.
. "$(dirname "$0")/../e2e/lib.sh"

# A tree of its own with the runner, a make that has nothing to build, and the
# tests that standard input names: NAME, then the lines of a script.
mkdir -p "$TMP/tree/tools" "$TMP/tree/tests/e2e"
cp "$ROOT/tools/test" "$ROOT/tools/test-one" "$TMP/tree/tools/"
printf 'all guest-tests e2e-bin:\n\t@true\n' >"$TMP/tree/Makefile"

# count EXIT-STATUS LAST-LINE SENTENCE, with the tests' text in $TMP/tree/tests/e2e
count() {
    (
        cd "$TMP/tree" || exit 9
        unset UF_TAP MAKEFLAGS MAKELEVEL
        status=0
        # shellcheck disable=SC2065 # a program named test, and its output
        ./tools/test tests/e2e/*.sh >out 2>&1 || status=$?
        echo "$status" >status
    )
    cp "$TMP/tree/out" "$TMP/said"
    is "$3: the count" "$(tail -n 1 "$TMP/said")" "$2"
    is "$3: the exit status" "$(cat "$TMP/tree/status")" "$1"
    rm -f "$TMP/tree/tests/e2e"/*
}
script() { cat >"$TMP/tree/tests/e2e/$1.sh"; }

script good <<'END'
printf 'ok 1 - a\nok 2 - b # SKIP none here\n1..2\n'
END
count 0 "1 passed, 0 failed, 1 skipped" "one passed, one skipped"

script good <<'END'
printf 'ok 1 - a\n1..1\n'
END
script bad <<'END'
printf 'ok 1 - a\nnot ok 2 - b\n1..2\n'; exit 1
END
count 1 "2 passed, 1 failed, 0 skipped" "a failure"

script bad <<'END'
printf 'not ok 1 - a\n1..1\n'
END
count 1 "0 passed, 1 failed, 0 skipped" "a failure whose test ends with 0"

script dies <<'END'
printf 'ok 1 - a\n1..1\n'; kill -SEGV $$
END
count 1 "1 passed, 1 failed, 0 skipped" "a test that dies at the end"

script short <<'END'
printf '1..3\nok 1 - a\n'
END
count 1 "1 passed, 1 failed, 0 skipped" "a test that does less than it planned"

script silent <<'END'
exit 0
END
count 1 "0 passed, 1 failed, 0 skipped" "a test that says nothing"

script long <<'END'
printf 'ok 1 - a\nok 2 - b\n'
END
count 1 "2 passed, 1 failed, 0 skipped" "a test without a plan"

script endless <<'END'
# SECONDS: 3
echo 'ok 1 - a'
sleep 4321
END
count 1 "1 passed, 1 failed, 0 skipped" "a test that does not end"
like "... has a limit of its own" "$(cat "$TMP/said")" '^# tests/e2e/endless.sh did not end within 3 s'
like "... and what it did is told" "$(cat "$TMP/said")" '^# +sleep 4321 *$'
like "... and how far it had come" "$(cat "$TMP/said")" 'status 124, 1 of an unknown .*, after: ok 1 - a$'

# Each of two that go side by side waits for the other; nobody is there with one
# that is alone.
for name in one two; do
    script $name <<'END'
echo 1..1
me=${0##*/}
touch "here.$me" "came.$me"
for i in $(seq 100); do
    [ "$(ls came.* | wc -l)" -lt 2 ] || break
    sleep 0.1
done
[ "$(ls came.* | wc -l)" = 2 ] && echo "ok 1 - a"
sleep 0.3
rm "here.$me"
END
done
for name in early later; do
    script $name <<'END'
# ALONE: the test of it
echo 1..1
ls here.* 2>/dev/null || echo "ok 1 - a"
touch here.alone
sleep 0.3
rm here.alone
END
done
count 0 "4 passed, 0 failed, 0 skipped" "tests side by side, and two that are alone"

sed -i 's/@true/@false/' "$TMP/tree/Makefile"
script good <<'END'
printf 'ok 1 - a\n1..1\n'
END
count 1 "0 passed, 1 failed, 0 skipped" "a build that fails"

is "plain make makes all" "$(make -C "$ROOT" -pn 2>/dev/null |
    sed -n 's/^\.DEFAULT_GOAL := //p')" all
t "nothing is to be installed any more" "$ROOT/tools/deps" --check build run test
"$ROOT/tools/deps" build run test >"$TMP/said" 2>&1
is "and then tools/deps says nothing" "$(cat "$TMP/said")" ""
exits "an unknown group is refused" 1 "$ROOT/tools/deps" nonsense
like "with the groups that there are" "$(cat "$TMP/err")" "there are: build run test lint fuzz"
exits "a sysroot needs an architecture that we know" 1 "$ROOT/tools/sysroot" mips
like "and says which" "$(cat "$TMP/err")" "x86_64 aarch64"

# attempts N: what comes of a command that succeeds at its Nth attempt
attempts() {
    # shellcheck disable=SC2016
    sh -c '. "$1/tools/apt.sh"
        at=0 good=$2
        sleep() { :; }
        fetch() { at=$((at + 1)) && [ $at = "$good" ]; }
        if tries fetch; then echo "had at $at"; else echo "given up at $at"; fi' sh "$ROOT" "$1"
}
is "a mirror that is not well for a moment is asked again" "$(attempts 3)" "had at 3"
is "and three times at most" "$(attempts 4)" "given up at 3"
finish
