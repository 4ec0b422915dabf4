#!/bin/sh
# SPDX-License-Identifier: MIT
# The commands that talk to a daemon: deploy, invoke, list, describe, logs, remove.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
uf=$BIN/unifaas
cd "$TMP" || exit 1

err() { cat "$TMP/err"; }
out() { cat "$TMP/out"; }

mkdir echo
cat >echo/main.c <<'C'
#include <unifaas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int init(void) { return getenv("FAIL_INIT") != NULL; }
int handle(const struct uf_event *e, struct uf_response *r)
{
    const char *h = uf_event_header(e, "x-device");
    const char *g = getenv("GREETING");
    printf("log of %s\n", uf_event_path(e));
    if (strcmp(uf_event_path(e), "/crash") == 0)
        abort();
    if (strcmp(uf_event_path(e), "/loop") == 0)
        for (;;)
            __asm__ volatile("");
    if (strcmp(uf_event_path(e), "/nonzero") == 0)
        return 3;
    if (strcmp(uf_event_path(e), "/teapot") == 0)
        uf_respond_status(r, 418);
    uf_respond_header(r, "X-Own", "yes");
    return uf_respond_printf(r, "%s|%s|%s|%s|%s|%s", uf_event_method(e), uf_event_path(e),
                             uf_event_query(e), h ? h : "-", uf_event_body(e), g ? g : "-");
}
C
printf 'timeout: 500ms\nmax_instances: 2\n' >echo/function.yaml
t "the daemon starts" start_daemon

# ---- nothing is there yet ---------------------------------------------------------------
exits "list of nothing ends with 0" 0 "$uf" list
like "... and says what to do" "$(err)" 'unifaas deploy'
is "list --json of nothing is an empty array" "$("$uf" list --json)" '[]'
exits "an unknown function cannot be invoked" 4 "$uf" invoke nobody
like "... and the daemon's own words are shown" "$(err)" 'nobody'
exits "... nor described" 4 "$uf" describe nobody
exits "... nor removed" 4 "$uf" remove nobody
exits "... and has no logs" 4 "$uf" logs nobody

# ---- deploy --------------------------------------------------------------------------------
exits "deploy builds and deploys a folder" 0 "$uf" deploy echo -e GREETING=hi -l team=edge --annotation a/b=c
like "... and says what it did" "$(out)" '^echo: deployed, image [0-9.]+ KiB, isolation (kvm|process)$'
like "... and prints a line to paste" "$(out)" "^  curl $GATEWAY/function/echo\$"
is "... which works" "$(eval "$(sed -n 's/^  curl/curl -s/p' "$TMP/out")")" 'GET|/||-||hi'
shut() { # SENTENCE ANNOTATION=VALUE...
    sentence=$1
    shift
    exits "$sentence" 0 "$uf" deploy echo/echo.img --name shut "$@"
}
shut "a function for queues deploys" --annotation com.unifaas.access=internal --annotation com.unifaas.queue=shut-jobs
like "... and prints what it answers to" "$(out)" '^  unifaas queue push shut-jobs EVENT$'
exits "... which works" 0 eval "PATH=$BIN:\$PATH $(sed -n 's/^  //p' "$TMP/out")"
unlike "... and no url" "$("$uf" describe shut)" '^url|/function/'
like "... but its access" "$("$uf" describe shut)" '^access +internal$'
shut "one for topics deploys" --annotation com.unifaas.access=internal --annotation topic=news
like "... and says who calls it" "$(out)" '^  called by topics and other functions only \(access: internal\)$'
unlike "... but prints no line that is refused" "$(out)" 'curl|invoke'
exits "... as this one is" 1 "$uf" invoke shut
exits "... and this" 1 "$uf" invoke -a shut
shut "one with a password deploys" --annotation com.unifaas.access=password
like "... and prints what logs in" "$(out)" '^  unifaas invoke shut$'
like "... which works" "$(eval "PATH=$BIN:\$PATH $(sed -n 's/^  //p' "$TMP/out")")" '^GET'
exits "... and goes" 0 "$uf" remove shut
exits "deploying again" 0 "$uf" deploy echo -e GREETING=hey
like "... is an update" "$(out)" '^echo: updated, '
is "... that counts at once" "$("$uf" invoke echo)" 'GET|/||-||hey'
exits "an image deploys under a name of its own" 0 "$uf" deploy echo/echo.img --name other
is "... beside the first" "$("$uf" invoke other)" 'GET|/||-||-'
cp echo/echo.img 'My Func.img'
exits "a file whose name is no function's" 2 "$uf" deploy 'My Func.img'
like "... is told, with what is one and the way out" "$(err)" \
    "^unifaas: My Func\.img: the file's name cannot be a function's \(1 to 63 of a-z, 0-9 and -\); give one with --name"
