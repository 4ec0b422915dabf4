// SPDX-License-Identifier: MIT
/* sleep-init: init may sleep as well, and so may an event after a short one. */
#include <unistd.h>

#include <unifaas.h>

static uint64_t slept;

int init(void)
{
    uint64_t from = uf_monotonic();

    (void)usleep(5000);
    slept = uf_monotonic() - from;
    return 0;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    uint64_t from = uf_monotonic();

    (void)event;
    for (int i = 0; i < 5; i++)
        (void)usleep(2000);
    return uf_respond_text(response, slept >= 5000000 && uf_monotonic() - from >= 10000000
                                         ? "slept"
                                         : "woke too early");
}
