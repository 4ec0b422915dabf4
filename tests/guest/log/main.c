// SPDX-License-Identifier: MIT
/* log: printf, stderr and uf_log become lines of one log, in order. */
#include <stdio.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    (void)printf("one ");
    (void)fprintf(stderr, "two\n");
    (void)printf("three\n");
    uf_log(UF_LOG_WARN, "four %d", 4);
    (void)printf("five");
    uf_log(UF_LOG_DEBUG, "six");
    (void)fputs("seven", stdout);
    return uf_respond_text(response, "logged");
}
