// SPDX-License-Identifier: MIT
// LINK: daemon/auth/credential.c engine/base64.c
// LIBS: libsodium
/*
 * fuzz_auth.c: an Authorization header from a stranger.
 *
 * What is understood as user and password is what the header says when it is put
 * together again; nothing else leaves anything behind.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/auth/credential.h"

static void must(bool ok)
{
    if (!ok)
        abort();
}

static bool is_blank(const struct credential *c)
{
    return c->user[0] == '\0' && c->password[0] == '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(1, size + 1);
    struct credential c;

    must(text != NULL);
    memcpy(text, data, size);
    credential_parse(&c, text);
    if (c.kind == CREDENTIAL_BASIC) {
        char plain[CREDENTIAL_USER_MAX + CREDENTIAL_PASSWORD_MAX + 2];
        char base64[1024];

        must(credential_password_ok(c.password) && strchr(c.user, ':') == NULL);
        (void)snprintf(plain, sizeof(plain), "%s:%s", c.user, c.password);
        (void)sodium_bin2base64(base64, sizeof(base64), (const unsigned char *)plain, strlen(plain),
                                sodium_base64_VARIANT_ORIGINAL);
        must(strstr(text, base64) != NULL);
    } else {
        must(is_blank(&c));
    }
    free(text);
    return 0;
}
