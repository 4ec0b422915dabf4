#!/bin/sh
# SPDX-License-Identifier: MIT
# Scripts and events that nobody means well with, made by tests/hostile/scripts.js, take
# neither the daemon nor a tender down: each gets a status that docs/http-api.md has, the
# daemon is the same process afterwards, and other functions do not notice.
#
#   UF_SEED=N UF_SECONDS=N tests/e2e/34-hostile-scripts.sh
#
# A round is made of the seed, which is printed, and the next of the next one, for as long
# as UF_SECONDS says, as make fuzz does. Without it there is one on each backend.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
# shellcheck source=tests/e2e/hostile.sh
. "$ROOT/tests/e2e/hostile.sh"
uf=$BIN/unifaas
all="hostile scripts and events get a status, and nothing else happens"

if [ ! -f "$ROOT/build/sdk/$(uname -m)/javascript.elf" ]; then
    skip "$all" "javascript: the engine could not be fetched"
    finish
    exit
fi
mkdir "$TMP/made"
cd "$TMP/made" || exit 1

# make_files WHAT COUNT: WHAT.0, WHAT.1, ...
make_files() {
    "$uf" run "$ROOT/tests/hostile/scripts.js" -d "{\"seed\": $seed, \"what\": \"$1\", \"count\": $2}" \
        >all || return 1
    rm -f "$1".*
    if [ "$1" = scripts ]; then
        awk '/^#[0-9]+$/ { close(f); f = "scripts." substr($0, 2); next } { print >f }' all
    else
        while read -r line; do
            IFS= read -r bytes
            printf '%b' "$bytes" >"$1.${line#?}"
        done <all
    fi
    ls "$1.$(($2 - 1))"
}

# ask FUNCTION FILE...: send each, of changing types, and add to answers a line of status,
# outcome, function and file.
ask() {
    to=$1
    shift
    # shellcheck disable=SC2094
    for sent in "$@"; do
        case $((${sent##*.} % 5)) in
        0) type='application/json' ;;
        1) type='application/x-www-form-urlencoded' ;;
        2) type='text/plain; charset=x' ;;
        3) type='application/cloudevents+json' ;;
        *) type='' ;;
        esac
        printf 'next\nurl = "%s/function/%s/%%ff?a=%%&__proto__=1&=&a=2"\n' "$GATEWAY" "$to"
        printf 'header = "Content-Type: %s"\ndata-binary = "@%s"\n' "$type" "$sent"
        printf 'output = /dev/null\nmax-time = 30\n'
        printf 'write-out = "%%{http_code} %%header{x-unifaas-outcome} %s %s\\n"\n' "$to" "$sent"
    done | sed 1d >config
    curl -sS -K config >>answers
}

# Lines of answers that are not as documented.
not_documented() {
    awk 'NF == 3 { if ($1 < 200 || $1 > 599 || $1 == 503) print; next }
        NF != 4 || $2 !~ /^(error|out-of-memory|stack-overflow|log-limit|response-limit|host-call-limit|time-limit|cpu-limit)$/ {
            print; next }
        $1 != ($2 == "error" ? 500 : $2 ~ /^(time|cpu)-limit$/ ? 504 : 502) { print }' answers
}
some_outcomes() { [ "$(awk '{ print NF == 4 ? $2 : "ok" }' answers | sort -u | wc -l)" -ge 3 ]; }

# Each is deployed or refused in words, and then called.
why() { echo "seed $seed, $file, status $status:" && cat said; } >&2
deploy_scripts() {
    deployed=0
    for file in scripts.*; do
        cp "$file" script.js
        status=0
        "$uf" deploy script.js --timeout 1s >said 2>&1 </dev/null || status=$?
        case "$status" in
        0) deployed=$((deployed + 1)) ;;
        1) grep -Eq '^init failed: [a-z-]+: .' said || why ;;
        *) why ;;
        esac
        [ "$status" != 0 ] || ask script "$file"
    done
    [ "$deployed" -gt 0 ] && [ "$deployed" -lt "$(echo scripts.* | wc -w)" ]
}

echo 'function main(params) { return params; }' >params.js
cat >event.js <<'JS'
export default async (event, context) => {
    const or = (f) => { try { return f(); } catch (e) { return String(e); } };
    return [event.id, event.trigger, event.method, event.path, event.query, event.headers, event.attempt, event.type,
        event.source, event.subject, event.time, event.attribute(event.text()), event.text(), event.bytes().length,
        or(() => event.json()), event.items?.map((i) => [i.id, i.text(), i.bytes().length, or(() => i.json())]),
        context.functionName, context.timeLeft() > 0];
};
JS
echo 'exports.main = ({ __ow_body }) => __ow_body;' >body.js
cat >code.js <<'JS'
const Code = (async () => {}).constructor;
export default (event) => new Code('exports', 'module', event.text())({}, {});
JS

round() {
    echo "# seed $seed on $backend"
    : >answers
    t "$backend: a round is made" eval 'make_files scripts 25 && make_files bodies 80 && make_files codes 200'
    t "$backend: of scripts some are deployed, others are refused" deploy_scripts
    is "$backend: ... and these are told why" "$(cat "$TMP/err")" ''
    for name in params event body; do
        t "$backend: bodies are sent to $name" ask "$name" bodies.*
    done
    t "$backend: scripts are evaluated by one" ask code codes.*
    is "$backend: each answer is documented" "$(not_documented)" ''
    t "$backend: ... and many ends are among them" some_outcomes
    awk '{ n[NF == 4 ? $2 : "ok"]++ } END { for (o in n) printf "# %d %s\n", n[o], o }' answers
    t "$backend: a good function answers as ever" serves
    is "$backend: the daemon is the same" "$(identity "$DAEMON_PID")" "$daemon"
    unlike "$backend: no tender was lost" "$(cat "$TMP/daemon.log")" 'the tender |tender-lost|breaking'
    seed=$((seed + 1))
}

end=$(($(date +%s) + ${UF_SECONDS:-0} / $(backends | wc -w)))
for backend in $(backends); do
    t "$backend: the daemon starts" start_daemon --backend "$backend"
    daemon=$(identity "$DAEMON_PID") seed=${UF_SEED:-1}
    is "$backend: a good function is deployed" "$(deploy good "$good")" 202
    t "$backend: ... and answers" serves
    quiet=$(settled)
    for name in params event body code; do
        t "$backend: $name is deployed" "$uf" deploy "$name.js" --timeout 2s
    done
    round
    while [ "$(date +%s)" -lt "$end" ]; do
        round
    done
    end=$((end + ${UF_SECONDS:-0} / $(backends | wc -w)))
    for name in params event body code script; do
        "$uf" remove $name >/dev/null 2>&1
    done
    t "$backend: nothing is left of them" eventually 20 as_quiet_as "$quiet"
    stop_daemon
    is "$backend: the daemon ends with 0" "$DAEMON_STATUS" 0
done
finish
