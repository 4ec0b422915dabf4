#!/bin/sh
# SPDX-License-Identifier: MIT
# unifaas dev: what is edited is deployed, whatever happens in between.
# shellcheck source=tests/e2e/lib.sh disable=SC2119
. "$(dirname "$0")/lib.sh"
uf=$BIN/unifaas
cd "$TMP" || exit 1
mkdir tmp

# Not behind exits: it goes on until it is told to end.
dev() {
    TMPDIR=$TMP/tmp "$uf" dev "$@" >"$TMP/dev.out" 2>"$TMP/dev.err" </dev/null &
    DEV_PID=$!
}
# The answer of a function is so.
answers() { [ "$(curl -sS "$GATEWAY/function/$1" 2>/dev/null)" = "$2" ]; }
shows() { grep -Eq -e "$1" "$TMP/dev.out" "$TMP/dev.err"; }
deployments() { grep -Ec ': (deployed|updated), ' "$TMP/dev.out"; }
# end_dev SIGNAL: sets DEV_STATUS
end_dev() {
    remember "$DEV_PID"
    kill "-$1" "$DEV_PID"
    eventually 10 gone "$DEV_PID" || kill -KILL "$DEV_PID"
    DEV_STATUS=0
    wait "$DEV_PID" || DEV_STATUS=$?
}
write_c() {
    cat >"$1/main.c" <<EOF
#include <unifaas.h>
#include <stdio.h>
#include "words.h"
int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    printf("%s was asked\n", "$2");
    return uf_respond_text(response, "$2" WORDS);
}
EOF
}

exits "what is not there cannot be watched" 4 "$uf" dev gone
echo 'export default () => "";' >'My Func.js'
exits "a file whose name is no function's cannot be deployed" 2 timeout 20 "$uf" dev 'My Func.js'
like "... which is told, with the way out" "$(cat "$TMP/err")" "^unifaas: My Func\.js: .*; give one with --name"
start_daemon

# ---- C ----------------------------------------------------------------------------------
mkdir -p hello hello/docs
echo '#define WORDS ""' >hello/words.h
write_c hello one
dev hello
t "dev deploys what is there" eventually 20 answers hello one
t "... and shows what it writes to its log" eventually 10 shows 'one was asked'
write_c hello two
t "a source that was edited is built and deployed" eventually 20 answers hello two
t "... with its log" eventually 10 shows 'two was asked'
echo '#define WORDS "!"' >hello/words.h
t "a header is a source as well" eventually 20 answers hello 'two!'
echo 'int broken' >hello/words.h
t "what does not compile is told" eventually 20 shows 'not deployed; waiting for a change of hello'
t "... with the compiler's words" shows 'words\.h:'
t "... and what was there goes on" answers hello 'two!'
echo '#define WORDS "?"' >hello/words.new
mv hello/words.new hello/words.h
t "dev goes on, and sees a file that takes another's place" eventually 20 answers hello 'two?'
n=$(deployments)
echo notes >hello/docs/notes.txt
echo x >hello/.main.c.swp
mkdir hello/node_modules
sleep 0.5
is "what no image depends on changes nothing" "$(deployments)" "$n"
end_dev INT
is "Ctrl-C ends it well" "$DEV_STATUS" 0
t "... and leaves the function" answers hello 'two?'
is "... and nothing in the folder for temporary files" "$(ls tmp)" ""

# ---- scripts ----------------------------------------------------------------------------
if [ ! -f "$ROOT/build/sdk/$(uname -m)/javascript.elf" ]; then
    skip "dev deploys scripts" "javascript: the engine could not be fetched"
    finish
    exit
fi
echo 'function main() { return { body: "first" }; }' >say.js
echo 'function main() { return { body: "bystander" }; }' >other.js
dev say.js --name told -e UNUSED=1
t "a script alone is deployed, under the name that is given" eventually 20 answers told first
touch other.js
sleep 0.5
is "... and the file beside it is none of its business" "$(deployments)" 1
echo 'function main() { return { body: ' >say.js
t "a syntax error is told" eventually 20 shows 'say\.js:[0-9]+:[0-9]+: SyntaxError'
echo 'function main() { throw new Error("on purpose"); }' >say.js
# shellcheck disable=SC2016
t "what is edited after an error is deployed, and its exception shown" eventually 20 sh -c \
    'curl -sS "$1/function/told" >/dev/null; grep -q "on purpose" "$2"' - "$GATEWAY" "$TMP/dev.out"
t "... with its stack" eventually 10 shows 'at main \(say\.js:1:'
echo 'function main() { return { body: "last" }; }' >say.js
t "... and what mends it is deployed" eventually 20 answers told last
end_dev TERM
is "SIGTERM ends it as well" "$DEV_STATUS" 0

mkdir -p parts
echo 'lang: javascript' >parts/function.yaml
echo "import { word } from './lib/word.mjs'; export default () => word;" >parts/main.js
dev parts
t "a folder that cannot be deployed yet is told" eventually 20 shows 'there is no file \./lib/word\.mjs'
mkdir parts/lib
echo 'export const word = "made";' >parts/lib/word.mjs
t "... and is deployed once its file is there, in a folder that is new" eventually 20 answers parts made
echo 'export const word = "edited";' >parts/lib/word.mjs
t "... and again when that is edited" eventually 20 answers parts edited
stop_daemon
echo 'export const word = "later";' >parts/lib/word.mjs
t "without a daemon it says so" eventually 20 shows 'nobody answers there'
t "... and goes on" alive "$DEV_PID"
end_dev INT
is "... until it is ended" "$DEV_STATUS" 0
finish
