#!/bin/sh
# SPDX-License-Identifier: MIT
# The routes that OpenFaaS clients use, with the statuses they insist on.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"

json() { jq -r "$1" <"$TMP/body"; }

t "the function builds" make_sample
mv "$TMP/sample.img" "$TMP/one.img"
t "another version of it builds" make_sample 's/"one"/"two"/'
mv "$TMP/sample.img" "$TMP/two.img"
t "the daemon starts" start_daemon
system=$GATEWAY/system

# ---- nothing deployed ----------------------------------------------------------------
is "the list is there" "$(code_of "$system/functions")" 200
is "and an empty array" "$(body)" '[]'
is "to describe an unknown function is 404" "$(code_of "$system/function/sample")" 404
is "to update one is exactly 404" "$(METHOD=PUT deploy sample "$TMP/one.img")" 404
is "to remove one is 404" "$(code_of "$system/functions" -X DELETE \
    -d '{"functionName":"sample"}')" 404
is "info is there" "$(code_of "$system/info")" 200
is "and names the provider" "$(json .provider.provider)" unifaas
is "with a version" "$(json '.provider.version.release == .version.release')" true
is "and the machine" "$(json .arch)" "$(uname -m)"
is "there is one namespace" "$(
    code_of "$system/namespaces" >/dev/null
    body
)" '["openfaas-fn"]'

# ---- images --------------------------------------------------------------------------
is "an image is uploaded" "$(code_of "$system/images" --data-binary @"$TMP/two.img")" 201
is "and named by its hash" "$(json .image)" "sha256:$(sha256sum <"$TMP/two.img" | cut -d' ' -f1)"
is "with its size" "$(json .size)" "$(wc -c <"$TMP/two.img" | tr -d ' ')"
is "a second time it is known" "$(code_of "$system/images" --data-binary @"$TMP/two.img")" 200
is "an empty one is refused" "$(code_of "$system/images" -X POST)" 400
is "one that is too large is refused before it is sent" "$(code_of "$system/images" \
    -H 'Content-Length: 67108865' -H 'Expect: 100-continue' -X POST -d x)" 413

# ---- deploying -----------------------------------------------------------------------
is "to deploy is 202" "$(deploy sample "$TMP/one.img" '"labels":{"team":"a"},
    "annotations":{"topic":"t"},"envVars":{"A":"1"},"limits":{"memory":"16Mi"},
    "constraints":["node=x"],"namespace":"openfaas-fn"')" 202
is "the function is there" "$(code_of "$GATEWAY/function/sample")" 200
is "it is described" "$(code_of "$system/function/sample?usage=1")" 200
is "with its name" "$(json .name)" sample
is "its namespace" "$(json .namespace)" openfaas-fn
is "its image" "$(json .image)" "$(upload "$TMP/one.img")"
is "its labels" "$(json .labels.team)" a
is "its annotations" "$(json .annotations.topic)" t
is "its variables" "$(json .envVars.A)" 1
is "its limits" "$(json .limits.memory)" 16Mi
is "its constraints" "$(json '.constraints[0]')" node=x
is "how often it was called" "$(json .invocationCount)" 1
is "that it is ready" "$(json '.availableReplicas > 0')" true
like "since when" "$(json .createdAt)" '^20[0-9-]{8}T[0-9:.]+Z$'
like "what isolates it" "$(json .unifaas.isolation)" '^(kvm|process)$'
like "its snapshot" "$(json .unifaas.snapshot)" '^sha256:[0-9a-f]{64}$'
is "its memory in bytes" "$(json .unifaas.memory)" 16777216
is "its instances" "$(json .unifaas.instances.idle)" 1
is "and its manifest" "$(json .unifaas.manifest.timeout)" 3s
is "with the namespace in its name too" "$(code_of "$system/function/sample.openfaas-fn")" 200
is "it is in the list" "$(
    code_of "$system/functions?namespace=openfaas-fn" >/dev/null
    json '.[].name'
)" sample
is "but not in that of another namespace" "$(
    code_of "$system/functions?namespace=other" >/dev/null
    body
)" '[]'

# ---- updating ------------------------------------------------------------------------
before=$(ls "$TMP/state/snapshots")
is "to update is 200" "$(METHOD=PUT deploy sample "$TMP/two.img")" 200
is "the new one answers" "$(
    code_of "$GATEWAY/function/sample" >/dev/null
    body
)" "GET / two"
is "the old snapshot is gone" "$(ls "$TMP/state/snapshots/$before" 2>/dev/null)" ""
is "and the old image" "$(find "$TMP/state/images" -name "$(sha256sum <"$TMP/one.img" |
    cut -d' ' -f1).img")" ""
is "annotations of ours set what the format has no place for" "$(deploy sample "$TMP/two.img" \
    '"annotations":{"com.unifaas.timeout":"700ms","com.unifaas.max_instances":"3"}')" 202
