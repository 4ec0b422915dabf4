// SPDX-License-Identifier: MIT
/* malloc-kinds: every kind of allocation keeps its promise. */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    char *p = calloc(1000, 3);
    char *r = malloc(10);
    void *q = NULL;

    CHECK(response, p != NULL && p[0] == 0 && p[2999] == 0);
    CHECK(response, (uintptr_t)p % 16 == 0);
    CHECK(response, malloc_usable_size(p) >= 3000);
    memset(p, 7, 3000);
    free(p);
    p = calloc(3000, 1);
    CHECK(response, p != NULL && p[0] == 0 && p[2999] == 0);
    (void)strcpy(r, "grows");
    r = realloc(r, 100000);
    CHECK(response, r != NULL && strcmp(r, "grows") == 0);
    r = realloc(r, 6);
    CHECK(response, r != NULL && strcmp(r, "grows") == 0);
    CHECK(response, posix_memalign(&q, 4096, 100) == 0 && (uintptr_t)q % 4096 == 0);
    CHECK(response, posix_memalign(&q, 3, 100) == EINVAL);
    CHECK(response, (uintptr_t)aligned_alloc(256, 512) % 256 == 0);
    CHECK(response, malloc(0) != NULL);
    free(NULL);
    return finish(response);
}
