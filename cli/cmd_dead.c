// SPDX-License-Identifier: MIT
/* cmd_dead.c: dead letters, events that their function did not handle. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "cli/net/api.h"
#include "cli/verbs.h"

struct where {
    const char *gateway;
    const char *space;
};

#define WHERE_OPTIONS(w) OPT_SPACE(&(w)->space), OPT_GATEWAY(&(w)->gateway)

/* "/system/dead/ID"; the caller frees. */
static char *path_of(const struct where *w, const char *id)
{
    UF_AUTO_FREE char *encoded = http_encode(id);
    UF_AUTO_FREE char *path = NULL;

    if (asprintf(&path, "/system/dead/%s", encoded) < 0)
        abort();
    return api_path(path, w->space);
}

/* "/system/dead?function=NAME&before=ID"; the caller frees. */
static char *list_path(const struct where *w, const char *function, const char *before)
{
    UF_AUTO_FREE char *encoded = http_encode(function != NULL ? function : "");
    UF_AUTO_FREE char *path = NULL;

    if (asprintf(&path, "/system/dead?function=%s%s%s", encoded,
                 before[0] != '\0' ? "&before=" : "", before) < 0)
        abort();
    return api_path(path, w->space);
}

/* One page after the other, newest first; visit gets each, and may end the walk. */
static int walk(const struct where *w, const char *function, int (*visit)(void *ctx, json_t *d),
                void *ctx)
{
    char before[24] = "";
    int r = OPTS_GO;
    size_t n = 1;

    while (r == OPTS_GO && n > 0) {
        UF_AUTO_FREE char *path = list_path(w, function, before);
        json_t *list = NULL;
        size_t i;
        json_t *d;

        r = api_get(w->gateway, path, &list);
        n = json_array_size(list);
        json_array_foreach(list, i, d)
        {
            (void)api_text(d, "id", before, sizeof(before));
            if (r == OPTS_GO)
                r = visit(ctx, d);
        }
        json_decref(list);
    }
    return r;
}

/* ---- list ---------------------------------------------------------------------------- */

static int print_one(void *ctx, json_t *d)
{
    char id[24];
    char function[72];
    char queue[72];
    char died[40];
    char attempts[24];
    char reason[256];

    if ((*(size_t *)ctx)++ == 0)
        printf("%-6s %-20s %-20s %-19s  %8s  %s\n", "ID", "FUNCTION", "QUEUE", "DIED", "ATTEMPTS",
               "REASON");
    printf("%-6s %-20s %-20s %.19s  %8s  %s\n", api_text(d, "id", id, sizeof(id)),
           api_text(d, "function", function, sizeof(function)),
           api_text(d, "queue", queue, sizeof(queue)), api_text(d, "died", died, sizeof(died)),
           api_text(d, "attempts", attempts, sizeof(attempts)),
           api_text(d, "reason", reason, sizeof(reason)));
    return OPTS_GO;
}

static int collect(void *ctx, json_t *d)
{
    (void)json_array_append(ctx, d);
    return OPTS_GO;
}

static int run_list(const struct command *self, int argc, char **argv)
{
    struct where w = {NULL, NULL};
    bool json = false;
    const struct opt opts[] = {OPT_AS_JSON(&json), WHERE_OPTIONS(&w), OPT_END};
    struct operands operands;
    size_t n = 0;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    const char *function = operands.n > 0 ? operands.at[0] : NULL;
    if (json) {
        json_t *all = json_array();

        r = walk(&w, function, collect, all);
        if (r == OPTS_GO) {
            (void)json_dumpf(all, stdout, JSON_INDENT(2));
            printf("\n");
        }
        json_decref(all);
    } else {
        r = walk(&w, function, print_one, &n);
        if (r == OPTS_GO && n == 0)
            cli_note("there is no dead letter");
    }
    return r == OPTS_GO ? CLI_OK : r;
}

/* ---- show ---------------------------------------------------------------------------- */

static void print_headers(json_t *d)
{
    const char *name;
    json_t *value;

    json_object_foreach(json_object_get(d, "headers"), name, value)
        printf("%-12s %s: %s\n", "header", name, json_string_value(value));
}

static void print_whole(json_t *d)
{
    static const char *const lines[] = {"id",   "function", "queue",  "call",    "pushed",
                                        "died", "attempts", "status", "trigger", "reason"};
    char text[1024];

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        printf("%-12s %s\n", lines[i], api_text(d, lines[i], text, sizeof(text)));
    print_headers(d);
    for (int i = 0; i < 2; i++) {
        const char *name = i == 0 ? "output" : "body";
        const char *body = json_string_value(json_object_get(d, name));

        printf("%-12s %s\n", name, body != NULL ? body : "(binary; -o json has it in base64)");
    }
}

