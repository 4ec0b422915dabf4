// SPDX-License-Identifier: MIT
/*
 * dhs: daily heat statistics, an average that grows by one value a day. Body:
 * "AVERAGE DAYS VALUE", e.g. "20 3 24". Answer: the new average and the number
 * of days it is of: "21 4".
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <unifaas.h>

#define MOST_DAYS 1000000000L

struct entry {
    double average;
    long days;
    double value;
};

static bool parse(const char *text, struct entry *e)
{
    char *rest;

    errno = 0;
    e->average = strtod(text, &rest);
    if (rest == text || !isspace((unsigned char)*rest))
        return false;
    text = rest;
    e->days = strtol(text, &rest, 10);
    if (rest == text || !isspace((unsigned char)*rest))
        return false;
    text = rest;
    e->value = strtod(text, &rest);
    if (rest == text)
        return false;
    while (isspace((unsigned char)*rest))
        rest++;
    return *rest == '\0' && errno == 0 && e->days >= 0 && e->days <= MOST_DAYS &&
           isfinite(e->average) && isfinite(e->value);
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    struct entry e;

    if (!parse(uf_event_body(event), &e)) {
        (void)uf_respond_status(response, 400);
        return uf_respond_text(response,
                               "dhs: send AVERAGE DAYS VALUE, three numbers, e.g. 20 3 24\n");
    }
    e.average += (e.value - e.average) / (double)(e.days + 1);
    return uf_respond_printf(response, "%.12g %ld", e.average, e.days + 1);
}
