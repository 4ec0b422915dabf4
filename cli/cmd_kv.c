// SPDX-License-Identifier: MIT
/* cmd_kv.c: keys and values that functions share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/control.h"
#include "base/auto.h"
#include "cli/files.h"
#include "cli/net/api.h"
#include "cli/verbs.h"

struct where {
    const char *gateway;
    const char *space;
};

#define WHERE_OPTIONS(w) OPT_SPACE(&(w)->space), OPT_GATEWAY(&(w)->gateway)

/* "/system/kv/KEY?namespace=...&MORE"; the caller frees. */
static char *path_of(const struct where *w, const char *key, const char *more)
{
    UF_AUTO_FREE char *encoded = key == NULL ? NULL : http_encode(key);
    UF_AUTO_FREE char *space = http_encode(w->space != NULL ? w->space : "");
    char *path = NULL;

    if (space == NULL || (key != NULL && encoded == NULL) ||
        asprintf(&path, "/system/kv%s%s?namespace=%s%s", key == NULL ? "" : "/",
                 key == NULL ? "" : encoded, space, more) < 0)
        return NULL;
    return path;
}

/* Ask, and print what was answered to a GET as it is. */
static int ask(const struct where *w, const char *method, const char *path, const void *body,
               size_t size)
{
    const struct http_request q = {.gateway = w->gateway,
                                   .method = method,
                                   .path = path,
                                   .body = body,
                                   .body_size = size,
                                   .has_body = body != NULL};
    struct http_response p;
    struct uf_err err;
    int r;

    if (path == NULL)
        return cli_fail(CLI_FAILED, "out of memory");
    r = http_do(&q, &p, &err);
    if (r < 0)
        return api_unreachable(r, &err);
    if (p.status < 200 || p.status > 299) {
        r = api_refused(&p);
    } else {
        r = cli_write(STDOUT_FILENO, p.body, p.body_size) < 0 ? CLI_FAILED : CLI_OK;
        /* A line for a person at a terminal; a program gets the bytes. */
        if (p.body_size > 0 && p.body[p.body_size - 1] != '\n' && isatty(STDOUT_FILENO) != 0)
            (void)cli_write(STDOUT_FILENO, "\n", 1);
    }
    http_response_fini(&p);
    return r;
}

static int run_get(const struct command *self, int argc, char **argv)
{
    struct where w = {NULL, NULL};
    const struct opt opts[] = {WHERE_OPTIONS(&w), OPT_END};
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    UF_AUTO_FREE char *path = path_of(&w, operands.at[0], "");
    return ask(&w, "GET", path, NULL, 0);
}

static int run_set(const struct command *self, int argc, char **argv)
{
    struct where w = {NULL, NULL};
    const char *ttl = NULL;
    const struct opt opts[] = {
        {'t', "ttl", "TIME", "remove it after that time, e.g. 30s", OPT_TEXT, &ttl},
        WHERE_OPTIONS(&w),
        OPT_END,
    };
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);
    char more[64] = "";

    if (r != OPTS_GO)
        return r;
    if (ttl != NULL) {
        UF_AUTO_FREE char *encoded = http_encode(ttl);

        (void)snprintf(more, sizeof(more), "&ttl=%.32s", encoded != NULL ? encoded : "");
    }
    UF_AUTO_FREE char *path = path_of(&w, operands.at[0], more);
    if (operands.n == 2)
        return ask(&w, "PUT", path, operands.at[1], strlen(operands.at[1]));
    UF_AUTO_FREE char *data = NULL;
    size_t size = 0;
    struct uf_err err;
    if (file_read("-", UF_VALUE_MAX, &data, &size, &err) < 0)
        return cli_report(CLI_FAILED, &err);
    return ask(&w, "PUT", path, data, size);
}

static int run_delete(const struct command *self, int argc, char **argv)
{
    struct where w = {NULL, NULL};
    const struct opt opts[] = {WHERE_OPTIONS(&w), OPT_END};
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    UF_AUTO_FREE char *path = path_of(&w, operands.at[0], "");
    return ask(&w, "DELETE", path, NULL, 0);
}

/* Print a page of keys; *last is the last one, *n how many. */
static int print_page(const json_t *keys, char *last, size_t cap)
{
    size_t i;
    json_t *key;

    json_array_foreach(keys, i, key)
    {
        const char *text = json_string_value(key);

        printf("%s\n", text != NULL ? text : "");
        (void)snprintf(last, cap, "%s", text != NULL ? text : "");
    }
    return (int)json_array_size(keys);
}

static int run_list(const struct command *self, int argc, char **argv)
{
    struct where w = {NULL, NULL};
    const struct opt opts[] = {WHERE_OPTIONS(&w), OPT_END};
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);
    char last[256] = "";
    int n = 1;

    while (r == OPTS_GO && n > 0) {
        UF_AUTO_FREE char *prefix = http_encode(operands.n > 0 ? operands.at[0] : "");
        UF_AUTO_FREE char *after = http_encode(last);
        UF_AUTO_FREE char *more = NULL;
        json_t *keys = NULL;

        if (prefix == NULL || after == NULL ||
            asprintf(&more, "&prefix=%s&after=%s", prefix, after) < 0)
            return cli_fail(CLI_FAILED, "out of memory");
        UF_AUTO_FREE char *path = path_of(&w, NULL, more);
        if (path == NULL)
            return cli_fail(CLI_FAILED, "out of memory");
        r = api_get(w.gateway, path, &keys);
        if (r == OPTS_GO)
            n = print_page(keys, last, sizeof(last));
        json_decref(keys);
    }
    return r == OPTS_GO ? CLI_OK : r;
}

static const struct command get = {
    .name = "kv get",
    .operands = "KEY",
    .summary = "Print the value of a key, and nothing else",
    .examples = "  unifaas kv get counter\n",
    .exits = VERBS_EXITS,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_get,
};

static const struct command set = {
    .name = "kv set",
    .operands = "KEY [VALUE]",
    .summary = "Give a key a value, from standard input if none is given",
    .examples = "  unifaas kv set limit 50\n"
                "  unifaas kv set --ttl 1h session/7 < session.json\n",
    .exits = VERBS_EXITS,
    .min_operands = 1,
    .max_operands = 2,
    .run = run_set,
};

static const struct command delete = {
    .name = "kv delete",
    .operands = "KEY",
    .summary = "Remove a key",
    .examples = "  unifaas kv delete counter\n",
    .exits = VERBS_EXITS,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_delete,
};

static const struct command list = {
    .name = "kv list",
    .operands = "[PREFIX]",
    .summary = "List the keys that begin with a prefix, one a line",
    .examples = "  unifaas kv list session/\n",
    .exits = VERBS_EXITS,
    .max_operands = 1,
    .run = run_list,
};

static const struct command *const verbs[] = {&get, &set, &delete, &list, NULL};

const struct command cmd_kv = {
    .name = "kv",
    .operands = "VERB",
    .summary = "Read and write the keys that functions share",
    .details = "What functions see with uf_kv_get() and write with uf_kv_set().\n",
    .examples = "  unifaas kv get counter\n"
                "  unifaas kv set limit 50\n"
                "  unifaas kv list session/\n",
    .exits = VERBS_EXITS,
    .max_operands = 16,
    .run = verbs_run,
    .verbs = verbs,
};
