// SPDX-License-Identifier: MIT
/* random-init: init has no randomness to keep. */
#include <unistd.h>

#include "../check.h"

static int result = 1;
static int entropy = 1;

int init(void)
{
    char buf[8];

    result = uf_random(buf, sizeof(buf));
    entropy = getentropy(buf, sizeof(buf));
    return 0;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    CHECK(response, result == UF_NOT_AVAILABLE);
    CHECK(response, entropy == -1);
    return finish(response);
}
