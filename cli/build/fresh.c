// SPDX-License-Identifier: MIT
/* fresh.c: see fresh.h. */
#include "cli/build/fresh.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "cli/files.h"
#include "cli/paths.h"
#include "engine/arch.h"

#define INPUT_MAX ((size_t)256 << 20) /* bytes of one file  */
#define LIST_MAX  ((size_t)16 << 20)  /* bytes of the list  */

static char *list_path(const struct project *p)
{
    char *path;

    if (asprintf(&path, "%s/.%s.built", p->dir, p->f.name) < 0)
        abort();
    return path;
}

static void add_file(const char *path, const char *name, FILE *to)
{
    UF_AUTO_FREE char *bytes = NULL;
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof(hash) + 1];
    struct uf_err err;
    size_t size;

    /* Whoever needs one that cannot be read says so. */
    if (file_read(path, INPUT_MAX, &bytes, &size, &err) < 0)
        return;
    (void)crypto_hash_sha256(hash, (const unsigned char *)bytes, size);
    (void)sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
    (void)fprintf(to, "%s  %s\n", hex, name);
}

/* What of the SDK is in each image; it is made, and replaced, as a whole. */
static void add_sdk(const struct project *p, FILE *to)
{
    char sdk[PATH_MAX];
    char path[PATH_MAX + 64];
    struct uf_err err;

    if (paths_sdk(sdk, &err) == 0) {
        (void)snprintf(path, sizeof(path), "%s/%s/%s", sdk, arch_host()->name,
                       function_is_script(&p->f) ? "javascript.elf" : "lib/libunifaas.a");
        if (access(path, R_OK) == 0) {
            add_file(path, "(SDK)", to);
            return;
        }
    }
    (void)fputc('\n', to);
}

char *fresh_take(const struct project *p)
{
    size_t n;
    char **inputs = project_inputs(p, &n);
    char *made_of = NULL;
    size_t size;
    FILE *to = open_memstream(&made_of, &size);

    if (to == NULL)
        abort();
    add_sdk(p, to);
    for (size_t i = 0; i < n; i++) {
        UF_AUTO_FREE char *path = project_path(p, inputs[i]);

        add_file(path, inputs[i], to);
        free(inputs[i]);
    }
    free(inputs);
    if (fclose(to) != 0)
        abort();
    return made_of;
}

/* And what came of it: the image that is there may be another. */
static char *add_image(const struct project *p, const char *made_of)
{
    char *all = NULL;
    size_t size;
    FILE *to = open_memstream(&all, &size);

    if (to == NULL)
        abort();
    (void)fputs(made_of, to);
    add_file(p->image, "(image)", to);
    if (fclose(to) != 0)
        abort();
    return all;
}

int fresh_write(const struct project *p, const char *made_of, struct uf_err *err)
{
    UF_AUTO_FREE char *path = list_path(p);
    UF_AUTO_FREE char *text = add_image(p, made_of);

    return file_write(path, &(struct iovec){text, strlen(text)}, 1, err);
}

bool fresh_is(const struct project *p)
{
    UF_AUTO_FREE char *path = list_path(p);
    UF_AUTO_FREE char *was = NULL;
    struct uf_err err;
    size_t size;

    if (access(p->image, R_OK) != 0)
        return false;
    UF_AUTO_FREE char *made_of = fresh_take(p);
    UF_AUTO_FREE char *is = add_image(p, made_of);
    bool has_sdk = is[0] != '\n';
    /* One that was copied without its list, to where none can be built, is what there is. */
    if (file_read(path, LIST_MAX, &was, &size, &err) < 0)
        return !has_sdk;
    return strcmp(has_sdk ? was : was + strcspn(was, "\n"), is) == 0;
}
