// SPDX-License-Identifier: MIT
/*
 * check.h: for images that look at themselves. A check that fails becomes a
 * line of the body; finish() answers "ok" when none did.
 */
#ifndef TESTS_GUEST_CHECK_H
#define TESTS_GUEST_CHECK_H

#include <string.h>

#include <unifaas.h>

static int check_failed;

#define CHECK(response, cond)                                                      \
    do {                                                                           \
        if (!(cond)) {                                                             \
            check_failed++;                                                        \
            (void)uf_respond_printf((response), "line %d: %s\n", __LINE__, #cond); \
        }                                                                          \
    } while (0)

static inline int finish(struct uf_response *response)
{
    return check_failed == 0 ? uf_respond_text(response, "ok") : 0;
}

#endif
