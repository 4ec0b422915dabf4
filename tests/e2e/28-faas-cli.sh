#!/bin/sh
# SPDX-License-Identifier: MIT
# What each verb of an unmodified faas-cli sends, and what it accepts as an answer:
# statuses that it insists on, members that it cannot do without, words that it prints.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
AUTH=''

json() { jq -r "$1" <"$TMP/body"; }
# Does every one of the answer's $1 fit?
every() { [ "$(jq -r "$1 | all" <"$TMP/body")" = true ]; }
# As the command line sends it: by HTTP/1.1, with its own name, logged in.
cli() { # METHOD PATH [BODY] [CURL-ARGS...]
    cli_method=$1 cli_path=$2
    shift 2
    if [ $# -gt 0 ]; then
        cli_body=$1
        shift
        set -- -H 'Content-Type: application/json' -d "$cli_body" "$@"
    fi
    code_of "$GATEWAY$cli_path" --http1.1 -A faas-cli/0.16.38 -X "$cli_method" \
        -u "admin:$password" "$@"
}
# Without having logged in: an empty token.
stranger() { # METHOD PATH
    code_of "$GATEWAY$2" --http1.1 -A faas-cli/0.16.38 -X "$1" -H 'Authorization: Bearer '
}
function_json() { # NAME [MEMBERS]
    printf '{"service":"%s","image":"%s","envProcess":"","constraints":null,"secrets":[%s],%s' \
        "$1" "$image" "${secrets:-}" \
        "\"labels\":{\"team\":\"a\"},\"annotations\":{},\"envVars\":{\"A\":\"1\"},\"limits\":{},\"requests\":null,\"readOnlyRootFilesystem\":false${2:+,$2}}"
}

t "the function builds" make_sample
mkdir "$TMP/images" "$TMP/outside"
cp "$TMP/sample.img" "$TMP/images/sample.img"
cp "$TMP/sample.img" "$TMP/outside/other.img"
ln -s "$TMP/outside/other.img" "$TMP/images/link.img"
refused() { # SENTENCE DIR ERE
    exits "$1" 1 timeout 20 "$BIN/unifaasd" --no-auth --listen 127.0.0.1:0 --state-dir "$TMP/none" --image-dir "$2"
    like "... in words" "$(cat "$TMP/err")" "$3"
}
refused "a folder of images that is not there is told at the start" "$TMP/missing" \
    '^unifaasd: image-dir: .*/missing: No such file or directory'
refused "... and so is one that is none" "$TMP/sample.img" '^unifaasd: image-dir: .*: not a folder'
t "the daemon starts" start_daemon --backend process --image-dir "$TMP/images"
password=$(sed -n 's/^unifaasd: the password of user admin is \([^ ]*\) .*/\1/p' "$TMP/daemon.log")
image=sample.img

# ---- login -------------------------------------------------------------------------------
is "login asks for the functions and wants exactly 200" "$(cli GET /system/functions)" 200
is "an empty list is [], for an empty body is an error" "$(body)" '[]'
is "not logged in, an empty token is 401" "$(stranger GET /system/functions)" 401
is "of the realm that says so" "$(header WWW-Authenticate)" 'Basic realm="Restricted"'
is "and these words are printed" "$(body)" 'invalid credentials'
is "a token of somebody else's is 401 too" "$(code_of "$GATEWAY/system/functions" \
    -H 'Authorization: Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln')" 401

# ---- version -----------------------------------------------------------------------------
is "version asks for info" "$(cli GET /system/info)" 200
like "whose provider is there" "$(json .provider.provider)" '^unifaas$'
like "with its orchestration" "$(json .provider.orchestration)" '.'
is "whose versions are objects and not null" \
    "$(json '[.provider.version, .version | type] | join(" ")')" 'object object'
is "with release and sha as text" \
    "$(json '[.version.release, .version.sha, .provider.version.release | type] | unique | join(" ")')" \
    string
is "and an architecture" "$(json .arch)" "$(uname -m)"

# ---- deploy ------------------------------------------------------------------------------
is "deploy first tries to update: exactly 404 for what is not there" \
    "$(cli PUT /system/functions "$(function_json hello)")" 404
is "then makes it: 202, for 201 fails" "$(cli POST /system/functions "$(function_json hello)")" 202
is "deployed again it is updated: 200 makes it say rolling update" \
    "$(cli PUT /system/functions "$(function_json hello)")" 200
is "deploy --replace removes first, with a body" \
    "$(cli DELETE /system/functions '{"functionName":"hello","namespace":""}')" 202
is "and makes anew" "$(cli POST /system/functions "$(function_json hello)")" 202
is "an image may be a path below --image-dir" "$(image=$TMP/images/sample.img
    cli PUT /system/functions "$(function_json hello)")" 200
