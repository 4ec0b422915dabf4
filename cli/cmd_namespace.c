// SPDX-License-Identifier: MIT
/* cmd_namespace.c: namespaces, each with its own functions, queues, keys and secrets. */
#include <stdio.h>
#include <stdlib.h>

#include "base/auto.h"
#include "cli/net/api.h"
#include "cli/verbs.h"

static int run_list(const struct command *self, int argc, char **argv)
{
    const char *gateway = NULL;
    const struct opt opts[] = {OPT_GATEWAY(&gateway), OPT_END};
    struct operands operands;
    json_t *all;
    size_t i;
    json_t *name;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r == OPTS_GO)
        r = api_get(gateway, "/system/namespaces", &all);
    if (r != OPTS_GO)
        return r;
    json_array_foreach(all, i, name) printf("%s\n", json_string_value(name));
    json_decref(all);
    return CLI_OK;
}

static int send_one(const struct command *self, const char *method, int argc, char **argv)
{
    const char *gateway = NULL;
    const struct opt opts[] = {OPT_GATEWAY(&gateway), OPT_END};
    struct operands operands;
    struct http_response p;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r == OPTS_GO)
        r = api_check_name(self, operands.at[0]);
    if (r != OPTS_GO)
        return r;
    UF_AUTO_FREE char *path = NULL;
    if (asprintf(&path, "/system/namespace/%s", operands.at[0]) < 0)
        abort();
    json_t *doc = json_pack("{s:s}", "name", operands.at[0]);
    r = api_send(gateway, method, path, doc, &p);
    json_decref(doc);
    if (r != OPTS_GO)
        return r;
    r = p.status >= 200 && p.status < 300 ? CLI_OK : api_refused(&p);
    http_response_fini(&p);
    return r;
}

static int run_create(const struct command *self, int argc, char **argv)
{
    return send_one(self, "POST", argc, argv);
}

static int run_remove(const struct command *self, int argc, char **argv)
{
    return send_one(self, "DELETE", argc, argv);
}

static const struct command list = {
    .name = "namespace list",
    .operands = "",
    .summary = "List the namespaces, one a line",
    .examples = "  unifaas namespace list\n",
    .exits = VERBS_EXITS,
    .run = run_list,
};

static const struct command create = {
    .name = "namespace create",
    .operands = "NAME",
    .summary = "Make a namespace",
    .examples = "  unifaas namespace create lab && unifaas deploy alert --namespace lab\n",
    .exits = VERBS_EXITS,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_create,
};

static const struct command remove_space = {
    .name = "namespace remove",
    .operands = "NAME",
    .summary = "Remove a namespace that has neither functions nor events; its keys and secrets "
               "go with it",
    .examples = "  unifaas namespace remove lab\n",
    .exits = VERBS_EXITS,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_remove,
};

static const struct command *const verbs[] = {&list, &create, &remove_space, NULL};

const struct command cmd_namespace = {
    .name = "namespace",
    .operands = "VERB",
    .summary = "Keep functions apart: each namespace has its own queues, keys and secrets",
    .details = "Other commands mean openfaas-fn, which is always there, unless --namespace says\n"
               "another. Over HTTP a function of another one is NAME.NAMESPACE.\n",
    .examples = "  unifaas namespace create lab\n"
                "  unifaas namespace list\n",
    .exits = VERBS_EXITS,
    .max_operands = 16,
    .run = verbs_run,
    .verbs = verbs,
};
