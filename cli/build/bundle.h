// SPDX-License-Identifier: MIT
/*
 * bundle.h: files for a language runtime, as one run of bytes (struct uf_bundle of
 * abi/image.h), which image.c puts behind the runtime's own memory.
 */
#ifndef CLI_BUILD_BUNDLE_H
#define CLI_BUILD_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct bundle {
    struct bundle_file {
        char *name; /* owned, as the next */
        char *data;
        size_t size;
    } * files;
    size_t n;
};

/* Read a file. name: what it is called inside. */
int bundle_add(struct bundle *b, const char *path, const char *name, struct uf_err *err);

/* Add data as a file; it becomes the bundle's to free. */
void bundle_take(struct bundle *b, const char *name, char *data, size_t size);

/* Lay everything out; *out is the caller's to free. -E2BIG: more than UF_BUNDLE_MAX or
 * UF_BUNDLE_FILES. */
int bundle_format(const struct bundle *b, uint8_t **out, size_t *size, struct uf_err *err);

void bundle_fini(struct bundle *b);

#endif
