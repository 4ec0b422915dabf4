// SPDX-License-Identifier: MIT
/* cmd_deploy.c: hand functions to the daemon. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "base/utf8.h"
#include "cli/build/build.h"
#include "cli/files.h"
#include "cli/net/api.h"
#include "cli/source.h"
#include "cli/stack.h"
#include "engine/annotation.h"

#define IMAGE_MAX ((size_t)64 << 20) /* bytes; the daemon takes no more */

struct deploy {
    const struct command *self;
    const char *gateway;
    const char *space;
    const char *name;
    struct source_options so;
    struct opt_list labels;
    struct opt_list annotations;
    json_t *named; /* functions that those deployed name: {of, space, key, name} */
};

/* Upload an image; digest gets "sha256:...". */
static int upload(const char *gateway, const char *path, char *digest, size_t cap, size_t *size)
{
    static const struct event_header type = {"Content-Type", "application/octet-stream"};
    UF_AUTO_FREE char *bytes = NULL;
    struct http_response p;
    struct uf_err err;
    int r = file_read(path, IMAGE_MAX, &bytes, size, &err);

    if (r < 0)
        return cli_report(CLI_FAILED, &err);
    const struct http_request q = {
        .gateway = gateway,
        .method = "POST",
        .path = "/system/images",
        .headers = &type,
        .nheaders = 1,
        .body = bytes,
        .body_size = *size,
        .has_body = true,
    };
    r = http_do(&q, &p, &err);
    if (r < 0)
        return api_unreachable(r, &err);
    if (p.status == 200 || p.status == 201) {
        json_t *doc = json_loadb(p.body, p.body_size, 0, NULL);

        (void)api_text(doc, "image", digest, cap);
        json_decref(doc);
        r = strncmp(digest, "sha256:", 7) == 0
                ? OPTS_GO
                : cli_fail(CLI_FAILED, "the daemon did not say what it called the image");
    } else {
        r = api_refused(&p);
    }
    http_response_fini(&p);
    return r;
}

static json_t *env_object(const struct function *f)
{
    json_t *o = json_object();

    for (uint32_t at = 0; at < f->env_size; at += (uint32_t)strlen(f->env + at) + 1) {
        const char *equals = strchr(f->env + at, '=');

        (void)json_object_setn_new(o, f->env + at, (size_t)(equals - (f->env + at)),
                                   json_string(equals + 1));
    }
    return o;
}

/* "KEY=VALUE" texts of the command line over pairs of a stack file. */
static json_t *pairs_object(const struct opt_list *given, const struct stack_pairs *pairs)
{
    json_t *o = json_object();

    for (size_t i = 0; pairs != NULL && i < pairs->n; i++)
        (void)json_object_set_new(o, pairs->at[i].name, json_string(pairs->at[i].value));
    for (size_t i = 0; i < given->n; i++) {
        const char *equals = strchr(given->at[i], '=');

        (void)json_object_setn_new(o, given->at[i], (size_t)(equals - given->at[i]),
                                   json_string(equals + 1));
    }
    return o;
}

static json_t *secrets_array(const struct function *f)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < f->secrets.n; i++)
        (void)json_array_append_new(list, json_string(f->secrets.item[i]));
    return list;
}

/* A FunctionDeployment; "unifaas" is the whole manifest, which then rules. */
static json_t *document(const struct deploy *d, const struct function *f, const char *digest,
                        const struct stack_function *sf)
{
    UF_AUTO_FREE char *text = function_format_json(f);
    json_t *manifest = text != NULL ? json_loads(text, 0, NULL) : NULL;

    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:{s:O*}, s:o}", "service", f->name,
                     "namespace", f->space, "image", digest, "envVars", env_object(f), "secrets",
                     secrets_array(f), "labels",
                     pairs_object(&d->labels, sf != NULL ? &sf->labels : NULL), "annotations",
                     pairs_object(&d->annotations, sf != NULL ? &sf->annotations : NULL), "limits",
                     "memory", json_object_get(manifest, "memory"), "unifaas", manifest);
}

/* What is listed belongs to the map. */
static void list_pairs(json_t *map, struct annotation *to, size_t *n)
{
    const char *key;
    json_t *v;

    json_object_foreach(map, key, v)
    {
        to[(*n)++] = (struct annotation){.key = key, .value = json_string_value(v)};
    }
}

/* Labels and annotations mean here what they mean to the daemon when another client
 * sends them; to ours it listens for the manifest only. */
