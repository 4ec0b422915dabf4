// SPDX-License-Identifier: MIT
/* body-freed: a body that was freed after it was given arrives. */
#include <stdlib.h>
#include <string.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    char *s = malloc(5000);

    memset(s, 'h', 5000);
    (void)uf_respond_body(response, s, 5000);
    memset(s, 'x', 5000);
    free(s);
    return 0;
}
