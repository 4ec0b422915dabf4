// SPDX-License-Identifier: MIT
/* bundle.c: see bundle.h. */
#include "cli/build/bundle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/image.h"
#include "base/alloc.h"
#include "cli/files.h"

void bundle_take(struct bundle *b, const char *name, char *data, size_t size)
{
    struct bundle_file f = {.name = xcopy(name), .size = size};

    f.data = data;
    b->files = xresize(b->files, b->n + 1, sizeof(b->files[0]));
    b->files[b->n++] = f;
}

int bundle_add(struct bundle *b, const char *path, const char *name, struct uf_err *err)
{
    char *data;
    size_t size;
    int r = file_read(path, UF_BUNDLE_MAX, &data, &size, err);

    if (r == 0)
        bundle_take(b, name, data, size);
    return r;
}

static uint32_t put(uint8_t *to, size_t *at, const char *data, size_t size)
{
    uint32_t off = (uint32_t)*at;

    memcpy(to + off, data, size);
    to[off + size] = '\0';
    *at += size + 1;
    return off;
}

int bundle_format(const struct bundle *b, uint8_t **out, size_t *size, struct uf_err *err)
{
    const struct uf_bundle head = {UF_BUNDLE_MAGIC, (uint32_t)b->n};
    size_t at = sizeof(head) + b->n * sizeof(struct uf_bundle_file);
    size_t need = at;

    for (size_t i = 0; i < b->n; i++)
        need += strlen(b->files[i].name) + 1 + b->files[i].size + 1;
    if (b->n > UF_BUNDLE_FILES || need > UF_BUNDLE_MAX)
        return uf_fail(err, -E2BIG, "%zu files of %zu bytes; a function may have %u files and %u",
                       b->n, need, UF_BUNDLE_FILES, UF_BUNDLE_MAX);
    uint8_t *to = xnew(need);
    memcpy(to, &head, sizeof(head));
    for (size_t i = 0; i < b->n; i++) {
        const struct bundle_file *from = &b->files[i];
        struct uf_bundle_file f = {.name_size = (uint32_t)strlen(from->name),
                                   .data_size = (uint32_t)from->size};

        f.name = put(to, &at, from->name, f.name_size);
        f.data = put(to, &at, from->data, from->size);
        memcpy(to + sizeof(head) + i * sizeof(f), &f, sizeof(f));
    }
    *out = to;
    *size = need;
    return 0;
}

void bundle_fini(struct bundle *b)
{
    for (size_t i = 0; i < b->n; i++) {
        free(b->files[i].name);
        free(b->files[i].data);
    }
    free(b->files);
    *b = (struct bundle){.files = NULL};
}
