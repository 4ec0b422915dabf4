// SPDX-License-Identifier: MIT
/* own-words: what a function answers when it fails is in the message, printable and cut. */
#include <string.h>

#include <unifaas.h>

int handle(const struct uf_event *event, struct uf_response *response)
{
    static const char loud[] = "no\tsensor\n\x1b[2J\0caf\xc3\xa9\xe2\x82 \xc2\x9b\n\n";
    static char large[4000];

    switch (uf_event_body(event)[0]) {
    case 'l':
        (void)uf_respond_body(response, loud, sizeof(loud) - 1);
        break;
    case 'b':
        (void)uf_respond_body(response, memset(large, 'x', sizeof(large)), sizeof(large));
        break;
    case 'e':
        large[0] = 'x';
        for (size_t i = 1; i + 4 <= sizeof(large); i += 4)
            memcpy(large + i, "\xf0\x9f\x98\x80", 4);
        (void)uf_respond_body(response, large, sizeof(large));
        break;
    case 's':
        (void)uf_respond_status(response, 404);
        break;
    case 'w':
        (void)uf_respond_text(response, " \n");
        break;
    default:
        break;
    }
    return 3;
}
