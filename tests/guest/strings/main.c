// SPDX-License-Identifier: MIT
/* strings: string functions work over short and long data. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../check.h"

static char big[70000], copy[70000];

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    for (size_t i = 0; i < sizeof(big) - 1; i++)
        big[i] = (char)('a' + i % 26);
    memcpy(copy, big, sizeof(big));
    CHECK(response, memcmp(big, copy, sizeof(big)) == 0);
    CHECK(response, strlen(big) == sizeof(big) - 1);
    CHECK(response, memchr(big, 'z', sizeof(big)) == big + 25);
    CHECK(response, strstr(big, "yzab") == big + 24);
    CHECK(response, strcspn("abc;def", ";") == 3);
    CHECK(response, strcasecmp("HeLLo", "hEllO") == 0);
    CHECK(response, strrchr("a/b/c", '/')[1] == 'c');
    memmove(big + 3, big, 60000);
    CHECK(response, memcmp(big + 3, copy, 60000) == 0);
    char list[] = "a,b,,c";
    char *rest = list;
    CHECK(response, strcmp(strsep(&rest, ","), "a") == 0);
    CHECK(response, strcmp(strtok_r(NULL, ",", &rest), "b") == 0);
    char *dup = strdup("copied");
    CHECK(response, dup != NULL && strcmp(dup, "copied") == 0);
    CHECK(response, strcmp(strerror(2), "No such file or directory") == 0);
    free(dup);
    return finish(response);
}
