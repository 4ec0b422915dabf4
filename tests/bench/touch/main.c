// SPDX-License-Identifier: MIT
/*
 * touch: writes as many pages as the variable PAGES, or a body, says: what an
 * event costs besides what a function computes grows with them. Of a batch, each
 * event says it anew.
 */
#include <stdlib.h>

#include <unifaas.h>

#define PAGES_MAX 256u
#define PAGE      4096u

static char page[PAGES_MAX][PAGE] __attribute__((aligned(PAGE)));
static unsigned long npages;

int init(void)
{
    const char *text = getenv("PAGES");

    npages = text != NULL ? strtoul(text, NULL, 10) : 0;
    /* Not zero: then they are part of the snapshot, as a program's data are. */
    for (unsigned i = 0; i < PAGES_MAX; i++)
        page[i][0] = 1;
    return 0;
}

static void touch(unsigned long n)
{
    for (unsigned long i = 0; i < n && i < PAGES_MAX; i++)
        *(volatile char *)&page[i][0] = 2;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    for (unsigned i = 0; i < uf_event_item_count(event); i++) {
        size_t size;
        const char *body = uf_event_item(event, i, &size);

        touch(size > 0 ? strtoul(body, NULL, 10) : npages);
    }
    return uf_respond_text(response, "no");
}