exits "... and runs, nevertheless" 0 "$uf" run 'My Func.img'
exits "... and is deployed with a name" 0 "$uf" deploy 'My Func.img' --name other
exits "an init that fails is not deployed" 1 "$uf" deploy echo -e FAIL_INIT=1
like "... with the outcome" "$(err)" 'error'
is "... and what was there goes on" "$("$uf" invoke echo)" 'GET|/||-||hey'
cp /bin/true true.img
exits "what is no image is not deployed" 1 "$uf" deploy true.img
like "... and the daemon says why" "$(err)" 'image'
exits "a folder that does not build is not deployed" 5 sh -c "mkdir bad && echo 'int x;' >bad/main.c && '$uf' deploy bad"
exits "a bad manifest is not deployed" 6 sh -c "echo 'frob: 1' >bad/function.yaml && '$uf' deploy bad"
exits "a label without = is a usage error" 2 "$uf" deploy echo -l team
odd=$(printf 'caf\351')
exits "so is one whose value is not UTF-8" 2 "$uf" deploy echo -l "team=$odd"
like "... which is said, with its key" "$(err)" '^unifaas deploy: --label: the value of team is not UTF-8$'
exits "... or whose key is not" 2 "$uf" deploy echo -l "$odd=team"
exits "an annotation whose value is not" 2 "$uf" deploy echo --annotation "a/b=$odd"
like "... likewise" "$(err)" '^unifaas deploy: --annotation: the value of a/b is not UTF-8$'
exits "a variable whose value is not" 2 "$uf" deploy echo -e "GREETING=$odd"
like "... likewise" "$(err)" '^unifaas deploy: --env: the value of GREETING is not UTF-8$'

# ---- invoke ----------------------------------------------------------------------------------
is "-d is the body and makes it POST" "$("$uf" invoke echo -d 'a b')" 'POST|/||-|a b|hey'
is "-m, -p, -q and -H arrive" \
    "$("$uf" invoke echo -m PUT -p /a/b -q 'x=1&y=%20' -H 'X-Device: 7')" 'PUT|/a/b|x=1&y=%20|7||hey'
is "- is standard input" "$(printf piped | "$uf" invoke echo -)" 'POST|/||-|piped|hey'
printf 'from a file' >body
is "-f is a file" "$("$uf" invoke echo -f body)" 'POST|/||-|from a file|hey'
exits "only - may follow the name" 2 "$uf" invoke echo body
exits "-v" 0 "$uf" invoke echo -v
is "... leaves the answer on stdout alone" "$(out)" 'GET|/||-||hey'
like "... and shows the status" "$(err)" '^< HTTP/1.1 200'
like "... the function's headers" "$(err)" '^< X-Own: yes'
like "... the call's id" "$(err)" '^< X-Call-Id: [0-9a-f-]{36}'
like "... the isolation" "$(err)" '^< X-UniFaaS-Isolation: (kvm|process)'
like "... and the time" "$(err)" '^< took [0-9.]+ ms'
exits "an error status of the function's own ends with 1" 1 "$uf" invoke echo -p /teapot
is "... and the answer is on stdout" "$(out)" 'GET|/teapot||-||hey'
exits "a crash ends with 7" 7 "$uf" invoke echo -p /crash
is "... with nothing on stdout" "$(out)" ''
like "... why on stderr" "$(err)" '^abort: abort\(\) was called'
like "... and a backtrace" "$(err)" '^handle\+0x'
exits "a time limit ends with 8" 8 "$uf" invoke echo -p /loop
like "... and is named" "$(err)" 'time-limit'
exits "a non-zero return ends with 1" 1 "$uf" invoke echo -p /nonzero
like "... and is named" "$(err)" 'handle returned 3'

