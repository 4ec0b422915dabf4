// SPDX-License-Identifier: MIT
/* rfc3339.c: points in time as the API writes them (RFC 3339, 5.6). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/api/api.h"

#define SECOND UINT64_C(1000000000)

/* Reads text from left to right; once something did not fit, it stays bad. */
struct reader {
    const char *at;
    bool is_bad;
};

/* Exactly so many digits, with a value from min to max. */
static int digits(struct reader *r, int count, int min, int max)
{
    int v = 0;

    for (int i = 0; i < count && !r->is_bad; i++, r->at++) {
        r->is_bad = *r->at < '0' || *r->at > '9';
        if (!r->is_bad)
            v = 10 * v + (*r->at - '0');
    }
    r->is_bad = r->is_bad || v < min || v > max;
    return v;
}

/* One of these characters. */
static char one_of(struct reader *r, const char *set)
{
    char c = r->is_bad ? '\0' : *r->at;

    if (c == '\0' || strchr(set, c) == NULL)
        r->is_bad = true;
    else
        r->at++;
    return c;
}

/* ".123" -> nanoseconds, if it is there; digits beyond nine count for nothing. */
static uint64_t fraction(struct reader *r)
{
    uint64_t ns = 0;
    uint64_t unit = SECOND / 10;

    if (r->is_bad || *r->at != '.')
        return 0;
    for (r->at++; *r->at >= '0' && *r->at <= '9'; r->at++) {
        ns += unit * (uint64_t)(*r->at - '0');
        unit /= 10;
    }
    return ns;
}

/* Seconds that local time is ahead. */
static long offset(struct reader *r)
{
    /* In a query string an unescaped + has become a space. */
    char sign = one_of(r, "Zz+- ");
    long s = 0;

    if (sign != 'Z' && sign != 'z') {
        s = digits(r, 2, 0, 23) * 3600L;
        (void)one_of(r, ":");
        s += digits(r, 2, 0, 59) * 60L;
    }
    return sign == '-' ? -s : s;
}

int rfc3339_parse(const char *text, uint64_t *ns)
{
    struct reader r = {.at = text};
    struct tm tm = {0};

    tm.tm_year = digits(&r, 4, 1970, 9999) - 1900;
    (void)one_of(&r, "-");
    tm.tm_mon = digits(&r, 2, 1, 12) - 1;
    (void)one_of(&r, "-");
    tm.tm_mday = digits(&r, 2, 1, 31);
    (void)one_of(&r, "Tt ");
    tm.tm_hour = digits(&r, 2, 0, 23);
    (void)one_of(&r, ":");
    tm.tm_min = digits(&r, 2, 0, 59);
    (void)one_of(&r, ":");
    tm.tm_sec = digits(&r, 2, 0, 60);
    uint64_t part = fraction(&r);
    long ahead = offset(&r);
    if (r.is_bad || *r.at != '\0')
        return -EINVAL;
    time_t s = timegm(&tm) - ahead;
    /* Later than this does not fit the nanoseconds. */
    if (s < 0 || (uint64_t)s >= UINT64_MAX / SECOND)
        return -EINVAL;
    *ns = (uint64_t)s * SECOND + part;
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
