// SPDX-License-Identifier: MIT
/* random: random bytes differ from event to event. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    unsigned char a[100];
    unsigned char b[100];

    if (uf_random(a, sizeof(a)) != UF_OK || getentropy(b, sizeof(b)) != 0 ||
        memcmp(a, b, sizeof(a)) == 0 || getrandom(b, 16, 0) != 16)
        return 1;
    return uf_respond_printf(response, "%02x%02x%02x%02x%02x%02x", a[0], a[1], a[2], b[0], b[98],
                             b[99]);
}