# ---- list, describe ------------------------------------------------------------------------
"$uf" list >"$TMP/out"
like "list shows a heading" "$(out)" '^NAME +IMAGE +ISOLATION +INVOCATIONS +INSTANCES$'
like "... and each function" "$(out)" '^echo +[0-9a-f]{12} +(kvm|process) +[0-9]+ +[0-9]+ busy, [0-9]+ idle$'
is "list --json is the daemon's array" "$("$uf" list --json | jq -r '.[].name' | sort | tr '\n' ' ')" 'echo other '
"$uf" describe echo >"$TMP/out"
like "describe shows the address" "$(out)" "^url +$GATEWAY/function/echo\$"
like "... the isolation" "$(out)" '^isolation +(kvm|process)$'
like "... the limits" "$(out)" '^timeout +500ms$'
like "... the most instances" "$(out)" '^max instances +2$'
like "... and the environment" "$(out)" '^env +GREETING: hey$'
is "describe --json is the daemon's document" "$("$uf" describe echo --json | jq -r .unifaas.manifest.timeout)" 500ms

# ---- logs --------------------------------------------------------------------------------------
"$uf" logs echo >"$TMP/out"
like "logs show when, who and what" "$(out)" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z [^ ]+ log of /crash$'
like "... and the platform's remarks" "$(out)" 'abort'
is "--tail 1 is one line" "$("$uf" logs echo --tail 1 | wc -l)" 1
is "--since in the future is nothing" "$("$uf" logs echo --since 2999-01-01T00:00:00Z)" ''
like "--since a while ago is everything" "$("$uf" logs echo --since 10m)" 'log of /crash'
like "--json gives lines of JSON" "$("$uf" logs echo --json | jq -r .text)" 'log of /crash'
"$uf" logs echo -f --since 0s >followed 2>&1 &
follower=$!
remember $follower
"$uf" invoke echo -p /seen-by-follower >/dev/null
followed() { grep -q 'log of /seen-by-follower' followed; }
t "-f shows lines as they come" eventually 5 followed
kill $follower
wait $follower 2>/dev/null