is "or a hash" "$(image=sha256:$(sha256sum <"$TMP/sample.img" | cut -d' ' -f1)
    cli PUT /system/functions "$(function_json hello)")" 200
is "or its beginning" "$(image=$(sha256sum <"$TMP/sample.img" | cut -c1-12)
    cli PUT /system/functions "$(function_json hello)")" 200
wrong() { # SENTENCE IMAGE ERE
    is "$1 is refused" "$(image=$2
        cli PUT /system/functions "$(function_json hello)")" 400
    like "with a reason and the way out" "$(body)" "$3"
}
wrong "one of a registry" 'ghcr.io/openfaas/figlet:latest' 'No such file.*/system/images'
wrong "a path that leads elsewhere" "$TMP/outside/other.img" 'is not below .*--image-dir'
wrong "dots that lead elsewhere" '../outside/other.img' 'is not below'
wrong "a link that leads elsewhere" link.img 'is not below'
wrong "a folder" . 'is not below|is no file'
wrong "the beginning of no hash" sha256:ffffffff 'no image whose hash begins'
is "what is no JSON is 400" "$(cli POST /system/functions '{')" 400
is "a secret that there is not is 400" "$(secrets='"nobody"'
    cli PUT /system/functions "$(function_json hello)")" 400
is "in the words that are expected" "$(body)" 'unable to find secret: nobody'
is "labels of deploy come back" "$(cli GET /system/function/hello >/dev/null
    json .labels.team)" a
is "deploy -f names the default namespace" \
    "$(cli PUT /system/functions "$(function_json hello '"namespace":"openfaas-fn"')")" 200
is "who is not logged in deploys nothing" "$(stranger PUT /system/functions)" 401

# ---- one stack file, two command lines ---------------------------------------------------------
# What faas-cli makes of this file is the request below: the two must not drift apart.
hash=$(sha256sum <"$TMP/sample.img" | cut -d' ' -f1)
cat >"$TMP/stack.yaml" <<Y
version: 1.0
provider: {name: openfaas}
configuration: {templates: [{name: x}]}
functions:
  both:
    lang: dockerfile
    handler: ./nowhere
    image: sha256:$hash
    environment: {LEVEL: "\${UF_LEVEL:-7}", WHO: "\${UF_WHO}", PRICE: "\$\${x}"}
    labels: {team: a, com.openfaas.scale.max: "7"}
    annotations:
      topic: "alarms, news"
      com.unifaas.queue: jobs
      com.unifaas.access: password
    secrets: [pair]
    limits: {memory: 4Mi, cpu: 100m}
Y
request='{"service":"both","image":"sha256:'$hash'","namespace":"","envProcess":"","network":"",
    "envVars":{"LEVEL":"7","WHO":"me","PRICE":"${x}"},"constraints":null,"secrets":["pair"],
    "labels":{"team":"a","com.openfaas.scale.max":"7"},"annotations":{"topic":"alarms, news",
    "com.unifaas.queue":"jobs","com.unifaas.access":"password"},
    "limits":{"memory":"4Mi","cpu":"100m"},"requests":null,"readOnlyRootFilesystem":false}'
# Without what changes by itself, and what means nothing here but is given back to who sent it.
settled() { cli GET /system/function/both >/dev/null
    jq -S 'del(.createdAt, .invocationCount, .availableReplicas, .replicas, .unifaas.instances,
        .envProcess, .readOnlyRootFilesystem, .limits.cpu)' \
        <"$TMP/body"; }
cli POST /system/secrets '{"name":"pair","value":"v"}' >/dev/null
is "the request of faas-cli for a stack file deploys" "$(cli POST /system/functions "$request")" 202
settled >"$TMP/theirs"
is "... with all that the file says" "$(jq -r '[.labels.team, .annotations.topic, .envVars.LEVEL // .unifaas.manifest.env.LEVEL,
    .unifaas.manifest.secrets[0], .unifaas.manifest.memory, .unifaas.manifest.access,
    .unifaas.manifest.max_instances] | join("|")' "$TMP/theirs")" 'a|alarms, news|7|pair|4Mi|password|7'
