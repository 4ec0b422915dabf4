#!/bin/sh
# SPDX-License-Identifier: MIT
# Functions in JavaScript: run, deployed, and what is said when they are wrong.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
uf=$BIN/unifaas
js=$ROOT/functions/js
cd "$TMP" || exit 1

err() { cat "$TMP/err"; }
out() { cat "$TMP/out"; }

if [ ! -f "$ROOT/build/sdk/$(uname -m)/javascript.elf" ]; then
    skip "scripts are run and deployed" "javascript: the engine could not be fetched"
    finish
    exit
fi

# ---- without a daemon -------------------------------------------------------------------
exits "a script runs without a folder, a manifest or a compiler" 0 \
    env PATH=/nonexistent "$uf" run "$js/alert.js" -d '{"sensor": "75.5"}'
is "... and answers as OpenWhisk's would" "$(out)" yes
is "... below its limit, too" "$("$uf" run "$js/alert.js" -d '{"sensor": "12"}' 2>/dev/null)" no
for backend in $(backends); do
    is "10,000 events on $backend see nothing of each other" \
        "$("$uf" run "$ROOT/tests/guest/js-pristine/main.js" -e COLOUR=green --repeat 10000 \
            --backend "$backend" 2>/dev/null)" ok
done

cat >where.js <<'JS'
function main(params) {
    return { body: [params.__ow_method, params.__ow_path, params.__ow_headers['x-a'], params.n] };
}
JS
is "a web call's method, path and headers are parameters" \
    "$("$uf" run where.js -m PUT -p /a/b -q n=1 -H 'X-A: b' 2>/dev/null)" '["put","/a/b","b","1"]'

cat >broken.js <<'JS'
function main() {
    return { body: };
}
JS
exits "a syntax error ends run with the outcome's status" 1 "$uf" run broken.js
like "... with file, line and column" "$(err)" 'broken\.js:2:20: SyntaxError: '
like "... and a caret" "$(err)" '^ {23}\^$'

printf 'function inner() {\n    throw new RangeError("too far");\n}\nfunction main() {\n    inner();\n}\n' \
    >thrown.js
exits "an exception ends run with 1" 1 "$uf" run thrown.js
like "... with its message" "$(err)" 'thrown: error: RangeError: too far'
like "... and its stack" "$(err)" '^    at inner \(thrown\.js:2:'

cat >full.js <<'JS'
const all = [];
for (let size = 1 << 20; size >= 1 << 16;)
    try {
        all.push(new ArrayBuffer(size));
    } catch (e) {
        size /= 2;
    }
function main({ list, __ow_body }) {
    return { body: String(list?.length ?? __ow_body.slice(0, 10)) };
}
JS
json='Content-Type: application/json'
list="{\"list\": [$(printf '[],%.0s' $(seq 5000))[]]}"
is "JSON for which there is just enough memory is taken" \
    "$("$uf" run full.js -H "$json" -d '{"list": [1]}' 2>/dev/null)" 1
like "JSON for which there is none is no mistake of the client's" \
    "$("$uf" run full.js -H "$json" -d "$list" 2>&1 | cut -c 1-200)" 'out-of-memory: .*limit is 8388608 bytes'
like "... nor a text, when the body only looks like JSON" \
    "$("$uf" run full.js -d "$list" 2>&1 | cut -c 1-200)" 'out-of-memory: .*limit is 8388608 bytes'
is "... as one is that is none" "$("$uf" run full.js -d '{"list": [' 2>/dev/null)" '{"list": ['

# ---- a folder ---------------------------------------------------------------------------
exits "unifaas new makes one" 0 "$uf" new greet --lang javascript
is "... which runs as it is" "$("$uf" run greet -d you 2>/dev/null)" "Hello, you!"
like "... and whose manifest says what parameters are" "$(cat greet/function.yaml)" '^# params: '
mkdir all && cp greet/main.js all && sed -e 1d -e 's/^# //' greet/function.yaml >all/function.yaml
exits "... in comments that are one" 0 "$uf" build all
mkdir -p parts/lib
echo 'lang: javascript' >parts/function.yaml
printf "import { twice } from './lib/twice.mjs';\nimport table from './lib/table.json';\n" >parts/main.js
echo 'export const main = ({ n }) => ({ body: `${table.name}: ${twice(Number(n))}` });' >>parts/main.js
echo 'export const twice = (n) => 2 * n;' >parts/lib/twice.mjs
echo '{"name": "twice"}' >parts/lib/table.json
is "a folder's files import each other, and JSON" "$("$uf" run parts -d '{"n": 21}' 2>/dev/null)" \
    'twice: 42'
