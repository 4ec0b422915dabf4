// SPDX-License-Identifier: MIT
/* working_set.c: lies about the pages that a first event wrote. */
#include <stdio.h>
#include <string.h>

#include "tests/malice/lies.h"

static void say_working_set(const struct fake *f, const struct uf_stretch *set, size_t n)
{
    struct uf_frame out = {.type = UF_FRAME_DONE, .seq = f->seq};

    memcpy(out.working_set, set, n * sizeof(*set));
    fake_send(&out, sizeof(out), -1, 0);
}

void lie_working_set_plain(struct fake *f)
{
    static const struct uf_stretch set[] = {{7, 3}, {70, 30}};

    say_working_set(f, set, 2);
}

/* Of an event that came to nothing. */
void lie_working_set_failed(struct fake *f)
{
    f->result->outcome = UF_OUTCOME_FAULT;
    lie_working_set_plain(f);
}

/* All of memory, code, what is beyond memory, and sums that wrap around. */
void lie_working_set_forged(struct fake *f)
{
    static const struct uf_stretch odd[] = {
        {0, 2048},       {64, 16}, {2047, 2}, {2048, 1}, {UINT32_MAX, UINT32_MAX},
        {1, UINT32_MAX}, {5, 0}};
    struct uf_stretch set[UF_WORKING_SET];

    for (size_t i = 0; i < UF_WORKING_SET; i++)
        set[i] = odd[i % (sizeof(odd) / sizeof(odd[0]))];
    say_working_set(f, set, UF_WORKING_SET);
}

/* Instead of a lie: what the platform gave this tender. */
void lie_working_set_given(struct fake *f)
{
    char *body = (char *)f->map + uf_exchange_body(&f->limits);

    f->result->body_size =
        (uint32_t)snprintf(body, 100, "%u+%u %u+%u", f->given[0].first, f->given[0].count,
                           f->given[1].first, f->given[1].count);
}
