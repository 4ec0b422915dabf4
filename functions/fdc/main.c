// SPDX-License-Identifier: MIT
/*
 * fdc: a counter that travels with the events. Body: a counter, empty for 0.
 * Answer: the counter plus 1.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *body = uf_event_body(event);
    char *end;

    while (isspace((unsigned char)*body))
        body++;
    errno = 0;
    intmax_t n = strtoimax(*body != '\0' ? body : "0", &end, 10);
    while (isspace((unsigned char)*end))
        end++;
    if (*end != '\0' || errno != 0 || n == INTMAX_MAX) {
        (void)uf_respond_status(response, 400);
        return uf_respond_text(response, "fdc: send a whole number of 64 bits\n");
    }
    return uf_respond_printf(response, "%" PRIdMAX, n + 1);
}
