// SPDX-License-Identifier: MIT
/* rfc3339.c: points in time as the API writes them (RFC 3339, 5.6). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/api/api.h"

#define SECOND UINT64_C(1000000000)

/* ".123" -> nanoseconds; digits beyond nine count for nothing. */
static uint64_t read_fraction(const char **p)
{
    uint64_t ns = 0;
    uint64_t unit = SECOND / 10;

    if (**p != '.')
        return 0;
    for ((*p)++; **p >= '0' && **p <= '9'; (*p)++) {
        ns += unit * (uint64_t)(**p - '0');
        unit /= 10;
    }
    return ns;
}

static int read_offset(const char *p, long *seconds)
{
    unsigned h = 0;
    unsigned m = 0;
    char sign = 0;
    int n = 0;

    *seconds = 0;
    if (strcmp(p, "Z") == 0 || strcmp(p, "z") == 0)
        return 0;
    /* In a query string an unescaped + has become a space. */
    if (sscanf(p, "%c%2u:%2u%n", &sign, &h, &m, &n) != 3 || p[n] != '\0' ||
        (sign != '+' && sign != '-' && sign != ' ') || h > 23 || m > 59)
        return -EINVAL;
    *seconds = (long)(h * 3600 + m * 60) * (sign == '-' ? -1 : 1);
    return 0;
}

int rfc3339_parse(const char *text, uint64_t *ns)
{
    struct tm tm = {0};
    long offset = 0;
    char t = 0;
    int n = 0;

    if (sscanf(text, "%4d-%2d-%2d%c%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &t,
               &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &n) != 7 ||
        (t != 'T' && t != 't' && t != ' '))
        return -EINVAL;
    const char *p = text + n;
    uint64_t fraction = read_fraction(&p);
    if (read_offset(p, &offset) < 0 || tm.tm_year < 1970 || tm.tm_mon < 1 || tm.tm_mon > 12 ||
        tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60 ||
        tm.tm_hour < 0 || tm.tm_min < 0 || tm.tm_sec < 0)
        return -EINVAL;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    time_t s = timegm(&tm) - offset;
    if (s < 0)
        return -EINVAL;
    *ns = (uint64_t)s * SECOND + fraction;
    return 0;
}

void rfc3339_format(char out[static RFC3339_TEXT], uint64_t ns)
{
    time_t s = (time_t)(ns / SECOND);
    struct tm tm;

    (void)gmtime_r(&s, &tm);
    size_t n = strftime(out, RFC3339_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(out + n, RFC3339_TEXT - n, ".%06" PRIu64 "Z", ns % SECOND / 1000);
}
