// SPDX-License-Identifier: MIT
/*
 * hostile-response: a response made past the library OS, which would not let it
 * through. The path says what is wrong with it; the body is "ok".
 */
#include <stdlib.h>
#include <string.h>

#include <unifaas.h>

#include "../knock.h"

#define HEADERS_MAX 16384u

static char headers[HEADERS_MAX + 1];
static char body[3u << 20];

/* DONE, with what handle would return, status, headers and body. */
static void respond(unsigned status, size_t nheaders, size_t nbody)
{
    void (*door)(void) = (void (*)(void))(uintptr_t)0x0e000000;
    const uint64_t block[] = {2,     0, status, (uintptr_t)headers, nheaders, (uintptr_t)body,
                              nbody, 0, 0};

    memcpy(body, "ok", 2);
    for (unsigned i = 0; i < sizeof(block) / sizeof(block[0]); i++)
        uf_door_block[i] = block[i];
    door();
}

static size_t fill(const char *line)
{
    size_t n = strlen(line);
    size_t at = 0;

    for (; at + n <= HEADERS_MAX; at += n)
        memcpy(headers + at, line, n);
    return at;
}

static const struct {
    const char *path;
    const char *lines;
} abuse[] = {
    {"/split", "X-A: 1\r\nSet-Cookie: stolen=1\r\n"},
    {"/split-body", "X-A: 1\r\n\r\n<script>\n"},
    {"/length-short", "Content-Length: 1\n"},
    {"/length-long", "Content-Length: 99999\n"},
    {"/length-twice", "Content-Length: 1\nContent-Length: 2\n"},
    {"/chunked", "Transfer-Encoding: chunked\n"},
    {"/upgrade", "Connection: Upgrade\nUpgrade: websocket\n"},
    {"/forged", "X-UniFaaS-Outcome: none\nX-Call-Id: mine\nDate: now\nX-OpenFaaS-Internal: x\n"},
    {"/no-colon", "X-A\n"},
    {"/no-name", ": 1\n"},
    {"/no-newline", "X-A: 1"},
    {"/blank-name", "X A: 1\n"},
    {"/folded", "X-A: 1\n X-B: 2\n"},
    {"/controls", "X-A: \x01\x7f\x1b[2J\n"},
    {"/eight-bit", "X-\xff: 1\nX-B: \xff\xfe\n"},
    {"/percent", "%n%s%n: %s%n\n"},
};

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *path = uf_event_path(event);

    for (unsigned i = 0; i < sizeof(abuse) / sizeof(abuse[0]); i++)
        if (strcmp(path, abuse[i].path) == 0) {
            memcpy(headers, abuse[i].lines, strlen(abuse[i].lines));
            respond(200, strlen(abuse[i].lines), 2);
        }
    if (strcmp(path, "/nul") == 0) {
        memcpy(headers, "X-A: 1\0X-B: 2\nX-C: 3\n", 22);
        respond(200, 22, 2);
    }
    if (strcmp(path, "/many") == 0)
        respond(200, fill("a:\n"), 2);
    if (strcmp(path, "/blank-lines") == 0)
        respond(200, fill("\n"), 2);
    if (strcmp(path, "/long-name") == 0)
        respond(200, fill("x"), 2);
    if (strcmp(path, "/long-value") == 0)
        respond(200, (fill("x"), headers[1] = ':', HEADERS_MAX), 2);
    if (strcmp(path, "/too-many") == 0)
        respond(200, fill("a:\n") + HEADERS_MAX + 1, 2);
    if (strcmp(path, "/status") == 0)
        respond((unsigned)strtoul(uf_event_body(event), NULL, 10), 0, 2);
    if (strcmp(path, "/body") == 0)
        respond(200, 0, strtoul(uf_event_body(event), NULL, 10));
    return uf_respond_text(response, "plain");
}
