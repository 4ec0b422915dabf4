// SPDX-License-Identifier: MIT
/* init-log: what init logs belongs to the boot. */
#include <stdio.h>

#include "../check.h"

int init(void)
{
    (void)printf("preparing\n");
    return 0;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;

    return finish(response);
}