cli DELETE /system/functions '{"functionName":"both","namespace":""}' >/dev/null
exits "our command line deploys the same file" 0 env UF_WHO=me UNIFAAS_PASSWORD="$password" \
    "$BIN/unifaas" deploy "$TMP/stack.yaml" -g "$GATEWAY"
like "... says what it ignores" "$(cat "$TMP/err")" 'both: lang means nothing here'
like "... prints what it answers to" "$(cat "$TMP/out")" "^  unifaas invoke both -g $GATEWAY\$"
settled >"$TMP/ours"
is "... to the same function" "$(diff "$TMP/theirs" "$TMP/ours")" ''
cli DELETE /system/functions '{"functionName":"both","namespace":""}' >/dev/null
cli DELETE /system/secrets '{"name":"pair"}' >/dev/null
for ref in "$hash" "$(echo "$hash" | cut -c1-8)" "x/y@sha256:$hash"; do
    printf 'functions:\n  both:\n    image: %s\n' "$ref" >"$TMP/stack.yaml"
    exits "an image $ref of a stack file is the daemon's" 0 env UNIFAAS_PASSWORD="$password" \
        "$BIN/unifaas" deploy "$TMP/stack.yaml" -g "$GATEWAY"
    is "... of that hash" "$(settled | jq -r .unifaas.image)" "sha256:$hash"
done
cli DELETE /system/functions '{"functionName":"both","namespace":""}' >/dev/null

# ---- list, describe, ready -----------------------------------------------------------------
is "list" "$(cli GET '/system/functions?namespace=')" 200
t "shows objects with a name and an image" every \
    '[.[] | (.name | type == "string") and (.image | type == "string")]'
t "a count that is a number" every '[.[] | .invocationCount | type == "number"]'
t "replicas that are whole numbers" every \
    '[.[] | (.replicas | . == floor) and (.availableReplicas | . == floor)]'
t "labels and annotations that are objects of texts" every \
    '[.[] | (.labels | objects), (.annotations | objects) | [.[] | type == "string"] | all]'
t "and a time of RFC 3339, or the whole list fails" every \
    '[.[] | .createdAt | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$")]'
is "requests say service, answers say name" "$(json '.[0] | has("service")')" false
is "describe" "$(cli GET '/system/function/hello?usage=1')" 200
is "names it" "$(json .name)" hello
is "ready NAME waits for a replica that is available" "$(json '.availableReplicas > 0')" true
is "describe of an unknown one is 404" "$(cli GET '/system/function/nobody?usage=1')" 404
is "ready without a name asks for health, without a password" "$(stranger GET /healthz)" 200

# ---- invoke ------------------------------------------------------------------------------
is "invoke of old" "$(code_of "$GATEWAY/function/hello" -H 'Authorization: Bearer ' \
    -H 'Content-Type: text/plain' -d x)" 200
is "invoke since 2024 adds the namespace, whatever it is" \
    "$(code_of "$GATEWAY/function/hello.openfaas-fn" -H 'Authorization: Bearer ' \
        -H 'Content-Type: text/plain' -d x)" 200
is "the answer has the type of the request" "$(header Content-Type)" text/plain
like "a call id" "$(header X-Call-Id)" '^[0-9a-f-]{36}$'
like "and how long it took" "$(header X-Duration-Seconds)" '^[0-9]+[.][0-9]+$'
is "its query and its path arrive" "$(code_of \
    "$GATEWAY/function/hello.openfaas-fn/status?code=418" -X PATCH)" 418
is "invoke of an unknown one is 404" "$(code_of "$GATEWAY/function/nobody.openfaas-fn")" 404
like "in words that name it" "$(body)" '^error finding function nobody[.]openfaas-fn: '
is "marked as the platform's" "$(header X-OpenFaaS-Internal)" unifaas
is "a function's failure is its own" "$(code_of "$GATEWAY/function/hello/nonzero-body" -d x)" 500
is "and not the platform's" "$(header X-OpenFaaS-Internal)" ''

# ---- invoke --async --------------------------------------------------------------------
is "invoke -a is 202" "$(code_of "$GATEWAY/async-function/hello.openfaas-fn" \
    -H 'Authorization: Bearer ' -H 'Content-Type: text/plain' -d x)" 202
is "without a body" "$(body)" ''
like "with the id of the call" "$(header X-Call-Id)" '^[0-9a-f-]{36}$'
is "of old too" "$(code_of "$GATEWAY/async-function/hello" -d x)" 202
is "of an unknown one it is 404" "$(code_of "$GATEWAY/async-function/nobody.openfaas-fn" -d x)" 404
is "a callback that is no URL is 400" "$(code_of "$GATEWAY/async-function/hello" \
    -H 'X-Callback-Url: nowhere' -d x)" 400