"$uf" build parts -o parts.img >/dev/null
mkdir beside
echo 'export default "not of the folder";' >beside/secret.mjs
ln -s ../beside parts/beside
ln -s . parts/again
ln -s .. parts/lib/up
ln -s ../../beside/secret.mjs parts/lib/linked.mjs
"$uf" build parts -o linked.img >/dev/null
t "folders that are linked are not its own" sh -c '! grep -q beside/secret linked.img && ! grep -q again/ linked.img && ! grep -q lib/up linked.img'
t "... files that are linked are" grep -q lib/linked.mjs linked.img
rm -r parts/beside parts/again parts/lib/up parts/lib/linked.mjs
"$uf" build parts -o unlinked.img >/dev/null
t "... and without any it is as before" cmp parts.img unlinked.img
echo 'export const twice = (n) => n + n + 1;' >parts/lib/twice.mjs
is "... and what has changed in a folder of it is noticed" \
    "$("$uf" run parts -d '{"n": 21}' 2>/dev/null)" 'twice: 43'
echo "export const main = () => ({ body: 'made ' + 1 });" >other.js
touch -d '1 hour ago' other.js
mv parts/main.js parts/lib/table.json . && mv other.js parts/main.js
is "... and so is an older file in the place of another" "$("$uf" run parts 2>/dev/null)" 'made 1'
mv main.js parts/
exits "... and one that is gone" 1 "$uf" run parts
like "... which is told" "$(err)" 'there is no file \./lib/table\.json'
mkdir old
echo 'lang: javascript' >old/function.yaml
printf "const { twice } = require('./lib/twice');\nexports.main = ({ n }) => ({ body: twice(n) + '' });\n" \
    >old/index.js
mkdir old/lib
echo 'module.exports = { twice: (n) => 2 * n };' >old/lib/twice.js
is "... and so they do with require()" "$("$uf" run old -d '{"n": 4}' 2>/dev/null)" 8
sed -i '1i #!/usr/bin/env node' old/index.js old/lib/twice.js
is "... each of which may begin as a program of Node" "$("$uf" run old -d '{"n": 4}' 2>/dev/null)" 8
echo 'throw new Error("no");' >>old/lib/twice.js
exits "... and keeps its lines" 1 "$uf" run old
like "... with it" "$(err)" 'at .*\(lib/twice\.js:3:'
cat >old/index.js <<'JS'
const ask = (name) => { try { return JSON.stringify(require(name)); } catch (e) { return e.name; } };
exports.main = () => ({ body: [ask('./lib/half'), ask('./lib/half'), ask('./lib/bad.json'), ask('./lib/bad.json')].join() });
JS
echo 'exports.ready = false; throw new RangeError("no");' >old/lib/half.js
echo '{"a": ' >old/lib/bad.json
is "a file that threw is not taken for loaded" "$("$uf" run old 2>/dev/null)" \
    RangeError,RangeError,SyntaxError,SyntaxError
echo "import x from './lib/gone.js'; export const main = () => x;" >old/index.js
exits "a file that is not there is refused" 1 "$uf" run old
like "... by who asks for it and its name" "$(err)" 'index\.js: there is no file \./lib/gone\.js'

# ---- default parameters -----------------------------------------------------------------
mkdir bound
cat >bound/function.yaml <<'YAML'
lang: javascript
params:
  unit: "12"
  limit: 12
  sensors: [a, {name: b, on: true}]
  none:
YAML
cat >bound/main.js <<'JS'
function main(params) {
    const { unit, limit, sensors, none } = params;
    sensors[1].name += '!';
    return { body: { unit, limit, sensors, none } };
}
JS
rest='"sensors":["a",{"name":"b!","on":true}],"none":null}'
is "parameters of the manifest are there, with the types that YAML gives them" \
    "$("$uf" run bound 2>/dev/null)" "{\"unit\":\"12\",\"limit\":12,$rest"
is "... an event's query and body are over them" \
    "$("$uf" run bound -q 'unit=K&limit=1' -d '{"limit": [2]}' 2>/dev/null)" \
    "{\"unit\":\"K\",\"limit\":[2],$rest"
is "... a script alone has those of --manifest" \
    "$("$uf" run bound/main.js --manifest bound/function.yaml 2>/dev/null)" \
    "{\"unit\":\"12\",\"limit\":12,$rest"
sed -i 's/limit: 12/limit: 13/' bound/function.yaml
is "... and those that change make another image" "$("$uf" run bound 2>/dev/null)" \
    "{\"unit\":\"12\",\"limit\":13,$rest"
