// SPDX-License-Identifier: MIT
/* time: dates are computed, and the time zone comes from TZ. */
#define _GNU_SOURCE /* strptime, timegm */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../check.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    struct tm tm;
    time_t t = 951827696; /* 2000-02-29T12:34:56Z */
    char s[64];
    (void)gmtime_r(&t, &tm);
    (void)strftime(s, sizeof(s), "%Y-%m-%d %H:%M:%S %a %j", &tm);
    CHECK(response, strcmp(s, "2000-02-29 12:34:56 Tue 060") == 0);
    CHECK(response, timegm(&tm) == t);
    (void)localtime_r(&t, &tm);
    CHECK(response, tm.tm_hour == 13 && strcmp(tm.tm_zone, "CET") == 0);
    CHECK(response, mktime(&tm) == t);
    struct tm in = {0};
    CHECK(response, strptime("2026-11-23T01:02:03", "%Y-%m-%dT%H:%M:%S", &in) != NULL);
    CHECK(response, in.tm_year == 126 && in.tm_mon == 10 && in.tm_sec == 3);
    return finish(response);
}