static int annotate(const struct deploy *d, struct function *f, const struct stack_function *sf)
{
    json_t *labels = pairs_object(&d->labels, sf != NULL ? &sf->labels : NULL);
    json_t *annotations = pairs_object(&d->annotations, sf != NULL ? &sf->annotations : NULL);
    struct annotation *all =
        xnew((json_object_size(labels) + json_object_size(annotations) + 1) * sizeof(all[0]));
    struct uf_err err;
    size_t n = 0;

    list_pairs(labels, all, &n);
    list_pairs(annotations, all, &n);
    int r = function_annotate(f, all, n, &err);
    free(all);
    json_decref(labels);
    json_decref(annotations);
    if (r == 0) /* again: the command line goes before what others say */
        return source_override(f, &d->so, d->self);
    return cli_fail(CLI_MANIFEST, "%s: %s", f->name, err.msg);
}

/* The line ends with where the function is, as far as that is not the usual place. */
static void print_place(const struct deploy *d, const struct function *f)
{
    if (strcmp(f->space, FUNCTION_SPACE) != 0)
        printf(" -n %s", f->space);
    if (d->gateway != NULL)
        printf(" -g %s", d->gateway);
    printf("\n");
}

/* A line to paste that this function answers to. */
static void print_call(const struct deploy *d, const struct function *f)
{
    const char *gateway = http_gateway(d->gateway);
    char label[FUNCTION_LABEL];
    int len = (int)strlen(gateway);

    while (len > 0 && gateway[len - 1] == '/')
        len--;
    switch (f->access) {
    case ACCESS_PUBLIC:
        printf("  curl %.*s/function/%s\n", len, gateway, function_label(f, label));
        break;
    case ACCESS_PASSWORD:
        printf("  unifaas invoke %s", f->name);
        print_place(d, f);
        break;
    case ACCESS_INTERNAL:
        if (f->nqueues == 0) {
            printf("  called by topics and other functions only (access: internal)\n");
            break;
        }
        printf("  unifaas queue push %s EVENT", f->queue[0].name);
        print_place(d, f);
        break;
    }
}

static void print_done(const struct deploy *d, const struct function *f, size_t size,
                       const struct http_response *p, bool updated)
{
    json_t *doc = json_loadb(p->body, p->body_size, 0, NULL);
    char isolation[16];
    char h[CLI_HUMAN];

    printf("%s: %s, ", f->name, updated ? "updated" : "deployed");
    if (function_is_sequence(f))
        printf("a sequence of %u functions\n", f->steps.n);
    else
        printf("image %s, isolation %s\n", size > 0 ? cli_human(size, h) : "of the daemon",
               api_text(doc, "unifaas.isolation", isolation, sizeof(isolation)));
    json_decref(doc);
    print_call(d, f);
}

/* PUT changes a function; the daemon says 404 when there is none yet. */
static int send(const struct deploy *d, const struct function *f, const json_t *doc, size_t size)
{
    struct http_response p;
    bool updated = true;
    int r = api_send(d->gateway, "PUT", "/system/functions", doc, &p);

    if (r == OPTS_GO && p.status == 404) {
        http_response_fini(&p);
        updated = false;
        r = api_send(d->gateway, "POST", "/system/functions", doc, &p);
    }
    if (r != OPTS_GO)
        return r;
    if (p.status >= 200 && p.status < 300) {
        print_done(d, f, size, &p, updated);
        r = CLI_OK;
    } else {
        (void)cli_fail(CLI_FAILED, "%s: not deployed:", f->name);
        r = api_refused(&p);
    }
    http_response_fini(&p);
    return r;
}

/* ---- functions that others name ------------------------------------------------------ */

static void add_named(const struct deploy *d, const struct function *f, const char *key,
                      const char *name)
{
    if (name[0] != '\0')
        (void)json_array_append_new(d->named,
                                    json_pack("{s:s, s:s, s:s, s:s}", "of", f->name, "space",
                                              f->space, "key", key, "name", name));
}

static void note_named(const struct deploy *d, const struct function *f)
{
    add_named(d, f, "on_success (next)", f->on_success);
    add_named(d, f, "on_failure", f->on_failure);
    for (uint32_t i = 0; i < f->steps.n; i++)
        add_named(d, f, "functions", f->steps.item[i]);
}

enum named { NAMED_MISSING, NAMED_SEQUENCE, NAMED_OTHER };

/* What has that name; NAMED_OTHER when it cannot be found out, too. */
static enum named look_up(const char *gateway, const char *name, const char *space)
{
    UF_AUTO_FREE char *path = NULL;
    UF_AUTO_FREE char *whole = NULL;
    struct http_response p;
    struct uf_err err;
    char lang[16];

