#!/bin/sh
# SPDX-License-Identifier: MIT
# Secrets: who may read them, where they are, and what a lost key does.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
uf=$BIN/unifaas
err() { cat "$TMP/err"; }
out() { cat "$TMP/out"; }

# Answers with the secret that the body names, or with the code of the call.
mkdir "$TMP/reader"
cat >"$TMP/reader/main.c" <<'C'
#include <stdio.h>
#include <string.h>
#include <unifaas.h>

int handle(const struct uf_event *e, struct uf_response *r)
{
    static char value[4096];
    size_t size = 0;
    int code = uf_secret(uf_event_body(e), value, sizeof(value), &size);

    if (code != UF_OK)
        return uf_respond_printf(r, "code %d", code);
    return uf_respond_body(r, value, size);
}
C
printf 'secrets: [api-key, other.key]\n' >"$TMP/reader/function.yaml"
read_secret() { "$uf" invoke reader -d "$1"; }
denied=$(sed -n 's/.*UF_R_DENIED = \(-[0-9]*\).*/\1/p' "$ROOT/abi/door.h")
missing=$(sed -n 's/.*UF_R_NOT_FOUND = \(-[0-9]*\).*/\1/p' "$ROOT/abi/door.h")
unavailable=$(sed -n 's/.*UF_R_NOT_AVAILABLE = \(-[0-9]*\).*/\1/p' "$ROOT/abi/door.h")

t "the daemon starts" start_daemon --backend process
system=$GATEWAY/system
exits "a function whose secrets are unknown is not deployed" 1 "$uf" deploy "$TMP/reader"
like "and told which" "$(err)" '^unable to find secret: api-key$'

# ---- giving ------------------------------------------------------------------------------
printf 'sesame-one' >"$TMP/value"
exits "a secret is made of standard input" 0 sh -c "'$uf' secret create api-key <'$TMP/value'"
unlike "and not shown" "$(out)$(err)" sesame
exits "one of a file" 0 "$uf" secret create other.key --from-file "$TMP/value"
exits "one of the command line" 0 "$uf" secret create third --from-literal x
exits "a second one of that name is refused" 1 sh -c "'$uf' secret create api-key <'$TMP/value'"
like "with the way out" "$(err)" 'PUT replaces it'
like "... that the command line has" "$(err)" 'unifaas secret update api-key gives it another value'
exits "a bad name is refused" 1 "$uf" secret create ../x --from-literal x
exits "an empty value is refused" 2 "$uf" secret create empty --from-literal ''
head -c 65537 /dev/zero >"$TMP/large"
exits "one that is too large is refused" 1 "$uf" secret create large --from-file "$TMP/large"
is "names are listed" "$("$uf" secret list | tr '\n' ' ')" 'api-key other.key third '
is "and only names" "$(curl -sS "$system/secrets" | jq -c '.[0]')" \
    '{"name":"api-key","namespace":"openfaas-fn"}'

# ---- reading -----------------------------------------------------------------------------
exits "now the function is deployed" 0 "$uf" deploy "$TMP/reader"
is "it reads a secret" "$(read_secret api-key)" sesame-one
is "another" "$(read_secret other.key)" sesame-one
is "but not one that its manifest does not list" "$(read_secret third)" "code $denied"
printf 'sesame-two\n' >"$TMP/value"
exits "a secret is changed" 0 sh -c "'$uf' secret update api-key <'$TMP/value'"
is "the next event reads the new one, without the end of the line" "$(read_secret api-key)" \
    sesame-two
