// SPDX-License-Identifier: MIT
/* log-long: a log larger than its buffer arrives whole. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <unifaas.h>

static char line[9000];

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    memset(line, 'x', sizeof(line) - 1);
    for (int i = 0; i < 1000; i++)
        (void)printf("line %d\n", i);
    uf_log(UF_LOG_INFO, "%s", line);
    (void)write(2, line, sizeof(line) - 1);
    return uf_respond_text(response, "logged");
}