mkdir typed
printf 'lang: c\nparams: {a: 1}\n' >typed/function.yaml
exits "a function in C has none" 6 "$uf" build typed
like "... which is told with the way out" "$(err)" \
    'function\.yaml:2: params: only a script has them \(lang: javascript\); lang: c has env'
mkdir none
echo 'lang: javascript' >none/function.yaml
exits "a folder without a script is no function" 5 "$uf" run none
like "... and that is told" "$(err)" 'no script, such as main\.js'

mkdir plain && cp greet/main.js plain
exits "nor is one with a script and no manifest" 5 "$uf" run plain
like "... which is told what to write" "$(err)" 'plain: only scripts; write `lang: javascript` in function\.yaml'
cp greet/main.js old.cjs
exits "a file that is neither a script nor an image is refused" 2 "$uf" run old.cjs
like "... with the way out" "$(err)" '^unifaas: old\.cjs: is neither an image nor a script .*; call it \.js'
touch main.c
exits "so is a file in C" 2 "$uf" run main.c
like "... with its own" "$(err)" 'give the folder'
echo 'const main = () => ({ error: { statusCode: 200, body: "x" } });' >wrong.js
exits "an error with a status that is none ends with 1" 1 "$uf" run -v wrong.js
like "... and -v shows what a daemon sends" "$(err)" '^< 500'

# ---- with a daemon ----------------------------------------------------------------------
t "the daemon starts" start_daemon
exits "a script is deployed by one command" 0 "$uf" deploy "$js/alert.js"
is "... and answers over HTTP" "$(curl -s -d '{"sensor": "75.5"}' "$GATEWAY/function/alert")" yes
is "... also to the body that its twin in C takes" "$(curl -s -d 12 "$GATEWAY/function/alert")" no
like "... and is told to be JavaScript" "$("$uf" describe alert --json)" '"lang": *"javascript"'

t "a script's image is built" "$uf" build "$js/alert.js" -o alert.img
t "... and deployed alone, with its language" "$uf" deploy alert.img \
    --annotation com.unifaas.lang=javascript
like "... which is told, for the image has none" "$("$uf" describe alert --json)" '"lang": *"javascript"'

is "a body that is not the JSON that it says it is gets 400" "$(code_of "$GATEWAY/function/alert" \
    -H 'Content-Type: application/json' -d '{"sensor":')" 400
like "... with words" "$(cat body)" '^the body is not the JSON that it says it is: SyntaxError'
like "... and the type of words" "$(cat headers)" '^content-type: text/plain'
printf '%20000s' '' | tr ' ' '[' >deep
is "so does one that is nested too deeply" "$(code_of "$GATEWAY/function/alert" \
    -H 'Content-Type: application/json' --data-binary @deep)" 400
is "... which is told" "$(cat body)" 'the body is JSON that is nested too deeply'

printf 'function main(p) { return p.__ow_headers; }\n' >heads.js
t "a script that answers with its headers is deployed" "$uf" deploy heads.js
like "of several with one name it has all" "$(curl -s "$GATEWAY/function/heads" -H 'X-A: 1' \
    -H 'Cookie: a=1' -H 'x-a: 2' -H 'cookie: b=2' -H 'X-A: 3')" '"x-a":"1, 2, 3","cookie":"a=1; b=2"'

printf 'console.log("\\x1b[2J\\u009bJ h\\u00e9\\tllo");\nthrow new Error("no");\n' >loud.js
exits "a script that fails while it is loaded is not deployed" 1 "$uf" deploy loud.js
like "... which shows what it said, but no terminal obeys" "$(err)" '\?\[2J\?\?J hé	llo$'
exits "a script with a syntax error is not deployed" 1 "$uf" deploy broken.js
like "... and the place is told" "$(err)" 'init failed: error: broken\.js:2:20: SyntaxError: '
like "... with the line and a caret" "$(err)" '^ {23}\^$'
is "... and there is no such function" "$(code_of "$GATEWAY/function/broken")" 404
cp broken.js alert.js
exits "... nor does it take the place of one that works" 1 "$uf" deploy alert.js
is "... which answers as before" "$(curl -s -d 75.5 "$GATEWAY/function/alert")" yes

t "a script that throws is deployed" "$uf" deploy thrown.js
is "... and answers with 500" "$(code_of "$GATEWAY/function/thrown")" 500
like "... with the message" "$(cat body)" '^error: RangeError: too far'
like "... and the stack" "$(cat body)" 'inner \(thrown\.js:2:'
like "... which is in the log as well" "$("$uf" logs thrown)" 'error: RangeError: too far'
id=$(sed -n 's/^X-Call-Id: *\([^\r]*\).*/\1/ip' headers)
like "... and in the record" "$("$uf" invocation "$id")" 'RangeError: too far'

