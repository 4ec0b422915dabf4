#!/bin/sh
# SPDX-License-Identifier: MIT
# The password: made, asked for, changed, lost; and who needs none.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
uf=$BIN/unifaas
AUTH=''

# The password that the daemon said.
said() { sed -n 's/^unifaasd: the password of user admin is \([^ ]*\) .*/\1/p' "$TMP/daemon.log"; }
# code_of with a password
as() {
    as_password=$1
    shift
    code_of "$@" -u "admin:$as_password"
}
err() { cat "$TMP/err"; }
# as, of a wrong password: judged, however many were wrong before.
judged() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        judged_code=$(as "$@")
        [ "$judged_code" = 429 ] || break
        sleep 0.5
    done
    echo "$judged_code"
}

t "the function builds" make_sample
t "the daemon starts" start_daemon --backend process
system=$GATEWAY/system
password=$(said)
like "the first start says a password" "$password" '^([a-z1-9]{5}-){3}[a-z1-9]{5}$'
unlike "of which only the hash is kept" "$(cat "$TMP"/state/* 2>/dev/null | tr -d '\0')" "$password"
is "for the daemon's user alone" "$(stat -c %a "$TMP/state/password")" 600
like "as Argon2id" "$(cat "$TMP/state/password")" '^[$]argon2id[$]v=19[$]m=19456,t=3,p=1[$]'

# ---- what is asked for it ---------------------------------------------------------------
is "without it /system is 401" "$(code_of "$system/functions")" 401
is "in the words that clients know" "$(body)" "invalid credentials"
is "with the challenge that they know" "$(header WWW-Authenticate)" 'Basic realm="Restricted"'
for path in info namespaces functions function/sample invocations invocation/x 'logs?name=sample'; do
    is "GET /system/$path is asked for it" "$(code_of "$system/$path")" 401
done
is "so is an image" "$(code_of "$system/images" --data-binary @"$TMP/sample.img")" 401
is "of which nothing is kept" "$(find "$TMP/state/images" "$TMP/state/tmp" -type f)" ""
is "so are metrics" "$(code_of "$GATEWAY/metrics")" 401
is "health is not" "$(code_of "$GATEWAY/healthz")" 200
is "an empty token is 401, not 400" "$(code_of "$system/functions" -H 'Authorization: Bearer ')" 401
is "any token is" "$(code_of "$system/functions" -H 'Authorization: Bearer a.b.c')" 401
is "a wrong password is" "$(as wrong "$system/functions")" 401
is "another user is" "$(code_of "$system/functions" -u "root:$password")" 401
is "with it, it is 200" "$(as "$password" "$system/functions")" 200
is "metrics too" "$(as "$password" "$GATEWAY/metrics")" 200
is "a web page is refused even with it" "$(as "$password" "$system/functions" \
    -H 'Origin: http://evil.example')" 403

