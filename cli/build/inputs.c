// SPDX-License-Identifier: MIT
/* inputs.c: see inputs.h. */
#include "cli/build/inputs.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void inputs_add(struct inputs *in, const char *name)
{
    while (strncmp(name, "./", 2) == 0)
        name += 2;
    in->name = xresize(in->name, in->n + 1, sizeof(in->name[0]));
    in->name[in->n++] = xcopy(name);
}

/* path: as the compiler, which ran here, opened it. */
static void add_path(struct inputs *in, const char *path, const char *folder, const char *sdk)
{
    size_t n = strlen(sdk);
    char real[PATH_MAX];

    if (strncmp(path, sdk, n) == 0 && path[n] == '/')
        return;
    n = strlen(folder);
    if (strncmp(path, folder, n) == 0)
        inputs_add(in, path + n);
    else if (path[0] == '/' || realpath(path, real) == NULL)
        inputs_add(in, path);
    else
        inputs_add(in, real);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next name of a rule; NULL: that was all. Blanks and "#" in one have a "\" before
 * them, "$" another "$"; a "\" at its end goes on with the next line. */
static const char *next_name(const char *at, char name[static PATH_MAX])
{
    size_t n = 0;

    while (is_blank(*at) || (at[0] == '\\' && at[1] == '\n'))
        at++;
    for (; *at != '\0' && !is_blank(*at) && n + 1 < PATH_MAX; at++) {
        if (at[0] == '\\' && at[1] == '\n')
            break;
        if ((at[0] == '\\' && (at[1] == ' ' || at[1] == '\t' || at[1] == '#')) ||
            (at[0] == '$' && at[1] == '$'))
            at++;
        name[n++] = *at;
    }
    name[n] = '\0';
    return n > 0 ? at : NULL;
}

void inputs_add_rule(struct inputs *in, const char *rule, const char *folder, const char *sdk)
{
    const char *at = strchr(rule, ':');
    char name[PATH_MAX];

    at = at != NULL ? at + 1 : "";
    while ((at = next_name(at, name)) != NULL)
        add_path(in, name, folder, sdk);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void inputs_sort(struct inputs *in)
{
    size_t kept = 0;

    if (in->n > 0)
        qsort(in->name, in->n, sizeof(in->name[0]), compare);
    for (size_t i = 0; i < in->n; i++)
        if (kept > 0 && strcmp(in->name[kept - 1], in->name[i]) == 0)
            free(in->name[i]);
        else
            in->name[kept++] = in->name[i];
    in->n = kept;
}

void inputs_fini(struct inputs *in)
{
    for (size_t i = 0; i < in->n; i++)
        free(in->name[i]);
    free(in->name);
    *in = (struct inputs){.name = NULL};
}
