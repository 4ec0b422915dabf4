// SPDX-License-Identifier: MIT
// LINK: daemon/secrets/request.c engine/base64.c
// LIBS: libsodium jansson sqlite3
/*
 * fuzz_secret.c: a secret from a stranger: JSON with base64 in it.
 *
 * What is accepted has a name and no more bytes than are allowed; what is refused
 * says why in words of ours, and leaves no value.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/secrets/request.h"

static void must(bool ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct secret_request q;
    struct uf_err err = {0};

    if (secret_request_parse(&q, (const char *)data, size, &err) == 0) {
        must(q.name[0] != '\0' && memchr(q.name, '\0', sizeof(q.name)) != NULL);
        must(memchr(q.space, '\0', sizeof(q.space)) != NULL);
        must(q.size <= SECRET_SIZE_MAX && (q.value != NULL || q.size == 0));
        /* Each byte is there. */
        unsigned char all = 0;
        for (size_t i = 0; i < q.size; i++)
            all |= q.value[i];
        must(all == 0 || q.size > 0);
    } else {
        must(err.code < 0 && err.msg[0] != '\0' && q.value == NULL && q.size == 0);
    }
    secret_request_fini(&q);
    return 0;
}