# ---- logs --------------------------------------------------------------------------------
code_of "$GATEWAY/function/hello/log" -d 'one line' >/dev/null
is "logs --tail=-1 --follow=false" \
    "$(cli GET '/system/logs?name=hello&follow=false&tail=-1&namespace=')" 200
is "is a line of JSON each" "$(header Content-Type)" application/x-ndjson
is "with the members that are printed" \
    "$(jq -r 'select(.text == "one line") | [.name, .namespace, (.instance | type), (.timestamp | type)] | join(" ")' \
        <"$TMP/body")" 'hello openfaas-fn string string'
is "and it ends by itself" "$(cli GET '/system/logs?name=hello&follow=0&tail=1')" 200
is "with so many lines" "$(wc -l <"$TMP/body" | tr -d ' ')" 1
is "logs --since" "$(cli GET \
    '/system/logs?name=hello&follow=false&since=2020-01-01T00%3A00%3A00Z')" 200
is "of the name with its namespace" "$(cli GET '/system/logs?name=hello.openfaas-fn&follow=0')" 200
curl -sN --max-time 20 -u "admin:$password" "$GATEWAY/system/logs?name=hello&follow=1&tail=-1" \
    >"$TMP/followed" &
follower=$!
remember $follower
seen() { grep -q "$1" "$TMP/followed"; }
t "logs follows by default, and has what there was" eventually 5 seen 'one line'
code_of "$GATEWAY/function/hello/log" -d 'another line' >/dev/null
t "and each line as it comes" eventually 5 seen 'another line'
kill $follower
wait $follower 2>/dev/null
is "logs of an unknown one is 404" "$(cli GET '/system/logs?name=nobody&follow=0')" 404
is "what makes no sense is 422" "$(cli GET '/system/logs?name=hello&follow=maybe')" 422

# ---- secrets -----------------------------------------------------------------------------
is "secret list of none is an array" "$(cli GET '/system/secrets?namespace=') $(body)" '200 []'
is "secret create" "$(cli POST /system/secrets '{"name":"key","namespace":"","value":"v1"}')" 201
is "a second time it is 409, which --replace and apply go by" \
    "$(cli POST /system/secrets '{"name":"key","value":"v1"}')" 409
is "secret create --from-file sends rawValue and value" \
    "$(cli POST /system/secrets '{"name":"raw","value":"x","rawValue":"AP8="}')" 201
is "secret list has names and namespaces" "$(cli GET /system/secrets) $(body)" \
    '200 [{"name":"key","namespace":"openfaas-fn"},{"name":"raw","namespace":"openfaas-fn"}]'
is "secret update is 200" "$(cli PUT /system/secrets '{"name":"key","value":"v2"}')" 200
is "of an unknown one 404" "$(cli PUT /system/secrets '{"name":"nobody","value":"v"}')" 404
is "deploy --secret finds it" "$(secrets='"key"'
    cli PUT /system/functions "$(function_json hello)")" 200
is "secret remove has a body and is 200, for 204 fails" \
    "$(cli DELETE /system/secrets '{"name":"raw","namespace":""}')" 200
is "of an unknown one 404" "$(cli DELETE /system/secrets '{"name":"raw"}')" 404
is "a name with a path in it is refused" "$(cli POST /system/secrets \
    '{"name":"../etc/passwd","value":"v"}')" 400
is "who is not logged in sees none" "$(stranger GET /system/secrets)" 401

# ---- namespaces --------------------------------------------------------------------------
made='"labels":{"openfaas":"1"},"annotations":{"openfaas":"1"}'
is "namespace list" "$(cli GET /system/namespaces) $(body)" '200 ["openfaas-fn"]'
is "namespace create, whose name is in the path" \
    "$(cli POST /system/namespace/lab "{\"name\":\"lab\",$made}")" 201
is "or in the body only" "$(cli POST /system/namespace/ "{\"name\":\"dev\",$made}")" 201
is "namespace list has them" "$(cli GET /system/namespaces) $(body)" '200 ["dev","lab","openfaas-fn"]'
is "namespace get" "$(cli GET /system/namespace/lab)" 200
is "gives it back" "$(json '[.name, .labels.openfaas, .annotations.openfaas] | join(" ")')" 'lab 1 1'
is "namespace update" "$(cli PUT /system/namespace/lab \
    '{"name":"lab","labels":{"openfaas":"1","a":"b"},"annotations":{"openfaas":"1"}}')" 200