# ---- stack files -----------------------------------------------------------------------------------
mkdir stack && cp -r echo stack/fn && rm -f stack/fn/*.img && cp echo/echo.img stack/ready.img
cat >stack/stack.yaml <<'Y'
version: 1.0
provider:
  name: openfaas
functions:
  first:
    lang: c
    handler: ./fn
    image: registry/first:latest
    environment:
      GREETING: from the stack
    limits:
      memory: 16Mi
    labels:
      team: edge
  second:
    image: ./ready.img
    constraints: []
Y
exits "deploy takes a stack file" 0 "$uf" deploy stack/stack.yaml
like "... builds and deploys its handlers" "$(out)" '^first: deployed'
like "... deploys its images" "$(out)" '^second: deployed'
like "... and names what means nothing here" "$(err)" 'second: constraints means nothing here'
is "environment of a stack file counts" "$("$uf" invoke first)" 'GET|/||-||from the stack'
is "... and so do its limits" "$("$uf" describe first --json | jq -r .unifaas.manifest.memory)" 16Mi
is "... and its labels" "$("$uf" describe first --json | jq -r .labels.team)" edge
exits "the command line goes before a stack file" 0 "$uf" deploy stack/stack.yaml --name first -e GREETING=mine
is "... with its variables" "$("$uf" invoke first)" 'GET|/||-||mine'
exits "--name picks one" 0 "$uf" deploy stack/stack.yaml --name second
unlike "... and leaves the others alone" "$(out)" 'first'
exits "--name that no function has" 4 "$uf" deploy stack/stack.yaml --name zz
like "... is told, with those that there are" "$(err)" \
    '^unifaas: --name: stack/stack\.yaml has no function "zz"; it has: first, second$'
sed 's|name: openfaas|gateway: http://127.0.0.1:9|' stack/stack.yaml >stack/far.yaml
exits "the address of a stack file counts" 3 env UNIFAAS_GATEWAY= "$uf" deploy stack/far.yaml --name second
like "... where the environment has none, or an empty one" "$(err)" '127\.0\.0\.1:9'
exits "... but not before the environment's" 0 "$uf" deploy stack/far.yaml --name second
refuse() { # SENTENCE YAML ERE
    printf '%b' "$2" >stack/bad.yaml
    exits "$1" 6 "$uf" deploy stack/bad.yaml
    like "... with file, line and what is valid" "$(err)" "^unifaas: stack/bad.yaml:$3"
}
refuse "an unknown key of a stack file is refused" 'functions:\n  a:\n    handlr: ./fn\n' '3: unknown key "handlr"; valid keys: handler, image'
refuse "... and of its limits" 'functions:\n  a:\n    limits: {disk: 1}\n' '3: unknown key "disk" in limits; valid keys: memory, cpu'
refuse "... and at its top" 'function: {}\n' '1: unknown key "function"; valid keys: version, provider, functions'
refuse "a bad name in a stack file is refused" 'functions:\n  A:\n    handler: fn\n' '2: "A" is not a function'
refuse "a file of variables is refused, not forgotten" 'functions:\n  a:\n    handler: fn\n    environment_file: [e.yml]\n' '4: environment_file is not read; write its variables below environment'
refuse "a template of others without an image is refused" 'functions:\n  a:\n    lang: node18\n    handler: ./no\n    image: me/a:1\n' '2: a: nothing here builds "node18"; give stack/no a function.yaml'
refuse "what is no variable is refused" 'functions:\n  a:\n    handler: fn\n    environment: {A: "${B"}\n' '4: "\$\{B" is not replaced'
refuse "a bad name of a secret is refused" 'functions:\n  a:\n    handler: fn\n    secrets: [x/y]\n' '4: secrets: "x/y" is not'
printf 'functions:\n  a:\n    handler: fn\n    secrets: [x]\n' >stack/secret.yaml
exits "a secret that there is not is refused, not forgotten" 1 "$uf" deploy stack/secret.yaml
like "... by its name" "$(err)" 'unable to find secret: x'
cat >stack/events.yaml <<'Y'
functions:
  first:
    handler: ./fn
    labels: {com.openfaas.scale.max: 7}
    annotations: {topic: "a, b", com.unifaas.queue: orders, com.unifaas.memory: 2Mi}
Y
exits "labels and annotations of a stack file mean something" 0 "$uf" deploy stack/events.yaml --memory 4Mi
exits "... that describe shows" 0 "$uf" describe first
like "... queues that trigger it" "$(out)" '^ +queue orders, batch 1, batch_window 0s$'
like "... topics" "$(out)" '^ +topic b$'
like "... instances" "$(out)" '^max instances +7$'
like "... when it is tried again" "$(out)" '^retry +4 attempts, 1s to 1m apart, after 408 429 500 502 503 504$'
like "... and the command line goes before" "$(out)" '^memory +4Mi$'
printf 'functions:\n  first:\n    handler: fn\n    annotations: {schedule: "* * * * *"}\n' >stack/bad.yaml
exits "what cannot be is refused" 6 "$uf" deploy stack/bad.yaml
like "... with the way out" "$(err)" "^unifaas: first: schedule: cron is not available yet; let the system's push to a queue"
refuse "a function without code is refused" 'functions:\n  a:\n    lang: c\n' '2: a: neither handler'
refuse "a stack file without functions is refused" 'version: 1.0\n' ' no functions in it'
printf 'functions:\n  first:\n    handler: fn\n    lang: dockerfile\n' >stack/lang.yaml
exits "a lang of others is ignored where the folder says its own" 0 "$uf" deploy stack/lang.yaml
like "... and named" "$(err)" 'first: lang means nothing here and is ignored'
exits "a stack file that isn't there is not found" 4 "$uf" deploy nowhere.yaml

# ---- remove --------------------------------------------------------------------------------------------
exits "remove takes several" 0 "$uf" remove other first second
exits "... and one that is gone is not found" 4 "$uf" invoke other
exits "remove goes on after one that isn't there" 4 "$uf" remove nobody echo
is "... and removes the rest" "$("$uf" list --json)" '[]'
finish