cat >words.js <<'JS'
export default (event) => {
    throw new Error(event.trigger === 'http' ? 'größer €\u009bJ' : '€'.repeat(200));
};
JS
printf 'lang: javascript\naccess: public\ntriggers: [{queue: words}]\nretry: {attempts: 1}\n' >words.yaml
t "a script that throws in letters of its own is deployed" "$uf" deploy words.js --manifest words.yaml
is "... and answers with 500" "$(code_of "$GATEWAY/function/words")" 500
like "... in them, but commands no terminal" "$(cat body)" '^error: Error: größer €\?\?J$'
id=$(sed -n 's/^X-Call-Id: *\([^\r]*\).*/\1/ip' headers)
like "... as the record says" "$("$uf" invocation "$id")" 'Error: größer €\?\?J'
"$uf" queue push words x >/dev/null
euros=$(printf '€%.0s' $(seq 64))
parked() { "$uf" dead list -o json | grep -q "\"reason\": *\"error: Error: $euros\""; }
t "a dead letter's reason is cut, but no letter of it" eventually 10 parked

cat >stuck.js <<'JS'
function until(n, most) {
    while (n < most)
        n = Math.max(n, 1);
}
function main() {
    console.log('begin');
    until(1, 2);
}
JS
t "a script with a loop that never ends is deployed" "$uf" deploy stuck.js --timeout 1s
is "... and ended at its limit" "$(code_of "$GATEWAY/function/stuck")" 504
id=$(sed -n 's/^X-Call-Id: *\([^\r]*\).*/\1/ip' headers)
like "... the record says what it had logged" "$("$uf" invocation "$id")" 'info: begin'
like "... and where it was" "$("$uf" invocation "$id")" 'until \(stuck\.js:3:'
like "... as the log does" "$("$uf" logs stuck)" 'main \(stuck\.js:7:'
unlike "... and no addresses of the engine" "$("$uf" logs stuck)" '0x'

cat >failing.js <<'JS'
export default (event) => event.query.gone === undefined ? { error: 'no such\nsensor' } :
    { error: Response.json({ why: 'gone' }, { status: 410 }) };
JS
t "a script that answers {error: ...} is deployed" "$uf" deploy failing.js
is "... fails with 500" "$(code_of "$GATEWAY/function/failing")" 500
is "... and its words" "$(cat body)" '{"error":"no such\nsensor"}'
id=$(sed -n 's/^X-Call-Id: *\([^\r]*\).*/\1/ip' headers)
like "... which are in the record" "$("$uf" invocation "$id")" \
    'handle returned 1: \{"error":"no such\\nsensor"\}'
is "... or with the status that it names" "$(code_of "$GATEWAY/function/failing?gone=")" 410
is "... and what it answers" "$(cat body)" '{"why":"gone"}'
like "... as an error all the same" "$(cat headers)" '^X-UniFaaS-Outcome: error'
id=$(sed -n 's/^X-Call-Id: *\([^\r]*\).*/\1/ip' headers)
like "... in the record, too" "$("$uf" invocation "$id")" '410'

cat >store.js <<'JS'
function main({ say }) {
    const count = kv.incr('count', 2);
    kv.set('last', { say });
    kv.set('short', 'x', { ttl: 60000 });
    queue.push('said', say);
    console.warn('said', say);
    console.log(JSON.stringify({ level: 'error', said: say }));
    return { count, last: kv.get('last', 'json'), keys: kv.list(), none: kv.get('none') ?? null,
        gone: kv.delete('short'), never: kv.delete('never'), env: env.GREETING, again: secretOf() };
}
function secretOf() {
    try {
        return secret('token');
    } catch (e) {
        return e.message;
    }
}
JS
t "a script with the platform's calls is deployed" "$uf" deploy store.js -e GREETING=hi
want='{"count":2,"last":{"say":"a"},"keys":["count","last","short"],"none":null,"gone":true,"never":false,'
is "kv, env and secret do what they say" "$(curl -s -d '{"say": "a"}' "$GATEWAY/function/store")" \
    "$want\"env\":\"hi\",\"again\":\"secret(\\\"token\\\"): it is not in \`secrets\` of function.yaml\"}"
like "what is kept is there for the next" "$(curl -s -d '{"say": "b"}' "$GATEWAY/function/store")" \
    '^\{"count":4,'
