// SPDX-License-Identifier: MIT
/*
 * usecase: which readings of a sensor are worth an alert? Body: readings, with
 * blanks between them. Answer, for each of them: the reading when it is above
 * 100, otherwise no.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include <unifaas.h>

#define THRESHOLD 100.0

static const char *skip_blanks(const char *p)
{
    while (isspace((unsigned char)*p))
        p++;
    return p;
}

/* The end of the reading at p, or NULL when there is none. */
static const char *reading(const char *p, double *value)
{
    char *end;

    *value = strtod(p, &end);
    if (end == p || isnan(*value) || (*end != '\0' && !isspace((unsigned char)*end)))
        return NULL;
    return end;
}

/* Forget the answers so far. */
static int refuse(struct uf_response *response)
{
    static const char why[] = "usecase: send numbers, e.g. 99 101.5\n";

    (void)uf_respond_status(response, 400);
    return uf_respond_body(response, why, sizeof(why) - 1);
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *p = skip_blanks(uf_event_body(event));

    if (*p == '\0')
        return refuse(response);
    for (const char *gap = ""; *p != '\0'; gap = " ") {
        double value;
        const char *end = reading(p, &value);

        if (end == NULL)
            return refuse(response);
        (void)uf_respond_text(response, gap);
        if (value > THRESHOLD)
            (void)uf_respond_write(response, p, (size_t)(end - p));
        else
            (void)uf_respond_text(response, "no");
        p = skip_blanks(end);
    }
    return 0;
}
