// SPDX-License-Identifier: MIT
/* scanf: scanf and the strto functions read numbers as C says. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    int a, b;
    double d;
    char w[8];
    char *end;
    CHECK(response, sscanf("12 -7 2.5e3 word", "%d %d %lf %7s", &a, &b, &d, w) == 4);
    CHECK(response, a == 12 && b == -7 && d == 2500.0 && strcmp(w, "word") == 0);
    CHECK(response, sscanf("x", "%d", &a) == 0);
    CHECK(response, sscanf("a=5;b", "a=%d;%7[a-z]", &a, w) == 2 && a == 5);
    CHECK(response, strtod("0x1.8p3", NULL) == 12.0);
    CHECK(response, strtod("1e-320", NULL) > 0.0);
    CHECK(response, isinf(strtod("inf", NULL)));
    CHECK(response, strtod("1.7976931348623157e308", &end) == 1.7976931348623157e308 && *end == 0);
    CHECK(response, strtol("-0x7f", NULL, 0) == -127);
    CHECK(response, strtoul("777", NULL, 8) == 511);
    errno = 0;
    CHECK(response, strtol("99999999999999999999", NULL, 10) == LONG_MAX && errno == ERANGE);
    CHECK(response, scanf("%d", &a) == EOF);
    CHECK(response, getchar() == EOF);
    return finish(response);
}
