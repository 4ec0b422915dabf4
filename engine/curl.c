// SPDX-License-Identifier: MIT
/* curl.c: see curl.h. */
#include "engine/curl.h"

#include <errno.h>
#include <stdbool.h>

const struct curl *curl_load(struct uf_err *err)
{
    static const struct lazy_call calls[] = {CURL_CALLS(LAZY_ENTRY)};
    static const char *const files[] = {"libcurl.so.4", "libcurl-gnutls.so.4", NULL};
    static struct curl curl;
    static bool loaded;

    if (loaded)
        return &curl;
    if (lazy_load(files, "libcurl4 (Debian 13: libcurl4t64)", calls,
                  sizeof(calls) / sizeof(calls[0]), &curl, err) < 0)
        return NULL;
    if (curl.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        (void)uf_fail(err, -EIO, "libcurl cannot be initialised");
        return NULL;
    }
    loaded = true;
    return &curl;
}
