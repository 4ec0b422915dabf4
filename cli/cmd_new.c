// SPDX-License-Identifier: MIT
/* cmd_new.c: a folder with a function to begin with. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "cli/files.h"
#include "cli/options.h"
#include "cli/template.h"
#include "engine/function.h"

/* What the words of a template stand for. */
struct word {
    const char *from;
    const char *to;
};

/* Copy a template with its words replaced; the caller frees. */
static char *fill_in(const char *text, const struct word *words, size_t nwords)
{
    size_t room = strlen(text) + 1;
    size_t at = 0;

    for (size_t i = 0; i < nwords; i++)
        for (const char *p = text; (p = strstr(p, words[i].from)) != NULL; p++)
            room += strlen(words[i].to);
    char *out = xnew(room);
    while (*text != '\0') {
        size_t i = 0;

        while (i < nwords && strncmp(text, words[i].from, strlen(words[i].from)) != 0)
            i++;
        if (i == nwords) {
            out[at++] = *text++;
            continue;
        }
        memcpy(out + at, words[i].to, strlen(words[i].to));
        at += strlen(words[i].to);
        text += strlen(words[i].from);
    }
    return out;
}

static int write_files(const char *dir, const char *name, const struct template_lang *t,
                       struct uf_err *err)
{
    const struct word words[] = {
        {"NAME", name}, {"LANG", t->lang}, {"FILE", strchr(t->files[0].name, '.') + 1}};
    int r = 0;

    for (const struct template_file *f = t->files; f->name != NULL && r == 0; f++) {
        UF_AUTO_FREE char *text = fill_in(f->text, words, sizeof(words) / sizeof(words[0]));
        UF_AUTO_FREE char *path = NULL;
        const struct iovec part = {text, strlen(text)};

        if (asprintf(&path, "%s/%s", dir, f->name) < 0)
            abort();
        r = file_write(path, &part, 1, err);
    }
    return r;
}

static const struct template_lang *find_lang(const char *lang)
{
    for (const struct template_lang *t = template_langs; t->name != NULL; t++)
        if (strcmp(t->name, lang) == 0)
            return t;
    return NULL;
}

static int run(const struct command *self, int argc, char **argv)
{
    const char *lang = "c";
    const struct opt opts[] = {
        {'l', "lang", "LANG", "c, c++, javascript or typescript (c unless given)", OPT_TEXT, &lang},
        OPT_END,
    };
    struct operands operands;
    struct uf_err err;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    const struct template_lang *t = find_lang(lang);
    if (t == NULL)
        return opts_usage(self,
                          "--lang: \"%s\" is not valid; it must be one of: c, c++, "
                          "javascript, typescript",
                          lang);
    /* NAME may be a path; its last part names the function. */
    const char *dir = operands.at[0];
    const char *slash = strrchr(dir, '/');
    const char *name = slash != NULL ? slash + 1 : dir;
    if (!function_name_ok(name))
        return opts_usage(self,
                          "\"%s\" cannot be a function's name; it must be 1 to %d of a-z, 0-9 and "
                          "-, not - first or last",
                          name, FUNCTION_NAME_MAX);
    if (mkdir(dir, 0777) < 0)
        return cli_fail(CLI_FAILED, "%s: %s", dir,
                        errno == EEXIST ? "it exists already; nothing was changed"
                                        : strerror(errno));
    if (write_files(dir, name, t, &err) < 0)
        return cli_report(CLI_FAILED, &err);
    printf("%s: a new function. Try: unifaas run %s -d you\n", dir, dir);
    return CLI_OK;
}

const struct command cmd_new = {
    .name = "new",
    .operands = "NAME",
    .summary = "Write a folder with a function to begin with",
    .details = "Creates the folder NAME with main.c (or main.cc, main.js, main.ts), function.yaml\n"
               "(every key, with its default) and README.md. NAME may be a path; its last part\n"
               "names the function.\n",
    .examples = "  unifaas new hello\n"
                "  unifaas new functions/hello --lang c++\n"
                "  unifaas new hello --lang javascript\n",
    .exits = CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
