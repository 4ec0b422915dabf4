// SPDX-License-Identifier: MIT
/* request.h: a secret as OpenFaaS clients send it: {name, namespace, value, rawValue}. */
#ifndef DAEMON_SECRETS_REQUEST_H
#define DAEMON_SECRETS_REQUEST_H

#include <stddef.h>

#include "base/err.h"
#include "daemon/secrets/secrets.h"

struct secret_request {
    char space[SECRET_SPACE_MAX + 1]; /* "" when it does not say */
    char name[SECRET_NAME_MAX + 1];
    unsigned char *value; /* owned; NULL when there is none */
    size_t size;
};

/*
 * Read one. rawValue, which is base64, goes before value, which is text and for what
 * is no text only part of it.
 *
 * Returns  0, or -EINVAL or -E2BIG with the reason, without a byte of the value in it.
 */
int secret_request_parse(struct secret_request *q, const char *text, size_t size,
                         struct uf_err *err);
/* Wipe it. Tolerates a zeroed one. */
void secret_request_fini(struct secret_request *q);

#endif
