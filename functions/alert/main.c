// SPDX-License-Identifier: MIT
/* alert: is a reading above 50? Body: a number. Answer: yes or no. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include <unifaas.h>

#define LIMIT 50.0

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *body = uf_event_body(event);
    char *end;
    double v = strtod(body, &end);

    while (end != body && isspace((unsigned char)*end))
        end++;
    if (end == body || *end != '\0' || isnan(v)) {
        (void)uf_respond_status(response, 400);
        return uf_respond_text(response, "alert: send one number, e.g. 75.5\n");
    }
    return uf_respond_text(response, v > LIMIT ? "yes" : "no");
}