static int run_show(const struct command *self, int argc, char **argv)
{
    struct where w = {NULL, NULL};
    bool json = false;
    const struct opt opts[] = {OPT_AS_JSON(&json), WHERE_OPTIONS(&w), OPT_END};
    struct operands operands;
    json_t *doc;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    UF_AUTO_FREE char *path = path_of(&w, operands.at[0]);
    r = api_get(w.gateway, path, &doc);
    if (r != OPTS_GO)
        return r;
    if (json) {
        (void)json_dumpf(doc, stdout, JSON_INDENT(2));
        printf("\n");
    } else {
        print_whole(doc);
    }
    json_decref(doc);
    return CLI_OK;
}

/* ---- retry and purge ------------------------------------------------------------------- */

static int retry_one(const struct where *w, const char *id)
{
    UF_AUTO_FREE char *path = path_of(w, id);

    return api_change(w->gateway, "POST", path);
}

static int retry_visited(void *ctx, json_t *d)
{
    char id[24];
    int r = retry_one(ctx, api_text(d, "id", id, sizeof(id)));

    return r == CLI_OK ? OPTS_GO : r;
}

/* Dead letters by their ids, or all of a function's. */
struct which {
    struct where w;
    const char *function; /* NULL: those of ids */
    struct operands ids;
};

static int parse_which(const struct command *self, int argc, char **argv, struct which *out)
{
    const struct opt opts[] = {
        {'a', "all", "FUNCTION", "all that this function has", OPT_TEXT, &out->function},
        WHERE_OPTIONS(&out->w),
        OPT_END,
    };

    *out = (struct which){.function = NULL};
    int r = opts_parse(self, opts, argc, argv, &out->ids);
    if (r == OPTS_GO && (out->ids.n == 0) == (out->function == NULL))
        return opts_usage(self, "say which: the ids of dead letters, or --all FUNCTION");
    for (int i = 0; i < out->ids.n && r == OPTS_GO; i++) {
        const char *id = out->ids.at[i];

        if (id[strspn(id, "0123456789")] != '\0')
            return opts_usage(self,
                              "%s is no id of a dead letter, which is a number; --all %s: all "
                              "of a function",
                              id, id);
    }
    return r;
}

static int run_retry(const struct command *self, int argc, char **argv)
{
    struct which which;
    int r = parse_which(self, argc, argv, &which);

    if (r != OPTS_GO)
        return r;
    if (which.function != NULL) {
        r = walk(&which.w, which.function, retry_visited, &which.w);
        return r == OPTS_GO ? CLI_OK : r;
    }
    r = CLI_OK;
    for (int i = 0; i < which.ids.n && r == CLI_OK; i++)
        r = retry_one(&which.w, which.ids.at[i]);
    return r;
}

static int run_purge(const struct command *self, int argc, char **argv)
{
    struct which which;
    int r = parse_which(self, argc, argv, &which);

    if (r != OPTS_GO)
        return r;
    if (which.function != NULL) {
        UF_AUTO_FREE char *path = list_path(&which.w, which.function, "");

        return api_remove(which.w.gateway, path);
    }
    r = CLI_OK;
    for (int i = 0; i < which.ids.n && r == CLI_OK; i++) {
        UF_AUTO_FREE char *path = path_of(&which.w, which.ids.at[i]);

        r = api_remove(which.w.gateway, path);
    }
    return r;
}

static const struct command list = {
    .name = "dead list",
    .operands = "[FUNCTION]",
    .summary = "List the dead letters of a function, or of all",
    .examples = "  unifaas dead list report\n",
    .exits = VERBS_EXITS,
    .max_operands = 1,
    .run = run_list,
};

static const struct command show = {
    .name = "dead show",
    .operands = "ID",
    .summary = "Show one: the event, why it failed, and the last output",
    .examples = "  unifaas dead show 17\n"
                "  unifaas dead show 17 -o json | jq -r .body\n",
    .exits = VERBS_EXITS,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_show,
};

static const struct command retry = {
    .name = "dead retry",
    .operands = "[ID...]",
    .summary = "Make them events again, at the end of the queue that they came from",
    .examples = "  unifaas dead retry 17 18\n"
                "  unifaas dead retry --all report\n",
    .exits = VERBS_EXITS,
    .max_operands = 128,
    .run = run_retry,
};

static const struct command purge = {
    .name = "dead purge",
    .operands = "[ID...]",
    .summary = "Remove them for good",
    .examples = "  unifaas dead purge 17\n"
                "  unifaas dead purge --all report\n",
    .exits = VERBS_EXITS,
    .max_operands = 128,
    .run = run_purge,
};

static const struct command *const verbs[] = {&list, &show, &retry, &purge, NULL};

const struct command cmd_dead = {
    .name = "dead",
    .operands = "VERB",
    .summary = "See, retry and purge events that functions did not handle",
    .details = "An event is given up after its attempts (retry.attempts) or when it is too old\n"
               "(max_age). It is kept, with the reason, until it is retried or purged.\n",
    .examples = "  unifaas dead list\n"
                "  unifaas dead show 17\n"
                "  unifaas dead retry 17\n",
    .exits = VERBS_EXITS,
    .max_operands = 256,
    .run = verbs_run,
    .verbs = verbs,
};
