// SPDX-License-Identifier: MIT
/* env: the environment is what the platform gave. */
#include <stdlib.h>

#include "../check.h"

extern char **environ;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    CHECK(response, strcmp(getenv("COLOUR"), "green") == 0);
    CHECK(response, strcmp(getenv("EMPTY"), "") == 0);
    CHECK(response, getenv("HOME") == NULL);
    CHECK(response, environ[2] == NULL);
    CHECK(response, strcmp(uf_function_name(), "env") == 0);
    return finish(response);
}
