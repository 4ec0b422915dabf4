// SPDX-License-Identifier: MIT
/* sort: qsort and bsearch order and find. */
#include <stdlib.h>

#include "../check.h"

static int compare(const void *a, const void *b)
{
    int x = *(const int *)a;
    int y = *(const int *)b;

    return (x > y) - (x < y);
}

static int numbers[5000];

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    for (int i = 0; i < 5000; i++)
        numbers[i] = (int)((unsigned)i * 7919u % 5000u);
    qsort(numbers, 5000, sizeof(numbers[0]), compare);
    for (int i = 0; i < 5000; i++)
        CHECK(response, numbers[i] == i);
    int key = 4321;
    CHECK(response, bsearch(&key, numbers, 5000, sizeof(key), compare) == &numbers[4321]);
    return finish(response);
}
