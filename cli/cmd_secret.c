// SPDX-License-Identifier: MIT
/* cmd_secret.c: secrets that functions may ask for. A value is never shown. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "cli/files.h"
#include "cli/net/api.h"
#include "cli/verbs.h"
#include "engine/prompt.h"

#define SECRET_MAX ((size_t)64 << 10) /* bytes; the daemon takes no more */

struct value {
    const char *literal;
    const char *file;
    const char *gateway;
    const char *space;
    char *bytes; /* owned */
    size_t size;
};

/* ---- the value ------------------------------------------------------------------------- */

/* One that is typed, or all that a pipe brings but for the end of its last line. */
static int read_standard(struct value *v)
{
    struct uf_err err;

    if (isatty(STDIN_FILENO) != 0) {
        v->bytes = xnew(SECRET_MAX + 1);
        if (prompt_hidden("value", v->bytes, SECRET_MAX + 1, &err) < 0)
            return cli_report(CLI_FAILED, &err);
        v->size = strlen(v->bytes);
        return OPTS_GO;
    }
    if (file_read("-", SECRET_MAX + 1, &v->bytes, &v->size, &err) < 0)
        return cli_report(CLI_FAILED, &err);
    if (v->size > 0 && v->bytes[v->size - 1] == '\n')
        v->size--;
    return OPTS_GO;
}

static int read_value(struct value *v, const struct command *c)
{
    struct uf_err err;
    int r = OPTS_GO;

    if (v->literal != NULL && v->file != NULL)
        return opts_usage(c, "--from-literal and --from-file exclude each other");
    if (v->literal != NULL) {
        v->bytes = xcopy(v->literal);
        v->size = strlen(v->literal);
    } else if (v->file != NULL) {
        int code = file_read(v->file, SECRET_MAX, &v->bytes, &v->size, &err);

        if (code < 0)
            return cli_report(code == -ENOENT ? CLI_NOT_FOUND : CLI_FAILED, &err);
    } else {
        r = read_standard(v);
    }
    if (r == OPTS_GO && v->size == 0)
        return cli_fail(CLI_USAGE, "the value is empty");
    return r;
}

static void forget(struct value *v)
{
    if (v->bytes != NULL)
        explicit_bzero(v->bytes, v->size);
    free(v->bytes);
    v->bytes = NULL;
}

/* ---- create, update ---------------------------------------------------------------------- */

/* base64 for what is no text; the text as well, for daemons that read only that. */
static json_t *document(const char *name, const struct value *v)
{
    size_t cap = sodium_base64_ENCODED_LEN(v->size, sodium_base64_VARIANT_ORIGINAL);
    char *base64 = xnew(cap);

    (void)sodium_bin2base64(base64, cap, (const unsigned char *)v->bytes, v->size,
                            sodium_base64_VARIANT_ORIGINAL);
    json_t *doc =
        json_pack("{s:s, s:s*, s:s}", "name", name, "namespace", v->space, "rawValue", base64);
    json_t *text = memchr(v->bytes, '\0', v->size) == NULL ? json_stringn(v->bytes, v->size) : NULL;
    if (doc != NULL && text != NULL)
        (void)json_object_set(doc, "value", text);
    json_decref(text);
    explicit_bzero(base64, cap);
    free(base64);
    return doc;
}

static int send_value(const char *method, const char *name, const struct value *v)
{
    json_t *doc = document(name, v);
    struct http_response p;

    if (doc == NULL)
        return cli_fail(CLI_USAGE, "the name of a secret is text");
    int r = api_send(v->gateway, method, "/system/secrets", doc, &p);
    json_decref(doc);
    if (r != OPTS_GO)
        return r;
    r = p.status >= 200 && p.status < 300 ? CLI_OK : api_refused(&p);
    if (p.status == 409)
        cli_note("unifaas secret update %s gives it another value", name);
    http_response_fini(&p);
    return r;
}

static int write_secret(const struct command *self, const char *method, int argc, char **argv)
{
    struct value v = {.literal = NULL};
    const struct opt opts[] = {
        {'l', "from-literal", "TEXT", "the value; others can see it while this runs", OPT_TEXT,
         &v.literal},
        {'f', "from-file", "FILE", "the value, as it is in the file", OPT_TEXT, &v.file},
        OPT_SPACE(&v.space),
        OPT_GATEWAY(&v.gateway),
        OPT_END,
    };
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r == OPTS_GO)
        r = read_value(&v, self);
    if (r == OPTS_GO)
        r = send_value(method, operands.at[0], &v);
    forget(&v);
    return r;
}