    if (asprintf(&path, "/system/function/%s", name) < 0)
        abort();
    whole = api_path(path, space);
    const struct http_request q = {.gateway = gateway, .method = "GET", .path = whole};
    if (http_do(&q, &p, &err) < 0)
        return NAMED_OTHER;
    json_t *doc = json_loadb(p.body, p.body_size, 0, NULL);
    bool is_sequence =
        strcmp(api_text(doc, "unifaas.manifest.lang", lang, sizeof(lang)), "sequence") == 0;
    bool missing = p.status == 404;
    json_decref(doc);
    http_response_fini(&p);
    return missing ? NAMED_MISSING : is_sequence ? NAMED_SEQUENCE : NAMED_OTHER;
}

/* When all are deployed, for a stack file may have them in any order. What is missing is
 * not an error: the function may come later. */
static int check_named(const struct deploy *d)
{
    int r = CLI_OK;
    size_t i;
    json_t *n;

    json_array_foreach(d->named, i, n)
    {
        const char *of = json_string_value(json_object_get(n, "of"));
        const char *key = json_string_value(json_object_get(n, "key"));
        const char *name = json_string_value(json_object_get(n, "name"));
        enum named is = look_up(d->gateway, name, json_string_value(json_object_get(n, "space")));

        if (is == NAMED_MISSING)
            cli_note("%s: %s names %s, which is not deployed: events for it wait until it is", of,
                     key, name);
        if (is == NAMED_SEQUENCE && strcmp(key, "functions") == 0)
            r = cli_fail(CLI_MANIFEST,
                         "%s: functions names %s, which is itself a sequence; name the functions "
                         "of %s instead",
                         of, name, name);
    }
    return r;
}

/* ---- one function ---------------------------------------------------------------------- */

static int deploy_source(const struct deploy *d, struct source *s, const struct stack_function *sf)
{
    char digest[96] = "";
    const char *image = sf != NULL && sf->hash != NULL ? sf->hash : digest;
    size_t size = 0;

    if (d->name != NULL)
        (void)snprintf(s->f.name, sizeof(s->f.name), "%s", d->name);
    if (d->space != NULL || (sf != NULL && sf->space != NULL))
        (void)snprintf(s->f.space, sizeof(s->f.space), "%s",
                       d->space != NULL ? d->space : sf->space);
    int r = source_check_name(&s->f, s->shown);
    if (r == OPTS_GO)
        r = annotate(d, &s->f, sf);
    if (r == OPTS_GO && s->image != NULL)
        r = upload(d->gateway, s->image, digest, sizeof(digest), &size);
    if (r != OPTS_GO)
        return r;
    json_t *doc = document(d, &s->f, image, sf);
    r = doc != NULL ? send(d, &s->f, doc, size) : cli_fail(CLI_FAILED, "out of memory");
    json_decref(doc);
    if (r == CLI_OK)
        note_named(d, &s->f);
    return r;
}

static int deploy_one(const struct deploy *d, const char *path)
{
    struct source s;
    int r = source_open(&s, path, &d->so, d->self);

    if (r != OPTS_GO)
        return r;
    r = deploy_source(d, &s, NULL);
    source_fini(&s);
    return r;
}

/* ---- stack files ------------------------------------------------------------------- */

static void ignored(const char *function, const char *key)
{
    cli_note("%s: %s means nothing here and is ignored", function, key);
}

static int apply(struct function *f, const struct stack_function *sf)
{
    struct uf_err err;
    int r = 0;

    if (sf->lang != NULL && strcmp(sf->lang, f->lang) != 0)
        return cli_fail(CLI_MANIFEST,
                        "%s: lang is %s in the stack file, but %s in its "
                        "function.yaml",
                        sf->name, sf->lang, f->lang);
    if (sf->memory != NULL)
        r = function_set(f, "memory", sf->memory, &err);
    for (size_t i = 0; i < sf->env.n && r == 0; i++)
        r = function_env_set(f, sf->env.at[i].name, sf->env.at[i].value, &err);
    for (size_t i = 0; i < sf->secrets.n && r == 0; i++)
        r = function_secret_add(f, sf->secrets.at[i], &err);
    if (r < 0)
        return cli_fail(CLI_MANIFEST, "%s: %s", sf->name, err.msg);
    (void)snprintf(f->name, sizeof(f->name), "%s", sf->name);
    return OPTS_GO;
}

static int deploy_member(const struct deploy *d, const struct stack_function *sf)
{
    struct source s;
    int r = sf->hash != NULL ? source_open_hash(&s, sf->hash, &d->so, d->self)
                             : source_open(&s, sf->path, &d->so, d->self);

    if (r != OPTS_GO)
        return r;
    r = apply(&s.f, sf);
    if (r == OPTS_GO)
        r = deploy_source(d, &s, sf);
    source_fini(&s);
    return r;
}