exits "one that is not there is not changed" 4 sh -c "'$uf' secret update nobody <'$TMP/value'"
printf '\000\377\001' >"$TMP/value"
exits "bytes that are no text" 0 "$uf" secret update other.key --from-file "$TMP/value"
read_secret other.key >"$TMP/got"
t "arrive as they are" cmp "$TMP/got" "$TMP/value"
exits "one is removed" 0 "$uf" secret remove other.key
like "and it is said who still asks for it" "$(err)" 'still ask for it: reader'
is "who is told that there is none" "$(read_secret other.key)" "code $missing"
is "to remove it again is 404" "$(code_of "$system/secrets" -X DELETE -d '{"name":"other.key"}')" 404
exits "the function is not deployed again without" 1 "$uf" deploy "$TMP/reader"
exits "but with another of that name" 0 "$uf" secret create other.key --from-literal again
is "which it reads" "$(read_secret other.key)" again

# ---- where it is -------------------------------------------------------------------------
nowhere() { ! grep -rqF -e "$1" "$TMP/state" "$TMP/daemon.log"; }
t "no value is in the state directory or the log" nowhere sesame-two
t "not even in base64" nowhere "$(printf sesame-two | base64)"
is "the key is the daemon's alone" "$(stat -c %a "$TMP/state/secret.key")" 600
unlike "what a function logged says nothing" "$("$uf" logs reader)" sesame
is "no core dump would have memory in it" "$(cat "/proc/$DAEMON_PID/coredump_filter")" 00000000
stop_daemon
case $(cat /proc/sys/kernel/core_pattern) in
core*)
    mkdir "$TMP/cores"
    cat >"$TMP/with-cores" <<X
#!/bin/sh
ulimit -c unlimited
cd "$TMP/cores" && exec "\$@"
X
    chmod 755 "$TMP/with-cores"
    AS="$TMP/with-cores"
    t "the daemon starts again, where it may leave a core dump" start_daemon --backend process
    is "the function reads" "$(read_secret api-key)" sesame-two
    kill -ABRT "$DAEMON_PID"
    t "and dies" eventually 5 gone "$DAEMON_PID"
    kill9_daemon
    no_value() { [ -n "$(ls "$TMP/cores")" ] && ! grep -qF -e sesame "$TMP"/cores/*; }
    t "its core dump has no value in it" no_value
    AS=''
    ;;
*) skip "its core dump has no value in it" "core: another program takes them here" ;;
esac
t "after a restart" start_daemon --backend process
is "a secret is what it was" "$(read_secret api-key)" sesame-two
stop_daemon

# ---- the key -------------------------------------------------------------------------------
mv "$TMP/state/secret.key" "$TMP/away"
t "without the key the daemon starts" start_daemon --backend process
system=$GATEWAY/system
like "and says what to do" "$(cat "$TMP/daemon.log")" 'STATE/secret.key is missing.*put it back'
like "so does info" "$(curl -sS "$system/info" | jq -r .unifaas.secrets_problem)" 'put it back'
is "functions that need none go on" "$(code_of "$GATEWAY/healthz")" 200
is "who asks for one is told that there are none" "$(read_secret api-key)" "code $unavailable"
is "names are still listed" "$("$uf" secret list | head -n 1)" api-key
is "none is made" "$(code_of "$system/secrets" -X POST -d '{"name":"new","value":"x"}')" 503
like "with the reason" "$(body)" 'put it back'
is "and no other key" "$(ls "$TMP/state/secret.key" 2>/dev/null)" ""
stop_daemon
mv "$TMP/away" "$TMP/state/secret.key"
t "with it" start_daemon --backend process
is "all is as before" "$(read_secret api-key)" sesame-two
stop_daemon
mkdir "$TMP/credentials"
head -c 32 /dev/urandom >"$TMP/credentials/unifaas-secret-key"
AS="env CREDENTIALS_DIRECTORY=$TMP/credentials"
t "with another key, from the service manager" start_daemon --backend process
like "it is said how many are not opened" "$(cat "$TMP/daemon.log")" '3 of 3 secrets .* another key'
is "none of them is" "$(read_secret api-key)" "code $unavailable"
exits "one that is given anew" 0 "$uf" secret update api-key --from-literal anew
is "is" "$(read_secret api-key)" anew
finish
