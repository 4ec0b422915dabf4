// SPDX-License-Identifier: MIT
/*
 * hostile-init: an init that misbehaves refuses its own deployment, or pays with
 * its own memory. The environment says how: HOW.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unifaas.h>

#include "../knock.h"

static volatile int never;
static volatile int *volatile nowhere;
static unsigned char *page;
static size_t pages;

/* All of the heap but a little, a page at a time: every one, or every other. */
static void fill(unsigned step, int noise)
{
    size_t size = 64u << 20;

    while ((page = malloc(size)) == NULL)
        size -= 4096;
    for (size_t at = 0; at + 4096 <= size; at += (size_t)step * 4096, pages++)
        for (size_t i = 0; i < 4096; i++)
            page[at + i] = noise ? (unsigned char)rand() : 0x5a;
}

int init(void)
{
    const char *how = getenv("HOW");

    if (how == NULL)
        return 0;
    if (strcmp(how, "crash") == 0)
        return *nowhere;
    if (strcmp(how, "loop") == 0)
        while (never == 0)
            continue;
    if (strcmp(how, "log") == 0)
        while (never == 0)
            (void)printf("and this goes to the log as well\n");
    if (strcmp(how, "clock") == 0)
        while (never == 0)
            (void)uf_now();
    if (strcmp(how, "exit") == 0)
        exit(0);
    if (strcmp(how, "abort") == 0)
        abort();
    if (strcmp(how, "one") == 0)
        return 1;
    if (strcmp(how, "minus") == 0)
        return -1;
    if (strcmp(how, "done") == 0)
        knock(2, 0, 200, 0, 0);
    if (strcmp(how, "no-such-call") == 0)
        knock(99, 0, 0, 0, 0);
    if (strcmp(how, "no-door-block") == 0)
        memset(uf_door_block, 0xff, 88);
    if (strcmp(how, "fill") == 0)
        fill(1, 1);
    if (strcmp(how, "every-other") == 0)
        fill(2, 1);
    if (strcmp(how, "sparse") == 0)
        fill(7, 0);
    if (strcmp(how, "bomb") == 0)
        fill(1, 0);
    if (strcmp(how, "event-entry") == 0)
        ((void (*)(void))(uintptr_t)0x0e000010)();
    return 0;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    return uf_respond_printf(response, "ok, %zu pages", pages);
}