# ---- events -------------------------------------------------------------------------------
is "an event waits" "$(as "$password" "$system/queues/later?delay=1h" -d x)" 202
id=$(header X-Call-Id)
is "nor is what waits shown" "$(code_of "$system/queues/later/events")" 401
is "but not by another id" \
    "$(code_of "$GATEWAY/async-function/00000000${id#????????}" -X DELETE)" 404
is "an event is cancelled by its id, without it" \
    "$(code_of "$GATEWAY/async-function/$id" -X DELETE)" 200
is "and waits no more" \
    "$(as "$password" "$system/queues/later" >/dev/null; jq -r .depth <"$TMP/body")" 0

# ---- requests with a body, before the password is known to be right ---------------------------
stop_daemon
t "the daemon starts again" start_daemon --backend process
system=$GATEWAY/system
is "and says no password a second time" "$(said)" ""
is "an image is held until it is judged, and taken" "$(as "$password" "$system/images" \
    --data-binary @"$TMP/sample.img")" 201
image=$(jq -r .image <"$TMP/body")
stop_daemon
t "once more" start_daemon --backend process
system=$GATEWAY/system
is "one that waits to be asked for it too" "$(as "$password" "$system/images" \
    -H 'Expect: 100-continue' --data-binary @"$TMP/sample.img")" 200
head -c 3000000 /dev/urandom >"$TMP/large"
is "a wrong one with a large body is 401" "$(as wrong-a "$system/images" \
    --data-binary @"$TMP/large")" 401
is "in pieces as well" "$(as wrong-b "$system/images" -H 'Transfer-Encoding: chunked' \
    --data-binary @"$TMP/large")" 401
is "and nothing of it is on the disk" "$(find "$TMP/state/tmp" -type f)" ""

# ---- functions --------------------------------------------------------------------------
with() { # NAME ACCESS
    as "$password" "$system/functions" -X POST -d "{\"service\":\"$1\",\"image\":\"$image\",
        \"annotations\":{\"com.unifaas.access\":\"$2\"}}"
}
show='header?name=authorization'
basic="Basic $(printf 'admin:%s' "$password" | base64)"
is "a public function is deployed" "$(with open public)" 202
is "one for whom the password is" "$(with closed password)" 202
is "one for nobody outside" "$(with inner internal)" 202
is "the public one needs none" "$(code_of "$GATEWAY/function/open")" 200
is "and sees a token of its own" "$(
    code_of "$GATEWAY/function/open/$show" -H 'Authorization: Bearer mine' >/dev/null
    body
)" "Bearer mine"
is "but never the administrator's password" "$(
    code_of "$GATEWAY/function/open/$show" -H "Authorization: $basic" >/dev/null
    body
)" "(none)"
queued() { # AUTHORIZATION: where it is on the disk after an asynchronous call with it
    code_of "$GATEWAY/async-function/open" -d x -H "Authorization: $1" \
        -H 'X-Not-Before: 2036-01-01T00:00:00Z'
    grep -qrF "$1" "$TMP/state" && echo ' and kept'
}
is "what is called asynchronously keeps a token of its own" "$(queued 'Bearer mine')" "202 and kept"
is "and never the administrator's password" "$(queued "$basic")" 202
is "the closed one is 401 without" "$(code_of "$GATEWAY/function/closed" -d x)" 401
is "which the platform says" "$(header X-OpenFaaS-Internal)" unifaas
is "with a wrong one" "$(as wrong-c "$GATEWAY/function/closed" -d x)" 401
is "and 200 with the right one" "$(as "$password" "$GATEWAY/function/closed" -d x)" 200
is "of which it sees nothing either" "$(
    as "$password" "$GATEWAY/function/closed/$show" >/dev/null
    body
)" "(none)"
is "the inner one is 403" "$(as "$password" "$GATEWAY/function/inner")" 403
like "with the reason" "$(body)" 'access: internal'

# ---- guesses ----------------------------------------------------------------------------
# Whatever comes, the daemon answers others meanwhile, and judges few.
before=$(awk '{ print $14 + $15 }' "/proc/$DAEMON_PID/stat")
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    [ $i = 1 ] || echo next
    echo "url = \"$system/functions\""
    echo "user = \"admin:guess-$i\""
    echo 'output = "/dev/null"'
    printf '%s\n' 'write-out = "%{http_code}\n"'
done >"$TMP/guesses"
curl -s --parallel --parallel-max 30 -K "$TMP/guesses" >"$TMP/answers" 2>/dev/null
after=$(awk '{ print $14 + $15 }' "/proc/$DAEMON_PID/stat")
like "of 30 guesses at once some are not even judged" \
    "$(sort "$TMP/answers" | uniq -c | tr -s ' \n' ' ')" '^ [1-9][0-9]? 401 [1-9][0-9] 429 $'
is "which took little time ($((after - before)) ticks)" "$((after - before < 200))" 1
as guess-31 "$system/functions" >/dev/null
like "who is told to wait is told for how long" "$(header Retry-After)" '^1?$'
is "who was let in before is not concerned" "$(as "$password" "$system/functions")" 200
is "nor is who calls a function" "$(code_of "$GATEWAY/function/open")" 200

# ---- the command line -------------------------------------------------------------------------
exits "unifaas without a password fails" 1 "$uf" list
like "... and says what to do" "$(err)" 'unifaas login'
sleep 2
printf 'wrong-d\n' >"$TMP/in"
exits "login with a wrong one fails" 1 sh -c "'$uf' login <'$TMP/in'"
is "... and keeps nothing" "$(find "$TMP/config" -type f 2>/dev/null)" ""
printf '%s\n' "$password" >"$TMP/in"
exits "login with the right one" 0 sh -c "'$uf' login <'$TMP/in'"
unlike "... does not show it" "$(cat "$TMP/out" "$TMP/err")" "$password"
is "... and keeps it for this user alone" "$(stat -c %a "$TMP/config/unifaas/credentials")" 600
exits "then commands need none" 0 "$uf" list
exits "a closed function is invoked" 0 "$uf" invoke closed -d x
is "an open one without telling it" "$("$uf" invoke open -p /header -q name=authorization)" '(none)'
chmod 644 "$TMP/config/unifaas/credentials"
exits "a file that others can read is not used" 1 "$uf" list
like "... and named" "$(err)" 'credentials can be read by others: chmod 600'
chmod 600 "$TMP/config/unifaas/credentials"
exits "UNIFAAS_PASSWORD goes before it" 1 env UNIFAAS_PASSWORD=wrong-e "$uf" list
like "... and a wrong one is told so" "$(err)" 'does not take this password'
exits "... a right one is taken" 0 env UNIFAAS_PASSWORD="$password" XDG_CONFIG_HOME=/nowhere "$uf" list

