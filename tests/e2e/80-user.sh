#!/bin/sh
# SPDX-License-Identifier: MIT
# Everything works for an ordinary user as well: no root, no group, no KVM.
. "$(dirname "$0")/lib.sh"
cd "$ROOT" || exit 1

# Started as root we become somebody else; else we are an ordinary user already.
# What that user needs lies in $TMP: the source tree may be out of its reach.
mkdir "$TMP/home"
cp -r build/sdk "$TMP/sdk"
cp "$BIN/unifaas" "$BIN/unifaasd" "$TMP/bin/"
if [ "$(id -u)" = 0 ]; then
    AS='setpriv --reuid 12345 --regid 12345 --clear-groups'
    chown -R 12345:12345 "$TMP"
fi
BIN=$TMP/bin
UNIFAAS_SDK=$TMP/sdk
HOME=$TMP/home
export UNIFAAS_SDK HOME
cd "$HOME" || exit 1

# shellcheck disable=SC2086
user() { $AS "$BIN/unifaas" "$@"; }

t "doctor finds nothing that keeps a user from running functions" user doctor
t "a user makes a function" user new greet
t "and builds it" user build greet
t "and runs it in a confined process" user run greet --backend process -d x
t "the daemon starts" start_daemon --backend process
t "a user deploys to it" user deploy greet
is "and is answered" "$(code_of "$GATEWAY/function/greet" -d x)" 200
is "by a confined process" "$(tr -d '\r' <"$TMP/headers" |
    sed -n 's/^x-unifaas-isolation: *//Ip')" process
like "and what its jail is without is said" "$(cat "$TMP/daemon.log")" \
    '^unifaasd: not started as root: tenders share the daemon'
finish
