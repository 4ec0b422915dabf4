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

static char *read_list(const struct project *p)
{
    UF_AUTO_FREE char *path = list_path(p);
    char *list = NULL;
    struct uf_err err;
    size_t size;

    return file_read(path, LIST_MAX, &list, &size, &err) == 0 ? list : NULL;
}

/* Inputs may lie elsewhere. */
static char *input_path(const struct project *p, const char *name)
{
    return name[0] == '/' ? xcopy(name) : project_path(p, name);
}

/* ---- lines of a list --------------------------------------------------------------- */

#define MARK_AT 65u /* behind the hash and a blank: what kind of file, FOLDER or REPORTED */
#define NAME_AT 66u

enum { FOLDER = ' ', REPORTED = '*' };

static const char *next_line(const char *line)
{
    line += strcspn(line, "\n");
    return *line == '\n' ? line + 1 : line;
}

static bool is_reported(const char *line)
{
    return strcspn(line, "\n") > NAME_AT && line[MARK_AT] == REPORTED;
}

static void copy_line(const char *line, FILE *to)
{
    (void)fprintf(to, "%.*s\n", (int)strcspn(line, "\n"), line);
}

/* NULL: there is none. */
static const char *find_line(const char *list, const char *name)
{
    size_t n = strlen(name);

    for (; *list != '\0'; list = next_line(list))
        if (strcspn(list, "\n") == NAME_AT + n && memcmp(list + NAME_AT, name, n) == 0)
            return list;
    return NULL;
}

static bool add_file(const char *path, int mark, const char *name, FILE *to)
{
    UF_AUTO_FREE char *bytes = NULL;
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof(hash) + 1];
    struct uf_err err;
    size_t size;

    /* Whoever needs one that cannot be read says so. */
    if (file_read(path, INPUT_MAX, &bytes, &size, &err) < 0)
        return false;
    (void)crypto_hash_sha256(hash, (const unsigned char *)bytes, size);
    (void)sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
    (void)fprintf(to, "%s %c%s\n", hex, mark, name);
    return true;
}

/* ---- what there is now --------------------------------------------------------------- */

/* What of the SDK is in each image; it is made, and replaced, as a whole. */
static bool add_sdk(const struct project *p, FILE *to)
{
    char sdk[PATH_MAX];
    char path[PATH_MAX + 64];
    struct uf_err err;

    if (paths_sdk(sdk, &err) == 0) {
        (void)snprintf(path, sizeof(path), "%s/%s/%s", sdk, arch_host()->name,
                       function_is_script(&p->f) ? "javascript.elf" : "lib/libunifaas.a");
        if (access(path, R_OK) == 0)
            return add_file(path, FOLDER, "(SDK)", to);
    }
    (void)fputc('\n', to);
    return false;
}

static void add_folder(const struct project *p, FILE *to)
{
    size_t n;
    char **inputs = project_inputs(p, &n);

    for (size_t i = 0; i < n; i++) {
        UF_AUTO_FREE char *path = project_path(p, inputs[i]);

        (void)add_file(path, FOLDER, inputs[i], to);
        free(inputs[i]);
    }
    free(inputs);
}

/* Those that a list names. Where none can be built, what is not there was not copied. */
static void add_reported(const struct project *p, const char *was, bool has_sdk, FILE *to)
{
    for (; *was != '\0'; was = next_line(was)) {
        if (!is_reported(was))
            continue;
        char name[PATH_MAX];
        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(was + NAME_AT, "\n"),
                       was + NAME_AT);
        UF_AUTO_FREE char *path = input_path(p, name);
        if (!add_file(path, REPORTED, name, to) && !has_sdk)
            copy_line(was, to);
    }
}

/* And what came of it: the image that is there may be another. */
static char *take(const struct project *p, const char *was, bool with_image)
{
    char *list = NULL;
    size_t size;
    FILE *to = open_memstream(&list, &size);

    if (to == NULL)
        abort();
    bool has_sdk = add_sdk(p, to);
    add_folder(p, to);
    if (was != NULL)
        add_reported(p, was, has_sdk, to);
    if (with_image)
        (void)add_file(p->image, FOLDER, "(image)", to);
    if (fclose(to) != 0)
        abort();
    return list;
}

void fresh_take(struct fresh *f, const struct project *p)
{
    UF_AUTO_FREE char *was = read_list(p);

    (void)clock_gettime(CLOCK_REALTIME, &f->since);
    f->list = take(p, was, false);
}

bool fresh_is(const struct project *p)
{
    UF_AUTO_FREE char *was = read_list(p);

    if (access(p->image, R_OK) != 0)
        return false;
    UF_AUTO_FREE char *is = take(p, was, true);
    bool has_sdk = is[0] != '\n';
    /* One that was copied without its list, to where none can be built, is what there is. */
    if (was == NULL)
        return !has_sdk;
    return strcmp(has_sdk ? was : was + strcspn(was, "\n"), is) == 0;
}

/* ---- what there was ------------------------------------------------------------------- */

/* A file that no build read before: what it is now it was then, or there is no hash of it. */
static void add_new(const struct project *p, const char *name, const struct timespec *since,
                    FILE *to)
{
    UF_AUTO_FREE char *path = input_path(p, name);
    struct stat st;

    if (stat(path, &st) == 0 &&
        (st.st_ctim.tv_sec > since->tv_sec ||
         (st.st_ctim.tv_sec == since->tv_sec && st.st_ctim.tv_nsec > since->tv_nsec)))
        (void)fprintf(to, "%064d %c%s\n", 0, REPORTED, name);
    else
        (void)add_file(path, REPORTED, name, to);
}

int fresh_write(const struct project *p, const struct fresh *f, struct inputs *in,
                struct uf_err *err)
{
    UF_AUTO_FREE char *path = list_path(p);
    UF_AUTO_FREE char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    if (to == NULL)
        abort();
    for (const char *line = f->list; *line != '\0'; line = next_line(line))
        if (!is_reported(line))
            copy_line(line, to);
    inputs_sort(in);
    for (size_t i = 0; i < in->n; i++) {
        const char *line = find_line(f->list, in->name[i]);

        if (line == NULL)
            add_new(p, in->name[i], &f->since, to);
        else if (is_reported(line))
            copy_line(line, to);
    }
    (void)add_file(p->image, FOLDER, "(image)", to);
    if (fclose(to) != 0)
        abort();
    return file_write(path, &(struct iovec){text, size}, 1, err);
}