/* --name that no function of the stack file has. */
static int refuse_name(const struct stack *stack, const char *path, const char *name)
{
    UF_AUTO_FREE char *all = xcopy("");

    for (size_t i = 0; i < stack->n; i++) {
        char *more;

        if (asprintf(&more, "%s%s%s", all, i > 0 ? ", " : "", stack->functions[i].name) < 0)
            abort();
        free(all);
        all = more;
    }
    return cli_fail(CLI_NOT_FOUND, "--name: %s has no function \"%s\"; it has: %s", path, name,
                    all);
}

static int deploy_stack(struct deploy *d, const char *path)
{
    struct stack stack;
    struct uf_err err;
    int r = stack_read(&stack, path, ignored, &err);
    int worst = CLI_OK;
    bool has_some = false;

    if (r < 0)
        return cli_report(build_exit_of_open(r), &err);
    if (d->gateway == NULL && !http_gateway_is_named())
        d->gateway = stack.gateway;
    for (size_t i = 0; i < stack.n; i++) {
        if (d->name != NULL && strcmp(d->name, stack.functions[i].name) != 0)
            continue;
        has_some = true;
        r = deploy_member(d, &stack.functions[i]);
        if (r != CLI_OK)
            worst = r;
        if (r == CLI_UNREACHABLE)
            break;
    }
    if (!has_some)
        worst = refuse_name(&stack, path, d->name);
    stack_fini(&stack);
    return worst;
}

static bool is_stack(const char *path)
{
    size_t n = strlen(path);

    return (n > 5 && strcmp(path + n - 5, ".yaml") == 0) ||
           (n > 4 && strcmp(path + n - 4, ".yml") == 0);
}

static int check_pairs(const struct command *c, const char *option, const struct opt_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        size_t key = strcspn(l->at[i], "=");

        if (key == 0 || l->at[i][key] == '\0' || !utf8_is_well_formed(l->at[i], key))
            return opts_usage(c, "--%s: \"%s\" is not valid; it must be KEY=VALUE", option,
                              l->at[i]);
        if (!utf8_is_well_formed(l->at[i], strlen(l->at[i])))
            return opts_usage(c, "--%s: the value of %.*s is not UTF-8", option, (int)key,
                              l->at[i]);
    }
    return OPTS_GO;
}

static int run(const struct command *self, int argc, char **argv)
{
    struct deploy d = {.self = self, .named = json_array()};
    const struct opt opts[] = {
        {0, "name", "NAME", "deploy under that name; with a stack file: only that function",
         OPT_TEXT, &d.name},
        {'l', "label", "KEY=VALUE", "add a label; may be repeated", OPT_MANY, &d.labels},
        {0, "annotation", "KEY=VALUE", "add an annotation; may be repeated", OPT_MANY,
         &d.annotations},
        SOURCE_OPTIONS(&d.so, 0),
        OPT_SPACE(&d.space),
        OPT_GATEWAY(&d.gateway),
        OPT_END,
    };
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r == OPTS_GO && d.name != NULL)
        r = api_check_name(self, d.name);
    if (r == OPTS_GO && d.space != NULL)
        r = api_check_name(self, d.space);
    if (r == OPTS_GO)
        r = check_pairs(self, "label", &d.labels);
    if (r == OPTS_GO)
        r = check_pairs(self, "annotation", &d.annotations);
    if (r == OPTS_GO)
        r = is_stack(operands.at[0]) ? deploy_stack(&d, operands.at[0])
                                     : deploy_one(&d, operands.at[0]);
    int named = check_named(&d);
    json_decref(d.named);
    return r == CLI_OK ? named : r;
}

const struct command cmd_deploy = {
    .name = "deploy",
    .operands = "IMAGE|DIR|FILE.js|STACK.yaml",
    .summary = "Hand a function, or all of a stack file, to the daemon",
    .details =
        "A folder is built first when its image is missing or was built from something else. The\n"
        "daemon runs the function's init; when that fails nothing is deployed and what\n"
        "was there before goes on.\n"
        "\n"
        "A stack file is OpenFaaS's: functions, each with handler (a folder) or image (a\n"
        "file or a hash), environment, limits.memory, labels and annotations. ${NAME} and\n"
        "${NAME:-default} in its values are replaced.\n",
    .examples = "  unifaas deploy functions/alert\n"
                "  unifaas deploy hello.img --name hello-2 -e GREETING=hi --memory 16Mi\n"
                "  unifaas deploy stack.yaml --gateway http://board:8080\n",
    .exits = CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE) | CLI_BIT(UNREACHABLE) |
             CLI_BIT(NOT_FOUND) | CLI_BIT(BUILD) | CLI_BIT(MANIFEST),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