is "counts" "$(cli GET /system/namespace/lab >/dev/null
    json .labels.a)" b
is "of an unknown one is 404" "$(cli PUT /system/namespace/nobody "{\"name\":\"nobody\",$made}")" 404
is "a name in the path is enough, too" "$(cli POST /system/namespace/bare)" 201
is "and to remove it" "$(cli DELETE /system/namespace/bare)" 202
is "without any there is none" "$(cli POST /system/namespace/)" 400
is "a second one of that name is 409" "$(cli POST /system/namespace/lab "{\"name\":\"lab\",$made}")" 409
is "deploy --namespace" "$(cli POST /system/functions "$(function_json hello '"namespace":"lab"')")" 202
is "list --namespace" "$(cli GET '/system/functions?namespace=lab' >/dev/null
    json '[.[] | .name + "." + .namespace] | join(" ")')" hello.lab
is "invoke --namespace" "$(code_of "$GATEWAY/function/hello.lab" -d x)" 200
is "logs --namespace" "$(cli GET '/system/logs?name=hello&namespace=lab&follow=0')" 200
is "one with functions is not removed" "$(cli DELETE /system/namespace/lab '{"name":"lab"}')" 409
is "remove --namespace" "$(cli DELETE /system/functions \
    '{"functionName":"hello","namespace":"lab"}')" 202
is "namespace remove" "$(cli DELETE /system/namespace/lab '{"name":"lab"}')" 202
is "of an unknown one is 404" "$(cli DELETE /system/namespace/lab '{"name":"lab"}')" 404
is "the function of the default one is untouched" "$(code_of "$GATEWAY/function/hello")" 200

# ---- scale -------------------------------------------------------------------------------
idle() { [ "$(cli GET /system/function/hello >/dev/null
    json .unifaas.instances.idle)" = "$1" ]; }
is "an autoscaler scales up" "$(cli POST /system/scale-function/hello \
    '{"serviceName":"hello","replicas":3}')" 202
t "and so many instances are there" eventually 5 idle 3
is "down" "$(cli POST /system/scale-function/hello '{"serviceName":"hello","replicas":1}')" 202
t "and the others end" eventually 5 idle 1
is "to nothing" "$(cli POST '/system/scale-function/hello?namespace=openfaas-fn' \
    '{"serviceName":"hello","replicas":0,"namespace":"openfaas-fn"}')" 202
t "and the last one ends" eventually 5 idle 0
is "but the next event is served" "$(code_of "$GATEWAY/function/hello")" 200
is "more than max_instances is refused" "$(cli POST /system/scale-function/hello \
    '{"serviceName":"hello","replicas":11}')" 400
like "with the limit" "$(body)" 'at most 10 instances .max_instances.'
is "what is no number too" "$(cli POST /system/scale-function/hello '{"serviceName":"hello"}')" 400
is "an unknown one is 404" "$(cli POST /system/scale-function/nobody \
    '{"serviceName":"nobody","replicas":1}')" 404

# ---- what an answer never is -----------------------------------------------------------------
# whole WHAT HEADER...: it is sent once it is there, so its length is known.
whole() {
    is "$1 is answered as any" "$(shift; code_of "$GATEWAY/function/hello" "$@")" 200
    like "... as a whole" "$(header Content-Length)" '^[0-9]+$'
}
whole "who asks for a stream of events" -H 'Accept: text/event-stream'
whole "who asks for one of lines" -H 'Accept: application/x-ndjson'
whole "who would rather speak WebSocket" -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
    -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
cli GET '/system/function/hello?usage=1' >/dev/null
is "what it takes is not told" "$(json 'has("usage")')" false

# ---- remove ------------------------------------------------------------------------------
is "remove of an unknown one is 404" "$(cli DELETE /system/functions \
    '{"functionName":"nobody","namespace":""}')" 404
is "remove is 202" "$(cli DELETE /system/functions '{"functionName":"hello","namespace":""}')" 202
is "and it is gone" "$(cli GET /system/function/hello)" 404

# ---- what there is not -----------------------------------------------------------------------
for path in /system/alert /system/telemetry /ui/ /oauth/token; do
    is "$path is not there" "$(cli GET $path)" 404
done
stop_daemon
is "the daemon ends well" "$DAEMON_STATUS" 0
finish