is "as described" "$(json '.unifaas.manifest | "\(.timeout) \(.max_instances)"')" "700ms 3"
is "labels and annotations of OpenFaaS mean the same here" "$(deploy sample "$TMP/two.img" \
    '"labels":{"com.openfaas.scale.max":"7","com.openfaas.scale.zero-duration":"5m"},
    "annotations":{"topic":"a,b","com.openfaas.queue":"q","com.openfaas.retry.attempts":"9"}')" 202
is "in what the manifest says" "$(json '.unifaas.manifest | "\(.max_instances) \(.keep_warm) \(.retry.attempts)"')" \
    "7 5m 9"
is "and its triggers" "$(json '.unifaas.manifest.triggers | tojson')" \
    '["http",{"queue":"q","batch":1,"batch_window":"0s"},{"topic":"a"},{"topic":"b"}]'
is "labels come back as labels" "$(json '.labels | tojson')" \
    '{"com.openfaas.scale.max":"7","com.openfaas.scale.zero-duration":"5m"}'
is "a whole manifest does too" "$(deploy sample "$TMP/two.img" \
    '"unifaas":{"name":"sample","memory":"4Mi","keep_warm":"2s"}')" 202
is "as described again" "$(json '.unifaas.manifest | "\(.memory) \(.keep_warm)"')" "4Mi 2s"

# ---- what is refused -----------------------------------------------------------------
image=$(upload "$TMP/two.img")
refused() {
    is "$1 is refused" "$(code_of "$system/functions" -X POST -d "$2")" 400
    like "and named" "$(body)" "$3"
}
refused "what is no JSON" '{' 'not JSON'
refused "no name" "{\"image\":\"$image\"}" '^service: is missing'
refused "a bad name" "{\"service\":\"No_Name\",\"image\":\"$image\"}" 'No_Name'
refused "an image of a registry" '{"service":"a","image":"hello:1"}' '/system/images answers, or 8 or more of them'
refused "an unknown image" "{\"service\":\"a\",\"image\":\"sha256:$(printf %064d 7)\"}" 'not here'
refused "a secret that there is not" \
    "{\"service\":\"a\",\"image\":\"$image\",\"secrets\":[\"key\"]}" 'unable to find secret: key'
refused "another namespace" \
    "{\"service\":\"a\",\"image\":\"$image\",\"namespace\":\"b\"}" 'no namespace b'
refused "an annotation with a typing mistake" \
    "{\"service\":\"a\",\"image\":\"$image\",\"annotations\":{\"com.unifaas.timout\":\"1s\"}}" timout
refused "a schedule" \
    "{\"service\":\"a\",\"image\":\"$image\",\"annotations\":{\"schedule\":\"* * * * *\"}}" 'push to a queue'
refused "an instance that never ends" \
    "{\"service\":\"a\",\"image\":\"$image\",\"labels\":{\"com.openfaas.scale.min\":\"1\"}}" keep_warm
refused "a manifest with an unknown key" \
    "{\"service\":\"a\",\"image\":\"$image\",\"unifaas\":{\"name\":\"a\",\"colour\":1}}" colour
echo "this is no program" >"$TMP/text"
is "what is no image is refused" "$(deploy a "$TMP/text")" 400
like "with the tender's reason" "$(body)" '[a-z]'
is "an image whose init fails is refused" \
    "$(deploy a "$TMP/two.img" '"envVars":{"REFUSE":"1"}')" 400
like "with what it returned" "$(body)" 'init returned 9'
is "and the outcome" "$(header X-UniFaaS-Outcome)" error
is "nothing of all this is deployed" "$(code_of "$system/function/a")" 404
is "what was deployed before still is" "$(code_of "$GATEWAY/function/sample")" 200
is "a body that is too large is refused" "$(head -c 1100000 /dev/zero |
    code_of "$system/functions" -X POST --data-binary @-)" 413

# ---- web pages -----------------------------------------------------------------------
is "a web page may not deploy" "$(code_of "$system/functions" -X POST \
    -H 'Origin: http://evil.example' -d '{}')" 403
is "nor under a name that was pointed here" "$(code_of "$system/functions" \
    -H 'Host: evil.example:8080')" 403
is "a page of the daemon itself may" "$(code_of "$system/functions" -H "Origin: $GATEWAY")" 200
is "functions are for everybody" "$(code_of "$GATEWAY/function/sample" \
    -H 'Origin: http://evil.example')" 200

# ---- an empty token, as faas-cli sends it ------------------------------------------------
is "an empty token is ignored" "$(code_of "$system/functions" -H 'Authorization: Bearer ')" 200

# ---- removing ------------------------------------------------------------------------
is "a name is needed to remove" "$(code_of "$system/functions" -X DELETE -d '{}')" 400
is "to remove is 202" "$(code_of "$system/functions" -X DELETE -d '{"functionName":"sample"}')" 202
is "the function is gone" "$(code_of "$GATEWAY/function/sample")" 404
is "and its snapshot" "$(find "$TMP/state/snapshots" -type f)" ""
is "and its image" "$(find "$TMP/state/images" -name "${image#sha256:}.img")" ""
like "no instance is left" "$(curl -sS "$GATEWAY/metrics")" '^unifaas_functions 0$'
stop_daemon
is "the daemon ends well" "$DAEMON_STATUS" 0
finish
