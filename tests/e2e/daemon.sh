# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# daemon.sh: for tests that speak HTTP with the daemon themselves. Source it
# after lib.sh.
#
#   make_sample [SED-SCRIPT]     build the function below, changed, as $TMP/sample.img
#   upload FILE                send an image; prints its "sha256:..."
#   deploy NAME FILE [MEMBERS] upload and POST; MEMBERS is JSON text that is
#                              added: '"limits":{"memory":"16Mi"}'. Prints the
#                              status; the answer is in $TMP/body
#   header NAME                of the last answer
#   metric PATTERN             the value of a sample on /metrics
#   body                       of the last answer

mkdir -p "$TMP/sample"
cat >"$TMP/sample.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unifaas.h>

#define VERSION "one"

static unsigned count;
static void *volatile where = (void *)8;

int init(void)
{
    printf("init of %s\n", VERSION);
    return getenv("REFUSE") != NULL ? 9 : 0;
}

static unsigned long number(const struct uf_event *e, const char *name)
{
    char text[24] = "0";

    (void)uf_event_query_param(e, name, text, sizeof(text));
    return strtoul(text, NULL, 10);
}

__attribute__((noinline)) static void break_down(void)
{
    *(volatile int *)where = 1;
}

int handle(const struct uf_event *e, struct uf_response *r)
{
    const char *path = uf_event_path(e);

    if (strcmp(path, "/spin") == 0) {
        uint64_t end = uf_monotonic() + number(e, "ms") * 1000000u;
        while (uf_monotonic() < end)
            for (volatile int i = 0; i < 20000000; i++)
                ;
    }
    if (strcmp(path, "/loop") == 0)
        for (;;)
            __asm__ volatile("");
    if (strcmp(path, "/crash") == 0)
        break_down();
    if (strcmp(path, "/abort") == 0)
        abort();
    if (strcmp(path, "/nonzero") == 0)
        return 7;
    if (strcmp(path, "/nonzero-body") == 0) {
        (void)uf_respond_text(r, "my own words");
        return 7;
    }
    if (strcmp(path, "/log") == 0)
        printf("%s\n", uf_event_body(e));
    if (strcmp(path, "/flood") == 0)
        for (unsigned long i = 0; i < number(e, "lines"); i++)
            printf("line %lu\n", i);
    if (strcmp(path, "/status") == 0)
        return uf_respond_status(r, (int)number(e, "code"));
    if (strcmp(path, "/headers") == 0) {
        (void)uf_respond_header(r, "X-Mine", "yes");
        (void)uf_respond_header(r, "Content-Type", "text/csv");
        (void)uf_respond_header(r, "X-UniFaaS-Isolation", "forged");
        (void)uf_respond_header(r, "Connection", "close");
        (void)uf_respond_header(r, "Content-Length", "999");
        return uf_respond_text(r, "a,b\n");
    }
    if (strcmp(path, "/header") == 0) {
        char name[64] = "";
        (void)uf_event_query_param(e, "name", name, sizeof(name));
        const char *value = uf_event_header(e, name);
        return uf_respond_text(r, value != NULL ? value : "(none)");
    }
    if (strcmp(path, "/size") == 0)
        return uf_respond_printf(r, "%zu", uf_event_body_size(e));
    if (strcmp(path, "/count") == 0)
        return uf_respond_printf(r, "%u", ++count);
    return uf_respond_printf(r, "%s %s %s", uf_event_method(e), path, VERSION);
}
C

make_sample() {
    sed "${1:-}" "$TMP/sample.c" >"$TMP/sample/main.c"
    printf 'name: sample\n' >"$TMP/sample/function.yaml"
    UNIFAAS_SDK=$ROOT/build/sdk "$BIN/unifaas" build "$TMP/sample" -o "$TMP/sample.img" \
        >"$TMP/build.log" 2>&1 || {
        cat "$TMP/build.log"
        return 1
    }
}

upload() {
    curl -sS --max-time 30 --data-binary @"$1" "$GATEWAY/system/images" |
        sed -n 's/.*"image":"\([^"]*\)".*/\1/p'
}

deploy() {
    deploy_image=$(upload "$2")
    code_of "$GATEWAY/system/functions" -X "${METHOD:-POST}" \
        -d "{\"service\":\"$1\",\"image\":\"$deploy_image\"${3:+,$3}}"
}

header() { tr -d '\r' <"$TMP/headers" | sed -n "s/^$1: *//Ip" | tail -n 1; }
metric() { curl -sS "$GATEWAY/metrics" | sed -n "s/^$1 //p"; }
body() { cat "$TMP/body"; }
at() { code_of "$GATEWAY/function/sample$1" ${2:+-d "$2"}; }
