// SPDX-License-Identifier: MIT
/* printf: printf formats numbers and strings as C says. */
#include <stdio.h>
#include <string.h>

#include "../check.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    char s[128];
    (void)snprintf(s, sizeof(s), "%d|%5u|%-6x|%#o", -7, 42u, 0xbeefu, 8u);
    CHECK(response, strcmp(s, "-7|   42|beef  |010") == 0);
    (void)snprintf(s, sizeof(s), "%lld %zu %jd", -9000000000LL, sizeof(int), (intmax_t)-1);
    CHECK(response, strcmp(s, "-9000000000 4 -1") == 0);
    (void)snprintf(s, sizeof(s), "%g %.3f %e", 0.1, 2.0 / 3.0, 1234.5);
    CHECK(response, strcmp(s, "0.1 0.667 1.234500e+03") == 0);
    (void)snprintf(s, sizeof(s), "%.17g %a", 0.1, 1.5);
    CHECK(response, strcmp(s, "0.10000000000000001 0x1.8p+0") == 0);
    (void)snprintf(s, sizeof(s), "%Lg %.0f", 2.5L, 2.5);
    CHECK(response, strcmp(s, "2.5 2") == 0);
    (void)snprintf(s, sizeof(s), "%10.3s|%-5s|%c", "abcdef", "ab", 'z');
    CHECK(response, strcmp(s, "       abc|ab   |z") == 0);
    (void)snprintf(s, sizeof(s), "%*d|%-*d|%+d", 5, 42, 5, 42, 42);
    CHECK(response, strcmp(s, "   42|42   |+42") == 0);
    CHECK(response, snprintf(s, 4, "%s", "abcdef") == 6);
    CHECK(response, strcmp(s, "abc") == 0);
    return finish(response);
}
