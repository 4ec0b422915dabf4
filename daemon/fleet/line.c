// SPDX-License-Identifier: MIT
/* line.c: see line.h. */
#include "daemon/fleet/line.h"

void line_join(struct line *l, uint64_t now_ns, bool is_running)
{
    if (l->n == 0)
        *l = (struct line){.since_ns = is_running ? now_ns : 0};
    l->n++;
}

void line_serve(struct line *l, uint64_t now_ns)
{
    l->n--;
    if (l->since_ns == 0) {
        l->since_ns = now_ns;
        return;
    }
    l->left++;
    if (now_ns - l->since_ns < LINE_SPAN_NS)
        return;
    l->before_ns = l->pace_ns;
    l->pace_ns = (now_ns - l->since_ns) / l->left;
    l->since_ns = now_ns;
    l->left = 0;
}

void line_leave(struct line *l)
{
    l->n--;
}

void line_return(struct line *l)
{
    l->n++;
}

uint64_t line_wait_ns(const struct line *l)
{
    return l->n * (l->pace_ns < l->before_ns ? l->pace_ns : l->before_ns);
}