static int run_create(const struct command *self, int argc, char **argv)
{
    return write_secret(self, "POST", argc, argv);
}

static int run_update(const struct command *self, int argc, char **argv)
{
    return write_secret(self, "PUT", argc, argv);
}

/* ---- list, remove ------------------------------------------------------------------------ */

static int run_list(const struct command *self, int argc, char **argv)
{
    const char *gateway = NULL;
    const char *space = NULL;
    const struct opt opts[] = {OPT_SPACE(&space), OPT_GATEWAY(&gateway), OPT_END};
    struct operands operands;
    json_t *all;
    size_t i;
    json_t *one;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    UF_AUTO_FREE char *path = api_path("/system/secrets", space);
    r = api_list(gateway, path, space, &all);
    if (r != OPTS_GO)
        return r;
    json_array_foreach(all, i, one)
    {
        const char *name = json_string_value(json_object_get(one, "name"));

        printf("%s\n", name != NULL ? name : "");
    }
    json_decref(all);
    return CLI_OK;
}

static int remove_one(const char *gateway, const char *space, const char *name)
{
    json_t *doc = json_pack("{s:s, s:s*}", "name", name, "namespace", space);
    struct http_response p;

    if (doc == NULL)
        return cli_fail(CLI_USAGE, "the name of a secret is text");
    int r = api_send(gateway, "DELETE", "/system/secrets", doc, &p);
    json_decref(doc);
    if (r != OPTS_GO)
        return r;
    r = p.status == 200 || p.status == 202 ? CLI_OK : api_refused(&p);
    if (r == CLI_OK && strstr(p.body, "still") != NULL)
        cli_note("%.*s", (int)strcspn(p.body, "\n"), p.body);
    http_response_fini(&p);
    return r;
}

static int run_remove(const struct command *self, int argc, char **argv)
{
    const char *gateway = NULL;
    const char *space = NULL;
    const struct opt opts[] = {OPT_SPACE(&space), OPT_GATEWAY(&gateway), OPT_END};
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    return r == OPTS_GO ? api_for_each(&operands, gateway, space, remove_one) : r;
}

#define VALUE_DETAILS                                                                       \
    "Without --from-literal or --from-file the value is asked for, or read from standard\n" \
    "input; the end of its last line is left out then. At most 64 KiB.\n"

static const struct command create = {
    .name = "secret create",
    .operands = "NAME",
    .summary = "Make a secret",
    .details = VALUE_DETAILS,
    .examples = "  unifaas secret create api-key\n"
                "  unifaas secret create tls-key --from-file server.key\n",
    .exits = VERBS_EXITS,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_create,
};

static const struct command update = {
    .name = "secret update",
    .operands = "NAME",
    .summary = "Give a secret another value; the next event sees it",
    .details = VALUE_DETAILS,
    .examples = "  unifaas secret update api-key < new-key\n",
    .exits = VERBS_EXITS,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_update,
};

static const struct command list = {
    .name = "secret list",
    .operands = "",
    .summary = "List the names of secrets, one a line",
    .examples = "  unifaas secret list\n",
    .exits = VERBS_EXITS,
    .run = run_list,
};

static const struct command remove_secret = {
    .name = "secret remove",
    .operands = "NAME...",
    .summary = "Remove secrets",
    .examples = "  unifaas secret remove api-key\n",
    .exits = VERBS_EXITS,
    .min_operands = 1,
    .max_operands = 64,
    .run = run_remove,
};

static const struct command *const verbs[] = {&create, &update, &list, &remove_secret, NULL};

const struct command cmd_secret = {
    .name = "secret",
    .operands = "VERB",
    .summary = "Keep values that functions may ask for, and nobody else",
    .details = "What a function sees with uf_secret() when its manifest lists the name under\n"
               "secrets. The daemon keeps them encrypted and gives none out over HTTP.\n",
    .examples = "  unifaas secret create api-key\n"
                "  unifaas secret list\n",
    .exits = VERBS_EXITS,
    .max_operands = 16,
    .run = verbs_run,
    .verbs = verbs,
};
