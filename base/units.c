// SPDX-License-Identifier: MIT
/* units.c: see units.h. */
#include "base/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    uint64_t value;
};

static const struct unit size_units[] = {
    {"Gi", UINT64_C(1) << 30},
    {"Mi", UINT64_C(1) << 20},
    {"Ki", UINT64_C(1) << 10},
    {"G", 1000000000},
    {"M", 1000000},
    {"k", 1000},
    {"", 1},
};

static const struct unit time_units[] = {
    {"h", UINT64_C(3600000000000)},
    {"m", UINT64_C(60000000000)},
    {"s", 1000000000},
    {"ms", 1000000},
    {"us", 1000},
    {"ns", 1},
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A decimal number: value / scale, scale a power of ten. */
struct decimal {
    uint64_t value;
    uint64_t scale;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Read digits[.digits]; *text moves past it. */
static int read_decimal(const char **text, struct decimal *out)
{
    const char *p = *text;
    bool fraction = false;

    *out = (struct decimal){.scale = 1};
    if (!is_digit(*p))
        return -EINVAL;
    for (; is_digit(*p) || (*p == '.' && !fraction); p++) {
        if (*p == '.') {
            fraction = true;
            if (!is_digit(p[1]))
                return -EINVAL;
            continue;
        }
        if (__builtin_mul_overflow(out->value, UINT64_C(10), &out->value) ||
            __builtin_add_overflow(out->value, (uint64_t)(*p - '0'), &out->value) ||
            (fraction && __builtin_mul_overflow(out->scale, UINT64_C(10), &out->scale)))
            return -ERANGE;
    }
    *text = p;
    return 0;
}

/* value / scale * unit, when that is a whole number. */
static int multiply(const struct decimal *d, uint64_t unit, uint64_t *out)
{
    unsigned __int128 product = (unsigned __int128)d->value * unit;

    if (product % d->scale != 0)
        return -EINVAL;
    product /= d->scale;
    if (product > UINT64_MAX)
        return -ERANGE;
    *out = (uint64_t)product;
    return 0;
}

int units_parse_size(const char *text, uint64_t *bytes)
{
    struct decimal d;
    int r = read_decimal(&text, &d);

    if (r < 0)
        return r;
    for (size_t i = 0; i < COUNT(size_units); i++)
        if (strcmp(text, size_units[i].name) == 0)
            return multiply(&d, size_units[i].value, bytes);
    return -EINVAL;
}

/* The unit at the start of text: letters up to the next digit or the end. */
static const struct unit *read_time_unit(const char **text)
{
    size_t len = 0;

    while ((*text)[len] >= 'a' && (*text)[len] <= 'z')
        len++;
    for (size_t i = 0; i < COUNT(time_units); i++)
        if (strlen(time_units[i].name) == len && strncmp(*text, time_units[i].name, len) == 0) {
            *text += len;
            return &time_units[i];
        }
    return NULL;
}

int units_parse_duration(const char *text, uint64_t *ns)
{
    uint64_t sum = 0;

    if (strcmp(text, "0") == 0) {
        *ns = 0;
        return 0;
    }
    do {
        struct decimal d;
        uint64_t part;
        int r = read_decimal(&text, &d);
        const struct unit *u = r < 0 ? NULL : read_time_unit(&text);

        if (u == NULL)
            return r < 0 ? r : -EINVAL;
        r = multiply(&d, u->value, &part);
        if (r < 0)
            return r;
        if (__builtin_add_overflow(sum, part, &sum))
            return -ERANGE;
    } while (*text != '\0');
    *ns = sum;
    return 0;
}

static const char *format(uint64_t v, const struct unit *units, size_t n, char *out)
{
    const struct unit *u = &units[n - 1];

    for (size_t i = n; v != 0 && i-- > 0;)
        if (v % units[i].value == 0 && units[i].value > u->value)
            u = &units[i];
    (void)snprintf(out, UNITS_TEXT, "%" PRIu64 "%s", v / u->value, u->name);
    return out;
}

const char *units_format_size(uint64_t bytes, char out[static UNITS_TEXT])
{
    /* Only powers of 1024: 64M comes back as 62500Ki, the same number. */
    static const struct unit binary[] = {
        {"Gi", UINT64_C(1) << 30}, {"Mi", UINT64_C(1) << 20}, {"Ki", UINT64_C(1) << 10}, {"", 1}};

    return format(bytes, binary, COUNT(binary), out);
}

const char *units_format_duration(uint64_t ns, char out[static UNITS_TEXT])
{
    if (ns == 0)
        memcpy(out, "0s", sizeof("0s"));
    return ns == 0 ? out : format(ns, time_units, COUNT(time_units), out);
}

char *units_put(char *at, uint64_t n, unsigned width)
{
    unsigned digits = 1;

    for (uint64_t left = n / 10; left > 0; left /= 10)
        digits++;
    if (digits < width)
        digits = width;
    for (unsigned i = digits; i-- > 0; n /= 10)
        at[i] = (char)('0' + n % 10);
    at[digits] = '\0';
    return at + digits;
}
