#!/bin/sh
# SPDX-License-Identifier: MIT
# What functions in JavaScript ask of the platform: queues, topics and what is kept for a
# time, from one function to the other; and what is said when it cannot be done.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
uf=$BIN/unifaas
cd "$TMP" || exit 1

if [ ! -f "$ROOT/build/sdk/$(uname -m)/javascript.elf" ]; then
    skip "scripts ask the platform" "javascript: the engine could not be fetched"
    finish
    exit
fi

kept() { [ "$("$uf" kv get "$1" 2>/dev/null)" = "$2" ]; }
gone() { ! "$uf" kv get "$1" >/dev/null 2>&1; }

t "the daemon starts" start_daemon

# ---- queues -----------------------------------------------------------------------------
cat >boxes.js <<'JS'
export default (event) => {
    if (event.method === 'POST') {
        queue.push('box', 'größer');
        queue.push('box', { n: [1, 2] });
        queue.push('box', new Uint8Array([0, 255]));
        return;
    }
    const bytes = (b) => b === undefined ? null : Array.from(b);
    return [queue.pop('box'), queue.pop('box', 'json'), bytes(queue.pop('box', 'bytes')),
            queue.pop('box') ?? null];
};
JS
t "a script that pushes and pops is deployed" "$uf" deploy boxes.js
is "out of an empty queue comes nothing" "$(curl -s "$GATEWAY/function/boxes")" '[null,null,null,null]'
is "what is pushed" "$(code_of "$GATEWAY/function/boxes" -d x)" 204
is "... is popped in order, as what it was" "$(curl -s "$GATEWAY/function/boxes")" \
    '["größer",{"n":[1,2]},[0,255],null]'
is "... once" "$(curl -s "$GATEWAY/function/boxes")" '[null,null,null,null]'

# ---- topics -----------------------------------------------------------------------------
for who in one two; do
    mkdir $who
    printf 'name: %s\nlang: javascript\ntriggers: [{topic: news}]\n' $who >$who/function.yaml
    echo "export default (event) => kv.set('$who', [event.trigger, event.json()]);" >$who/main.js
    t "a script that listens to a topic is deployed" "$uf" deploy $who
done
echo 'export default () => publish("news", { n: 7 });' >tells.js
t "one that publishes is" "$uf" deploy tells.js
is "what it publishes" "$(code_of "$GATEWAY/function/tells")" 204
for who in one two; do
    t "... everyone hears" eventually 10 kept $who '["topic",{"n":7}]'
done

# ---- later, and for a time --------------------------------------------------------------
mkdir late
printf 'name: late\nlang: javascript\ntriggers: [{queue: later}]\n' >late/function.yaml
echo 'export default (event) => kv.set("late", Date.now() - event.json().pushed);' >late/main.js
echo 'export default () => queue.push("later", { pushed: Date.now() }, { delay: 1500 });' >delays.js
t "a script that takes from a queue is deployed" "$uf" deploy late
t "... and one that pushes for later" "$uf" deploy delays.js
is "what is pushed with a delay" "$(code_of "$GATEWAY/function/delays")" 204
came() { "$uf" kv get late >/dev/null 2>&1; }
t "... comes" eventually 15 came
t "... and not before" test "$("$uf" kv get late)" -ge 1500

cat >keeps.js <<'JS'
export default (event) => {
    if (event.method === 'GET')
        return [kv.get('short') ?? null, kv.get('long') ?? null, kv.list().includes('short')];
    kv.set('short', 'a', { ttl: 1500 });
    kv.set('long', 'b', { ttl: 3600000 });
    return [kv.get('short'), kv.get('long'), kv.list().includes('short')];
};
JS
t "a script that keeps keys for a time is deployed" "$uf" deploy keeps.js
is "they are there" "$(curl -s -d x "$GATEWAY/function/keeps")" '["a","b",true]'
t "... until their time is over" eventually 15 gone short
is "... also for a script, and the others stay" "$(curl -s "$GATEWAY/function/keeps")" '[null,"b",false]'

