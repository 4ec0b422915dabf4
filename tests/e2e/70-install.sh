#!/bin/sh
# SPDX-License-Identifier: MIT
# What make install puts in place works from there, wherever that is.
. "$(dirname "$0")/lib.sh"
cd "$ROOT" || exit 1
unset UNIFAAS_TENDER
at=$TMP/root/usr/local

t "make install puts everything below DESTDIR and PREFIX" \
    make --no-print-directory install DESTDIR="$TMP/root" PREFIX=/usr/local
is "and nothing beside it" "$(ls "$TMP/root" "$TMP/root/usr")" "$(
    printf '%s:\nusr\n\n%s:\nlocal' "$TMP/root" "$TMP/root/usr"
)"
for page in unifaas.1 unifaasd.8; do
    t "there is a manual page $page" test -s "$at/share/man/man${page##*.}/$page"
done
t "there is an example of a configuration" test -s "$at/share/doc/unifaas/unifaasd.yaml.example"
t "there is a unit for systemd" test -s "$at/lib/systemd/system/unifaasd.service"
like "which starts the installed program" "$(cat "$at/lib/systemd/system/unifaasd.service")" \
    '^ExecStart=/usr/local/bin/unifaasd( |$)'
is "and every unit has its paths filled in" "$(grep -rlE '@[A-Z]+@' "$at/lib/systemd/system" 2>&1)" ""

mkdir "$TMP/src"
cd "$TMP/src" || exit 1
t "the installed command makes a function" "$at/bin/unifaas" new greet
t "and builds it with the installed SDK" "$at/bin/unifaas" build greet
BIN=$at/bin
t "the installed daemon starts" start_daemon
t "and takes the function" "$at/bin/unifaas" deploy greet
is "which answers" "$(code_of "$GATEWAY/function/greet" -d x)" 200
stop_daemon
is "the daemon ends well" "$DAEMON_STATUS" 0

cd "$ROOT" || exit 1
mv "$TMP/root" "$TMP/moved"
t "moved elsewhere, it still builds" "$TMP/moved/usr/local/bin/unifaas" build "$TMP/src/greet"
t "and runs" "$TMP/moved/usr/local/bin/unifaas" run "$TMP/src/greet" -d x
exits "a PREFIX that is no absolute path is refused" 2 make --no-print-directory install \
    DESTDIR="$TMP/no" PREFIX=usr
like "naming it" "$(cat "$TMP/err")" 'PREFIX=usr must begin with /'
finish
