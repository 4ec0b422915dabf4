// SPDX-License-Identifier: MIT
/* init-state: what init prepared is there for every event. */
#include <stdlib.h>

#include "../check.h"

static int *table;
static int events;

int init(void)
{
    table = malloc(1000 * sizeof(*table));
    if (table == NULL)
        return 1;
    for (int i = 0; i < 1000; i++)
        table[i] = i * i;
    return 0;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    CHECK(response, table[999] == 998001);
    CHECK(response, table[0] == 0);
    CHECK(response, events == 0);
    table[0] = 1;
    events++;
    return finish(response);
}
