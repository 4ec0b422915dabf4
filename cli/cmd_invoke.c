// SPDX-License-Identifier: MIT
/* cmd_invoke.c: send an event to a function through the daemon. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/control.h"
#include "base/auto.h"
#include "cli/net/api.h"
#include "cli/request.h"

static void print_head(const struct http_response *p)
{
    const char *at = p->headers;

    while (*at != '\0') {
        size_t len = strcspn(at, "\r\n");

        if (len > 0)
            (void)fprintf(stderr, "< %.*s\n", (int)len, at);
        at += len + strspn(at + len, "\r\n");
    }
    (void)fprintf(stderr, "< took %.1f ms\n", p->seconds * 1e3);
}

/* The exit status for an outcome's word. */
static int exit_of_word(const char *word)
{
    static const struct {
        const char *word;
        uint32_t outcome;
    } all[] = {
#define X(name, nr, word, http) {(word), (nr)},
        UF_OUTCOMES(X)
#undef X
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(all[i].word, word) == 0)
            return (int)cli_exit_of(all[i].outcome, 500);
    return CLI_FAILED;
}

/*
 * What the function said goes to stdout, whatever the status. What the
 * platform says instead of it goes to stderr.
 */
static int judge(const struct http_response *p)
{
    char word[64];
    char internal[64];

    (void)http_header(p, "X-UniFaaS-Outcome", word, sizeof(word));
    (void)http_header(p, "X-OpenFaaS-Internal", internal, sizeof(internal));
    if (internal[0] != '\0' && p->status >= 300) {
        int r = api_refused(p);

        return word[0] != '\0' ? exit_of_word(word) : r;
    }
    if (p->body_size > 0 && cli_write(STDOUT_FILENO, p->body, p->body_size) < 0)
        return CLI_FAILED;
    return word[0] != '\0' ? exit_of_word(word) : p->status >= 400 ? CLI_FAILED : CLI_OK;
}

static int write_out(void *arg, const char *data, size_t size)
{
    (void)arg;
    return cli_write(STDOUT_FILENO, data, size);
}

/* Where to, and what of. */
struct target {
    const char *gateway;
    const char *space; /* NULL: the usual one */
    const char *name;
    bool is_async;
    const char *callback; /* NULL: nobody is told */
};

/* Nothing but its id is known of a call that nobody waits for. */
static int judge_async(const struct http_response *p)
{
    char id[80];

    if (p->status != 202)
        return api_refused(p);
    printf("%s\n", http_header(p, "X-Call-Id", id, sizeof(id)));
    return CLI_OK;
}

static int invoke(const struct request *q, const struct target *to, bool verbose)
{
    UF_AUTO_FREE char *path = NULL;
    struct http_response p;
    struct uf_err err;

    if (asprintf(&path, "/%sfunction/%s%s%s%s%s%s", to->is_async ? "async-" : "", to->name,
                 to->space != NULL ? "." : "", to->space != NULL ? to->space : "",
                 strcmp(q->path, "/") == 0 ? "" : q->path, *q->query != '\0' ? "?" : "",
                 q->query) < 0)
        abort();
    const struct http_request h = {
        .gateway = to->gateway,
        .method = q->method,
        .path = path,
        .headers = q->headers,
        .nheaders = q->nheaders,
        .body = q->body,
        .body_size = q->body_size,
        .has_body = q->data != NULL || q->file != NULL,
        /* With -v the head comes first, so the body has to wait for it. */
        .on_data = verbose || to->is_async ? NULL : write_out,
    };
    int r = http_do(&h, &p, &err);
    if (r < 0)
        return api_unreachable(r, &err);
    if (verbose)
        print_head(&p);
    r = to->is_async ? judge_async(&p) : judge(&p);
    http_response_fini(&p);
    return r;
}

static int settle_async(struct request *q, const struct target *to, const struct command *self)
{
    if (to->callback != NULL && !to->is_async)
        return opts_usage(self, "--callback: only a call that is not waited for has one (--async)");
    if (!to->is_async)
        return OPTS_GO;
    if (strcmp(q->method, "POST") != 0 && strcmp(q->method, "GET") != 0)
        return opts_usage(self, "--method: a call that is not waited for is a POST");
    q->method = "POST";
    if (to->callback != NULL && q->nheaders < OPT_LIST_MAX)
        q->headers[q->nheaders++] = (struct event_header){"X-Callback-Url", to->callback};
    return OPTS_GO;
}

static int run(const struct command *self, int argc, char **argv)
{
    struct request q = {.data = NULL};
    struct target to = {.gateway = NULL};
    bool verbose = false;
    const struct opt opts[] = {
        REQUEST_OPTIONS(&q),
        {'v', "verbose", NULL, "show status, headers and time, on stderr", OPT_FLAG, &verbose},
        {'a', "async", NULL, "do not wait; print the call's id once it is on the disk", OPT_FLAG,
         &to.is_async},
        {0, "callback", "URL", "with --async: send the result there", OPT_TEXT, &to.callback},
        OPT_SPACE(&to.space),
        OPT_GATEWAY(&to.gateway),
        OPT_END,
    };
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    if (operands.n == 2) {
        if (strcmp(operands.at[1], "-") != 0 || q.file != NULL || q.data != NULL)
            return opts_usage(self, "\"%s\": only - may follow the name, to read standard input",
                              operands.at[1]);
        q.file = "-";
    }
    to.name = operands.at[0];
    r = api_check_name(self, to.name);
    if (r == OPTS_GO && to.space != NULL)
        r = api_check_name(self, to.space);
    if (r == OPTS_GO)
        r = request_settle(&q, self);
    if (r == OPTS_GO)
        r = settle_async(&q, &to, self);
    if (r == OPTS_GO)
        r = invoke(&q, &to, verbose);
    request_fini(&q);
    return r;
}

const struct command cmd_invoke = {
    .name = "invoke",
    .operands = "NAME [-]",
    .summary = "Send an event to a function",
    .details = "What the function answers goes to stdout; what the daemon says when there is no\n"
               "answer (why, and a backtrace) goes to stderr. With - the body is standard input.\n"
               "With --async the call is kept until it is handled, and retried when it fails.\n",
    .examples = "  unifaas invoke alert -d 75.5\n"
                "  unifaas invoke echo -H 'X-Device: 7' -p /a/b -q 'x=1' -v\n"
                "  unifaas invoke report --async -d '{\"month\": 7}'\n"
                "  cat photo.jpg | unifaas invoke resize -\n",
    .exits = CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE) | CLI_BIT(UNREACHABLE) |
             CLI_BIT(NOT_FOUND) | CLI_BIT(CRASHED) | CLI_BIT(TIMEOUT),
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
