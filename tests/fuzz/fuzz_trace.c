// SPDX-License-Identifier: MIT
// LINK: daemon/record/trace.c
/*
 * fuzz_trace.c: traceparent and tracestate, as a client sends them.
 *
 * What is accepted comes back with the same ids when it is written and read again;
 * a child of it keeps the trace. A tracestate that may pass is one line of printable
 * text.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/record/trace.h"

static void must(bool ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t random[24] = {7};
    char *text = malloc(size + 1);
    char out[TRACE_TEXT];
    struct trace t;
    struct trace again;

    must(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    if (trace_parse(&t, text) == 0) {
        trace_format(out, &t);
        must(strlen(out) == TRACE_TEXT - 1 && strncmp(out + 2, text + 2, 50) == 0);
        must(trace_parse(&again, out) == 0 && memcmp(&again, &t, sizeof(t)) == 0);
        trace_child(&again, &t, random);
        must(memcmp(again.id, t.id, sizeof(t.id)) == 0 && again.span[0] == 7);
    }
    if (trace_state_ok(text)) {
        size_t n = strlen(text);

        must(n > 0 && n <= TRACE_STATE_MAX);
        for (size_t i = 0; i < n; i++)
            must((text[i] >= ' ' && text[i] <= '~') || text[i] == '\t');
    }
    free(text);
    return 0;
}
