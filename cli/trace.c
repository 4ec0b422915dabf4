// SPDX-License-Identifier: MIT
/* trace.c: see trace.h. */
#include "cli/trace.h"

#include <stdbool.h>
#include <string.h>

#include "cli/net/api.h"

/* Whoever goes deeper than this goes round. */
#define DEPTH_MAX 32

struct print {
    const json_t *trace;
    const char *self; /* the id that was asked for */
    FILE *out;
};

static const char *id_of(const json_t *doc)
{
    const char *id = json_string_value(json_object_get(doc, "activationId"));

    return id != NULL ? id : "";
}

static const char *cause_of(const json_t *doc)
{
    const char *id = json_string_value(json_object_get(doc, "cause"));

    return id != NULL ? id : "";
}

static bool has_id(const json_t *trace, const char *id)
{
    size_t i;
    json_t *doc;

    json_array_foreach(trace, i, doc) if (strcmp(id_of(doc), id) == 0) return true;
    return false;
}

static void print_node(const struct print *p, const json_t *doc, int depth)
{
    char name[72];
    char trigger[24];
    char outcome[32];
    char sequence[72];
    const json_t *u = json_object_get(doc, "unifaas");
    double ms = json_number_value(json_object_get(u, "run_us")) / 1000;

    bool is_step = json_is_string(json_object_get(u, "sequence"));
    (void)fprintf(p->out, "  %s %*s%s %s%s%s: %s, %.2f ms, %s\n",
                  strcmp(id_of(doc), p->self) == 0 ? "*" : " ", 2 * depth, "",
                  api_text(doc, "unifaas.trigger", trigger, sizeof(trigger)),
                  api_text(doc, "name", name, sizeof(name)), is_step ? " of " : "",
                  is_step ? api_text(doc, "unifaas.sequence", sequence, sizeof(sequence)) : "",
                  api_text(doc, "unifaas.outcome", outcome, sizeof(outcome)), ms, id_of(doc));
}

/* Does the id come again later? Of an event's attempts each is there. */
static bool comes_again(const json_t *trace, size_t at)
{
    for (size_t k = at + 1; k < json_array_size(trace); k++)
        if (strcmp(id_of(json_array_get(trace, k)), id_of(json_array_get(trace, at))) == 0)
            return true;
    return false;
}

/* The next from `at` on that follows from cause; NULL: from what is not kept. */
static size_t next_below(const struct print *p, const char *cause, size_t at)
{
    for (; at < json_array_size(p->trace); at++) {
        const char *of = cause_of(json_array_get(p->trace, at));

        if (cause == NULL ? !has_id(p->trace, of) : strcmp(of, cause) == 0)
            break;
    }
    return at;
}

/* What an event led to is below its last attempt. */
static void print_tree(const struct print *p)
{
    struct {
        const char *cause;
        size_t next;
    } level[DEPTH_MAX] = {{NULL, 0}};
    int depth = 0;

    while (depth >= 0) {
        size_t at = next_below(p, level[depth].cause, level[depth].next);
        const json_t *doc = json_array_get(p->trace, at);

        if (doc == NULL) {
            depth--;
            continue;
        }
        level[depth].next = at + 1;
        print_node(p, doc, depth);
        if (id_of(doc)[0] == '\0' || comes_again(p->trace, at) || depth + 1 == DEPTH_MAX)
            continue;
        depth++;
        level[depth].cause = id_of(doc);
        level[depth].next = 0;
    }
}

void trace_print(const json_t *doc, FILE *out)
{
    struct print p = {.trace = json_object_get(doc, "trace"), .self = id_of(doc), .out = out};

    if (json_array_size(p.trace) < 2)
        return;
    (void)fprintf(out, "trace of %zu invocations, what follows below what it follows from:\n",
                  json_array_size(p.trace));
    print_tree(&p);
}
