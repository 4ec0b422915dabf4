// SPDX-License-Identifier: MIT
/*
 * fanout: one event in, many out. Body: how many, up to 10000. Each goes to the queue
 * that the variable QUEUE names, with its number as body; they are there when this event
 * is handled, all of them, or none. Answer: how many.
 */
#include <stdio.h>
#include <stdlib.h>

#include <unifaas.h>

#define MOST 10000

static int push(const char *queue, long number)
{
    char text[24];
    int size = snprintf(text, sizeof(text), "%ld", number);

    return uf_queue_push(queue, text, (size_t)size);
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *queue = getenv("QUEUE");
    char *end;
    long n = strtol(uf_event_body(event), &end, 10);
    int code = UF_OK;

    if (end == uf_event_body(event) || (*end != '\0' && *end != '\n') || n < 0 || n > MOST) {
        (void)uf_respond_status(response, 400);
        return uf_respond_printf(response, "fanout: send a whole number from 0 to %d\n", MOST);
    }
    for (long i = 1; i <= n && code == UF_OK; i++)
        code = push(queue != NULL ? queue : "fanned", i);
    if (code != UF_OK) {
        (void)uf_respond_status(response, 503);
        return uf_respond_printf(response, "fanout: %s\n", uf_code_text(code));
    }
    return uf_respond_printf(response, "%ld", n);
}
