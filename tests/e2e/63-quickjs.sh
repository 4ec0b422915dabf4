#!/bin/sh
# SPDX-License-Identifier: MIT
# QuickJS's own tests, from the source that the engine is built of, run as functions.
#
# They are read from build/cache. What is not run, and why (docs/javascript.md says the
# same): it needs something outside of the language that a function does not have.
#
#   test_worker.js, test_worker_module.js    threads: os.Worker
#   test_bjson.js                            a module in C, loaded while it runs
#   microbench.js                            measures, tests nothing
#   of test_std.js all but test_timer and test_async_gc:
#       test_printf, test_ext_json           std.sprintf, std.parseExtJSON
#       test_file1, test_file2, test_getline files
#       test_popen, test_os, test_os_exec    files and processes
#
# assert.js and fixture_cyclic_import.js are files that tests import.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
uf=$BIN/unifaas
theirs=$ROOT/build/cache/quickjs/tests
scripts='test_bigint.js test_builtin.js test_closure.js test_language.js test_loop.js test_std.js'
modules=test_cyclic_import.js
left_out='microbench.js test_bjson.js test_worker.js test_worker_module.js'
std_left_out='printf ext_json file1 file2 getline popen os os_exec'
imported='assert.js fixture_cyclic_import.js'

if [ ! -f "$ROOT/build/sdk/$(uname -m)/javascript.elf" ] || [ ! -d "$theirs" ]; then
    skip "QuickJS's own tests pass" "javascript: the engine could not be fetched"
    finish
    exit
fi

f=$TMP/quickjs
mkdir "$f"
cp "$theirs"/*.js "$f"
# shellcheck disable=SC2086
is "each file of theirs is run, imported or left out by name" "$(cd "$f" && echo *.js)" \
    "$(printf '%s\n' $scripts $modules $left_out $imported | sort | xargs)"
# shellcheck disable=SC2086
(cd "$f" && rm $left_out)

# What is left out ends as an empty line, so that all others keep their numbers.
calls() { grep -c '^test_[a-z0-9_]*();$' "$f/test_std.js"; }
before=$(calls)
sed '1s/^#!.*//; s/^import \* as .*//' "$theirs/test_std.js" >"$f/test_std.js"
for name in $std_left_out; do
    sed -i "s/^test_$name();\$//" "$f/test_std.js"
done
is "... and of test_std.js as many as are named" "$((before - $(calls)))" \
    "$(echo "$std_left_out" | wc -w)"

printf 'name: quickjs\nlang: javascript\nmemory: 64Mi\ntimeout: 60s\n' >"$f/function.yaml"
cat >"$f/main.js" <<'JS'
// Garbage in a cycle, of more than half of the memory: the next object has the engine collect.
function waste() {
    const garbage = {};
    garbage.self = garbage;
    garbage.much = new ArrayBuffer(36 << 20);
}
// What they expect of the program that runs them.
globalThis.std = { gc: () => (waste(), {}) };
globalThis.os = { setTimeout, clearTimeout };

let cycle = {};
cycle.self = cycle;
let weak;

exports.main = async ({ file, type }) => {
    weak = new WeakRef(cycle);
    cycle = undefined;
    await null;
    std.gc();
    if (weak.deref() !== undefined)
        throw new Error('std.gc() collects nothing');
    if (type === 'module')
        await import('./' + file);
    else
        require('./' + file);
    // Timers of theirs come first. What they throw ends the invocation.
    await new Promise((resolve) => setTimeout(resolve, 1));
    return 'passed';
};
JS

run() { "$uf" run "$f" --backend "$backend" -d "{\"file\": \"$1\", \"type\": \"$2\"}"; }
passes() {
    t "$1 passes on $backend" run "$1" "$2"
    is "... to its end" "$(cat "$TMP/out")" passed
}
for backend in $(backends); do
    for file in $scripts; do
        passes "$file" script
    done
    passes "$modules" module
done

sed -i '0,/^    assert(s === "xafyaf");$/s//    assert(s, "xafyag");/' "$f/test_loop.js"
line=$(grep -n 'xafyag' "$f/test_loop.js" | cut -d: -f1)
exits "one that fails fails here" 1 run test_loop.js script
like "... by its file and line" "$(cat "$TMP/err")" "^    at test_.* \(test_loop\.js:$line:"
echo 'os.setTimeout(() => { throw new Error("late"); }, 0);' >"$f/test_loop.js"
exits "... also when it is a timer of its that fails" 1 run test_loop.js script
like "... by its file and line" "$(cat "$TMP/err")" 'test_loop\.js:1:'
finish
