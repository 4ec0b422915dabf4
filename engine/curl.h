// SPDX-License-Identifier: MIT
/*
 * curl.h: libcurl, loaded when the command line talks to the daemon, or the
 * daemon to another service: with the libraries behind it, it costs a process
 * four megabytes.
 */
#ifndef ENGINE_CURL_H
#define ENGINE_CURL_H

/* Its checks of option types are macros over the calls' real names. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "engine/lazy.h"

/* setopt takes anything: with the real prototype, each use names a type. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#undef curl_share_setopt

/* clang-format off */
#define CURL_CALLS(X)                                                       \
    X(curl_global_init) X(curl_version_info)                                \
    X(curl_easy_init) X(curl_easy_cleanup) X(curl_easy_setopt)              \
    X(curl_easy_getinfo) X(curl_easy_perform) X(curl_easy_strerror)         \
    X(curl_slist_append) X(curl_slist_free_all) X(curl_free)                \
    X(curl_share_init) X(curl_share_cleanup) X(curl_share_setopt)           \
    X(curl_multi_init) X(curl_multi_cleanup) X(curl_multi_setopt)           \
    X(curl_multi_add_handle) X(curl_multi_remove_handle)                    \
    X(curl_multi_socket_action) X(curl_multi_info_read) X(curl_multi_assign)
/* clang-format on */

struct curl {
    CURL_CALLS(LAZY_POINTER)
};

/* The loaded and initialised library, or NULL with the reason in err. With
 * OpenSSL where there is a choice: GnuTLS reads all of the system's authorities
 * for each connection, for a tenth of a second. */
const struct curl *curl_load(struct uf_err *err);

#endif
