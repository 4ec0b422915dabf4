// SPDX-License-Identifier: MIT
/* fresh.c: see fresh.h. */
#include "cli/build/fresh.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* The SDK is made, and replaced, as a whole. */
static void add_sdk(const struct project *p, FILE *to)
{
    char sdk[PATH_MAX];
    char path[PATH_MAX + 64];
    struct uf_err err;
    struct stat st;

    if (paths_sdk(sdk, &err) == 0) {
        (void)snprintf(path, sizeof(path), "%s/%s/%s", sdk, arch_host()->name,
                       function_is_script(&p->f) ? "javascript.elf" : "lib/libunifaas.a");
        if (stat(path, &st) == 0)
            (void)fprintf(to, "# SDK: %lld bytes, %lld.%09ld", (long long)st.st_size,
                          (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    }
    (void)fputc('\n', to);
}

static void add_file(const struct project *p, const char *name, FILE *to)
{
    UF_AUTO_FREE char *path = project_path(p, name);
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
        add_file(p, inputs[i], to);
        free(inputs[i]);
    }
    free(inputs);
    if (fclose(to) != 0)
        abort();
    return made_of;
}

int fresh_write(const struct project *p, const char *made_of, struct uf_err *err)
{
    UF_AUTO_FREE char *path = list_path(p);
    UF_AUTO_FREE char *text = xcopy(made_of); /* struct iovec has no const */

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
    UF_AUTO_FREE char *is = fresh_take(p);
    bool has_sdk = is[0] != '\n';
    /* One that was copied without its list, to where none can be built, is what there is. */
    if (file_read(path, LIST_MAX, &was, &size, &err) < 0)
        return !has_sdk;
    return strcmp(has_sdk ? was : was + strcspn(was, "\n"), is) == 0;
}