like "what was pushed waits in the queue" "$("$uf" queue list)" 'said +2'
like "the log has its levels" "$("$uf" logs store)" 'warn: said b'
is "a line of JSON its own" "$("$uf" logs store -l error --json | jq -r '.level + " " + .text' | tail -n 1)" \
    'error {"level":"error","said":"b"}'
mkdir batch
cat >batch/function.yaml <<'Y'
name: batch
lang: javascript
triggers: [{queue: many, batch: 3, batch_window: 300ms}]
retry: {attempts: 1}
Y
echo 'function main(params) { kv.set("batch", params); }' >batch/main.js
t "a script of one event is deployed for several" "$uf" deploy batch
printf '{"a":1}\n{"a":2}' | curl -s --data-binary @- "$GATEWAY/system/queues/many?batch=1" >/dev/null
given_up() { "$uf" dead list | grep -q 'batch of 2 events, and main(params) takes one'; }
t "they are not taken for one, and a person can see them" eventually 10 given_up
is "nothing was made of them" "$("$uf" kv get batch 2>/dev/null)" ""
cat >batch/main.js <<'JS'
export default (event) => {
    const whole = ['text', 'json', 'bytes'].map((how) => () => event[how]()).concat(() => event.body);
    const why = whole.map((ask) => { try { return ask(); } catch (e) { return `${e}`; } });
    kv.set('why', [...new Set(why)]);
    kv.set('batch', event.items.map((i) => i.json().a));
};
JS
t "one that takes several is deployed" "$uf" deploy batch
printf '{"a":1}\n{"a":2}' | curl -s --data-binary @- "$GATEWAY/system/queues/many?batch=1" >/dev/null
taken() { [ "$("$uf" kv get batch 2>/dev/null)" = '[1,2]' ]; }
t "it has each of them" eventually 10 taken
is "... and nothing that could be taken for the body of one" "$("$uf" kv get why)" \
    '["TypeError: this is a batch of 2 events, each with a body of its own: use event.items, or no `batch`"]'
"$uf" remove batch >/dev/null
"$uf" kv delete batch
"$uf" kv delete why
cat >odd.js <<'JS'
const tries = {
    ttls: [0, -1, '1s', NaN, 0.5, 1e30, null].map((ttl) => () => kv.set('odd', 'x', { ttl })),
    delays: [-5, '1h', NaN, 1e19, null].map((delay) => () => queue.push('odd', 'x', { delay })),
    steps: [1e30, 1.5, NaN, '5', null].map((by) => () => kv.incr('odd', by)),
};
function main() {
    for (const name in tries)
        for (const one of tries[name])
            try {
                one();
                return { taken: `${name}: ${one}` };
            } catch (e) {
                if (!(e instanceof TypeError)) throw e;
            }
    return { keys: kv.list('odd') };
}
JS
t "one whose times and numbers make no sense is deployed" "$uf" deploy odd.js
is "none of them is taken" "$(curl -s "$GATEWAY/function/odd")" '{"keys":[]}'

sed -i '1a reuse: instance' bound/function.yaml
t "a folder with parameters is deployed" "$uf" deploy bound
is "its parameters are those of the manifest" "$(curl -s "$GATEWAY/function/bound")" \
    "{\"unit\":\"12\",\"limit\":13,$rest"
is "... for the next event, too, whatever the last one did to them" \
    "$(curl -s -d '{"unit": "K"}' "$GATEWAY/function/bound")" "{\"unit\":\"K\",\"limit\":13,$rest"
echo 'export default (event, context) => [context.params.limit++, context.params.limit];' >bound/main.js
t "... and as a handler of events" "$uf" deploy bound
is "... it finds them in its context" "$(curl -s "$GATEWAY/function/bound?limit=1")" '[13,14]'
is "... again as they were" "$(curl -s "$GATEWAY/function/bound?limit=1")" '[13,14]'

echo 'let n = 0; function main() { return { body: String(++n) }; }' >keep.js
t "a script is deployed again" "$uf" deploy keep.js
is "what an event leaves in a global is not there for the next" \
    "$(curl -s "$GATEWAY/function/keep")$(curl -s "$GATEWAY/function/keep")" 11
printf 'lang: javascript\nreuse: instance\nmax_instances: 1\n' >keep.yaml
t "... and with reuse: instance" "$uf" deploy keep.js --manifest keep.yaml
is "... it is" "$(curl -s "$GATEWAY/function/keep")$(curl -s "$GATEWAY/function/keep")" 12

stop_daemon
is "the daemon ends with 0" "$DAEMON_STATUS" 0
finish
