// SPDX-License-Identifier: MIT
/*
 * worker: what tests of endurance deploy, under many names. Answers "WHO BODY",
 * with the variable WHO, so that an answer tells whose it is and to what; but
 * "spoilt" when it finds anything of an event before. A path makes it fail
 * after that, each in its way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unifaas.h>

#define PAGES 8u
#define PAGE  4096u

static char page[PAGES][PAGE] __attribute__((aligned(PAGE)));
static char *kept;
static void *volatile where = (void *)8;

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *path = uf_event_path(event);
    const char *who = getenv("WHO");

    if (kept != NULL)
        return uf_respond_text(response, "spoilt");
    kept = malloc(10000);
    for (unsigned i = 0; i < PAGES; i++)
        if (page[i][i]++ != 0)
            return uf_respond_text(response, "spoilt");
    if (kept == NULL)
        return uf_respond_text(response, "no memory");
    (void)memset(kept, 1, 10000);
    if (strcmp(path, "/log") == 0)
        printf("%s was asked %s\n", who, uf_event_body(event));
    if (strcmp(path, "/crash") == 0)
        *(volatile int *)where = 1;
    if (strcmp(path, "/abort") == 0)
        abort();
    if (strcmp(path, "/exit") == 0)
        exit(3);
    if (strcmp(path, "/error") == 0)
        return 7;
    if (strcmp(path, "/loop") == 0)
        for (;;)
            __asm__ volatile("");
    return uf_respond_printf(response, "%s %s", who, uf_event_body(event));
}