# ---- what cannot be done ------------------------------------------------------------------
mkdir tries
cat >tries/function.yaml <<'Y'
name: tries
lang: javascript
secrets: []
Y
cat >tries/main.js <<'JS'
const MiB = 1 << 20;
const tries = [
    () => kv.set('k', 'x'.repeat(MiB + 1)),
    () => kv.set('k', 'x'.repeat(MiB)),
    () => { queue.push('q', 'x'.repeat(MiB / 2)); publish('t', 'x'.repeat(MiB / 2)); },
    () => secret('token'),
    () => queue.pop('later'),
    () => { kv.set('word', 'a'); kv.incr('word'); },
    () => kv.set('x'.repeat(256), 1),
    () => kv.incr(''),
    () => kv.set('k'),
    () => kv.set('k', () => 1),
    () => kv.set('k', { toJSON() {} }),
    () => queue.push('q', undefined),
    () => publish('t', undefined),
    () => kv.incr('a\nb'),
    () => kv.incr('a\u0085'),
    () => kv.incr('ü'),
];
export default (event) => {
    const i = Number(event.query.i);
    try {
        tries[i]();
    } catch (e) {
        return `${e}`;
    }
    return `${tries[i]} was done`;
};
JS
t "a script that asks too much is deployed" "$uf" deploy tries
try() { curl -s "$GATEWAY/function/tries?i=$1"; }
all='of function.yaml allows in all (1Mi unless said)'
is "a value of more than 1 MiB is told its limit" "$(try 0)" \
    'TypeError: kv.set("k"): 1048577 bytes; one value has at most 1048576 (1 MiB)'
is "one of 1 MiB, the key that allows it" "$(try 1)" \
    "TypeError: kv.set(\"k\"): with these 1048576 bytes the event writes more than \`limits.effects\` $all"
is "... and so is what is too much together" "$(try 2)" \
    "TypeError: publish(\"t\"): with these 524288 bytes the event writes more than \`limits.effects\` $all"
is "a secret that is not listed is told where" "$(try 3)" \
    'TypeError: secret("token"): it is not in `secrets` of function.yaml'
is "what goes to a function is not popped" "$(try 4)" \
    'TypeError: queue.pop("later"): its events go to a function, which alone gets them'
is "no number grows" "$(try 5)" \
    'TypeError: kv.incr("word"): its value is no whole number, or the sum has more than 64 bits'
name='a name has 1 to 255 bytes of UTF-8 without control characters'
like "too long a name is told" "$(try 6)" "^TypeError: kv.set\\(\"x{64}\"\\): $name\$"
is "... and none at all" "$(try 7)" "TypeError: kv.incr(\"\"): $name"
is "a value that is missing is not kept" "$(try 8)" \
    'TypeError: kv.set("k"): undefined is no value; null is one'
for i in 9 10; do
    is "... nor what has no JSON" "$(try $i)" 'TypeError: what has no JSON, as a function, is no value and no body'
done
is "... nor pushed" "$(try 11)" 'TypeError: queue.push("q"): undefined is no value; null is one'
is "... nor published" "$(try 12)" 'TypeError: publish("t"): undefined is no value; null is one'
like "a control character of a name is told" "$(try 13)" "$name"
like "... whichever it is" "$(try 14)" "$name"
like "... and no letter is taken for one" "$(try 15)" 'was done$'
t "nothing of it was done" gone k
cat >nul.js <<'JS'
const name = 'role\0x';
const calls = [() => kv.set(name, 1), () => kv.get(name), () => kv.delete(name), () => kv.incr(name), () => kv.list(name),
    () => queue.push(name, 1), () => queue.pop(name), () => publish(name, 1), () => secret(name)];
export default (event) => {
    console.log('one\0two');
    return [...new Set(calls.map((call) => {
        try {
            return `${call} was done: ${call()}`;
        } catch (e) {
            return `${e}`.replace(/: .*\("role"\)/, '');
        }
    })), event.attribute('type') !== event.attribute('type\0')];
};
JS
t "a script whose names have a NUL is deployed" "$uf" deploy nul.js
is "what is before it is taken for none of them" \
    "$(curl -s "$GATEWAY/function/nul" -H 'ce-specversion: 1.0' -H 'ce-id: 1' -H 'ce-source: /' -H 'ce-type: a')" \
    "[\"TypeError: $name\",true]"
t "... and nothing was done" gone role
like "a line of the log has what is behind one" "$("$uf" logs nul)" 'info: one\?two$'
echo 'limits: {effects: 2Mi}' >>tries/function.yaml
t "it is deployed with a higher limit" "$uf" deploy tries
like "... and keeps 1 MiB" "$(try 1)" ' was done$'
is "... whole" "$("$uf" kv get k | wc -c)" 1048576

stop_daemon
is "the daemon ends with 0" "$DAEMON_STATUS" 0
finish
