// SPDX-License-Identifier: MIT
/*
 * lazy.h: shared libraries that are not always needed, loaded when they are.
 *
 * Linked in the usual way, libcurl and libdw with the three dozen libraries
 * behind them take longer to load than `unifaas run` takes in all. A library
 * is a struct of function pointers, its types taken from the real header:
 *
 *	#define CURL_CALLS(X) X(curl_easy_init) X(curl_easy_perform)
 *	struct curl { CURL_CALLS(LAZY_POINTER) };
 *	static const struct lazy_call calls[] = {CURL_CALLS(LAZY_ENTRY)};
 */
#ifndef ENGINE_LAZY_H
#define ENGINE_LAZY_H

#include <stddef.h>

#include "base/err.h"

#define LAZY_POINTER(call) __typeof__(call) *call;
#define LAZY_ENTRY(call)   {#call},

struct lazy_call {
    const char *name;
};

/*
 * Load a library and look up its calls.
 *
 * files    names to try, "libcurl.so.4", ended by NULL; package is the Debian
 *          package, for the message.
 * table    n pointers, in the order of calls.
 * Returns  0, or -ELIBACC with the reason in err.
 * Owns     nothing: the library stays until the program ends.
 */
int lazy_load(const char *const *files, const char *package, const struct lazy_call *calls,
              size_t n, void *table, struct uf_err *err);

#endif
