// SPDX-License-Identifier: MIT
/* constructors: constructors run before init, in the order of their priority. */
#include "../check.h"

static char order[4];
static int n;

__attribute__((constructor(300))) static void third(void)
{
    order[n++] = 'c';
}

__attribute__((constructor(102))) static void second(void)
{
    order[n++] = 'b';
}

__attribute__((constructor(101))) static void first(void)
{
    order[n++] = 'a';
}

int init(void)
{
    return n == 3 ? 0 : 1;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    CHECK(response, strcmp(order, "abc") == 0);
    return finish(response);
}
