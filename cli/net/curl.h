// SPDX-License-Identifier: MIT
/* curl.h: libcurl, loaded when a command talks to the daemon. */
#ifndef CLI_NET_CURL_H
#define CLI_NET_CURL_H

/* Its checks of option types are macros over the calls' real names. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "cli/lazy.h"

/* easy_setopt takes anything: with the real prototype, each use names a type. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

/* clang-format off */
#define CURL_CALLS(X)                                                       \
    X(curl_global_init) X(curl_easy_init) X(curl_easy_cleanup)              \
    X(curl_easy_setopt) X(curl_easy_getinfo) X(curl_easy_perform)           \
    X(curl_easy_strerror) X(curl_slist_append) X(curl_slist_free_all)
/* clang-format on */

struct curl {
    CURL_CALLS(LAZY_POINTER)
};

/* The loaded and initialised library, or NULL with the reason in err. */
const struct curl *curl_load(struct uf_err *err);

#endif