# ---- changing -----------------------------------------------------------------------------
echo short >"$TMP/in"
exits "a password that is too short is refused" 1 sh -c "'$uf' password <'$TMP/in'"
like "... with what is valid" "$(err)" '8 to 256 bytes'
echo 'the second one' >"$TMP/in"
exits "unifaas password changes it" 0 sh -c "UNIFAAS_PASSWORD= '$uf' password <'$TMP/in'"
is "the new one counts" "$(as 'the second one' "$system/functions")" 200
is "the old one no longer" "$(judged "$password" "$system/functions")" 401
exits "what login kept is the new one" 0 "$uf" list
exits "logout forgets it" 0 "$uf" logout
exits "... and then there is none" 1 "$uf" list
exits "... to forget" 1 "$uf" logout
echo 'the third one' >"$TMP/in"
exits "who has lost it sets another where the daemon runs" 0 \
    sh -c "'$BIN/unifaasd' --set-password --state-dir '$TMP/state' <'$TMP/in'"
sleep 1.1
is "which counts while the daemon runs" "$(as 'the third one' "$system/functions")" 200
is "and the one before no longer" "$(as 'the second one' "$system/functions")" 401
kill9_daemon
t "after kill -9 the daemon starts" start_daemon --backend process
is "a function does not see it either while nobody has judged it" "$(
    as 'the third one' "$GATEWAY/function/open/$show" >/dev/null
    body
)" "(none)"
is "with the same password" "$(as 'the third one' "$GATEWAY/system/functions")" 200
stop_daemon

# ---- files of the operator -------------------------------------------------------------------
mkdir "$TMP/secrets"
printf 'given-by-file\n' >"$TMP/secrets/basic-auth-password"
printf 'ops\n' >"$TMP/secrets/basic-auth-user"
AS="env secret_mount_path=$TMP/secrets"
t "a daemon with files of the operator starts" start_daemon --backend process
is "their password counts" "$(code_of "$GATEWAY/system/functions" -u ops:given-by-file)" 200
is "and no other" "$(as 'the third one' "$GATEWAY/system/functions")" 401
is "it is not changed here" "$(code_of "$GATEWAY/system/password" -u ops:given-by-file -X PUT \
    -d '{"password":"something else"}')" 409
like "but there" "$(body)" "secrets/basic-auth-password: change it there"
stop_daemon
AS="env CREDENTIALS_DIRECTORY=$TMP/secrets"
t "a daemon with credentials of systemd starts" start_daemon --backend process
is "likewise" "$(code_of "$GATEWAY/system/functions" -u ops:given-by-file)" 200
stop_daemon
AS=''
echo nonsense >"$TMP/state/password"
exits "a file that holds no hash is refused" 1 "$BIN/unifaasd" --listen 127.0.0.1:0 \
    --state-dir "$TMP/state"
like "with the way out" "$(err)" 'unifaasd --set-password'

# ---- where it listens --------------------------------------------------------------------
rm -rf "$TMP/state"
t "with a password it serves on any address" start_daemon --backend process --listen 0.0.0.0:0
like "and says that nothing is encrypted" "$(cat "$TMP/daemon.log")" 'nothing is encrypted.*TLS'
stop_daemon
t "without one, there only when forced" start_daemon --backend process --no-auth \
    --listen 0.0.0.0:0 --allow-remote
like "with a warning" "$(cat "$TMP/daemon.log")" 'WARNING: .*no password'
is "and asks for none" "$(code_of "http://127.0.0.1:${GATEWAY##*:}/system/functions")" 200
is "there is none to change" "$(code_of "http://127.0.0.1:${GATEWAY##*:}/system/password" -X PUT \
    -d '{"password":"something else"}')" 409
finish
