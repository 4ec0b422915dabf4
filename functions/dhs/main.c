// SPDX-License-Identifier: MIT
/*
 * dhs: daily heat statistics, an average that grows by one value a day.
 *
 * Body "VALUE": the keys `dhs/sum`, `dhs/days` and `dhs/average` are of all values so
 * far. An event reads and writes them in one transaction, so however many run at once,
 * in whatever order, the average is that of all. With the keys an event for the function
 * `days` is committed, through the queue `dhs-days`; what that one does is true later.
 * Answer: the new average.
 *
 * Body "AVERAGE DAYS VALUE", e.g. "20 3 24": the same without any keys. Answer: the
 * new average and the number of days it is of: "21 4".
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unifaas.h>

#define MOST_DAYS 1000000000L

struct entry {
    double average;
    long days;
    double value;
};

static bool is_days(double number)
{
    return number >= 0 && number <= MOST_DAYS && number == floor(number);
}

/* The numbers of the body: 1 or 3 of them, or 0 when it makes no sense. */
static int parse(const char *text, struct entry *e)
{
    double number[3];
    int n = 0;
    char *rest;

    errno = 0;
    while (n < 3) {
        number[n] = strtod(text, &rest);
        if (rest == text || !isfinite(number[n]) || errno != 0 ||
            (*rest != '\0' && !isspace((unsigned char)*rest)))
            return 0;
        n++;
        text = rest + strspn(rest, " \t\r\n");
        if (*text == '\0')
            break;
    }
    if (*text != '\0' || n == 2)
        return 0;
    *e = (struct entry){.average = number[0], .value = number[n - 1]};
    if (n == 1)
        return n;
    if (!is_days(number[1]))
        return 0;
    e->days = (long)number[1];
    return n;
}

/* The text of a key; "" when there is none. */
static int read_key(const char *key, char *out, size_t cap)
{
    size_t size = 0;
    int code = uf_kv_get(key, out, cap - 1, &size);

    out[size] = '\0';
    return code == UF_NOT_FOUND ? UF_OK : code;
}

/* Take the value into the keys; the new average's text is for the answer. */
static int keep(double value, char *text, size_t cap)
{
    int64_t days;
    int code = read_key("dhs/sum", text, cap);

    if (code == UF_OK)
        code = uf_kv_incr("dhs/days", 1, &days);
    if (code != UF_OK)
        return code;
    double sum = strtod(text, NULL) + value;
    /* Each digit: rounded, the average would depend on the order. */
    (void)snprintf(text, cap, "%.17g", sum);
    code = uf_kv_set("dhs/sum", text, strlen(text));
    (void)snprintf(text, cap, "%.12g", sum / (double)days);
    if (code == UF_OK)
        code = uf_kv_set("dhs/average", text, strlen(text));
    return code == UF_OK ? uf_queue_push("dhs-days", "1", 1) : code;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    struct entry e;
    char text[32];

    switch (parse(uf_event_body(event), &e)) {
    case 1: {
        int code = keep(e.value, text, sizeof(text));

        if (code == UF_OK)
            return uf_respond_text(response, text);
        (void)uf_respond_status(response, 503);
        return uf_respond_printf(response, "dhs: %s\n", uf_code_text(code));
    }
    case 3:
        e.average += (e.value - e.average) / (double)(e.days + 1);
        return uf_respond_printf(response, "%.12g %ld", e.average, e.days + 1);
    default:
        (void)uf_respond_status(response, 400);
        return uf_respond_text(response, "dhs: send VALUE, or AVERAGE DAYS VALUE: one number or "
                                         "three, e.g. 24 or 20 3 24\n");
    }
}
