// SPDX-License-Identifier: MIT
/* pristine: nothing that one event changes can be seen by the next. */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>

#include "../check.h"

static int counter;
static int data = 1;
static char *kept;
static int first_random;

int init(void)
{
    srand(3);
    first_random = rand();
    srand(3);
    return 0;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    CHECK(response, counter++ == 0);
    CHECK(response, data++ == 1);
    CHECK(response, kept == NULL);
    CHECK(response, errno == 0);
    CHECK(response, getenv("ADDED") == NULL);
    CHECK(response, getenv("COLOUR")[0] == 'g');
    CHECK(response, rand() == first_random);
    kept = malloc(100000);
    errno = 5;
    CHECK(response, setenv("ADDED", "1", 1) == 0);
    CHECK(response, setenv("COLOUR", "red", 1) == 0);
    CHECK(response, getenv("ADDED") != NULL);
    return finish(response);
}
