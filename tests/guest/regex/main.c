// SPDX-License-Identifier: MIT
/* regex: regular expressions match and capture. */
#include <regex.h>

#include "../check.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    regex_t re;
    regmatch_t m[3];
    const char *s = "device-17: temp=21.5 C";
    CHECK(response, regcomp(&re, "([a-z]+)-([0-9]+):", REG_EXTENDED) == 0);
    CHECK(response, regexec(&re, s, 3, m, 0) == 0);
    CHECK(response, m[1].rm_so == 0 && m[1].rm_eo == 6);
    CHECK(response, m[2].rm_so == 7 && m[2].rm_eo == 9);
    CHECK(response, regexec(&re, "nothing", 3, m, 0) == REG_NOMATCH);
    regfree(&re);
    CHECK(response, regcomp(&re, "(", REG_EXTENDED) == REG_EPAREN);
    return finish(response);
}
