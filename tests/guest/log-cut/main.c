// SPDX-License-Identifier: MIT
/* log-cut: what was logged before the time was over is told. */
#include <stdio.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    (void)response;
    (void)printf("one\n");
    uf_log(UF_LOG_WARN, "two");
    for (;;)
        __asm__ volatile("");
}
