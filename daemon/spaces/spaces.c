// SPDX-License-Identifier: MIT
/* spaces.c: see spaces.h. */
#include "daemon/spaces/spaces.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/spaces/rows.h"

/* ---- in memory ----------------------------------------------------------------------- */

/* Where it is, or would be. */
static uint32_t place(const struct spaces *s, const char *name, bool *is_there)
{
    uint32_t i = 0;

    while (i < s->n && strcmp(s->all[i].name, name) < 0)
        i++;
    *is_there = i < s->n && strcmp(s->all[i].name, name) == 0;
    return i;
}

const struct space *spaces_find(const struct spaces *s, const char *name)
{
    bool is_there;
    uint32_t i = place(s, name, &is_there);

    return is_there ? &s->all[i] : NULL;
}

/* details is taken over. */
static void put(struct spaces *s, const char *name, char *details)
{
    bool is_there;
    uint32_t i = place(s, name, &is_there);

    if (is_there) {
        free(s->all[i].details);
        s->all[i].details = details;
        return;
    }
    s->all = xresize(s->all, s->n + 1, sizeof(s->all[0]));
    memmove(&s->all[i + 1], &s->all[i], (s->n - i) * sizeof(s->all[0]));
    s->all[i] = (struct space){.details = details};
    (void)snprintf(s->all[i].name, sizeof(s->all[i].name), "%s", name);
    s->n++;
}

static void drop(struct spaces *s, const char *name)
{
    bool is_there;
    uint32_t i = place(s, name, &is_there);

    if (!is_there)
        return;
    free(s->all[i].details);
    s->n--;
    memmove(&s->all[i], &s->all[i + 1], (s->n - i) * sizeof(s->all[0]));
}

/* ---- changing -------------------------------------------------------------------------- */

struct change {
    struct store_job job;
    struct spaces *spaces;
    enum space_verb verb;
    char name[FUNCTION_NAME_MAX + 1];
    char *details; /* owned until it is in place */
    void (*done)(void *ctx, int code, const char *why);
    void *ctx;
};

static int apply(struct store_job *j, struct db *db)
{
    const struct change *c = UF_OWNER(j, struct change, job);

    switch (c->verb) {
    case SPACE_CREATE:
        return space_rows_add(db, c->name, c->details, SPACES_MAX, &j->err);
    case SPACE_UPDATE:
        return space_rows_replace(db, c->name, c->details, &j->err);
    case SPACE_REMOVE:
        break;
    }
    return space_rows_remove(db, c->name, &j->err);
}

static void on_done(struct store_job *j)
{
    struct change *c = UF_OWNER(j, struct change, job);

    if (j->code == 0 && c->verb == SPACE_REMOVE)
        drop(c->spaces, c->name);
    if (j->code == 0 && c->verb != SPACE_REMOVE) {
        put(c->spaces, c->name, c->details);
        c->details = NULL;
    }
    c->done(c->ctx, j->code, j->err.msg);
    free(c->details);
    free(c);
}

static int check(const struct space_change *what, struct uf_err *err)
{
    if (!function_name_ok(what->name))
        return uf_fail(err, -EINVAL,
                       "\"%.64s\" is no namespace's name; it must be 1 to %d of a-z, 0-9 and -",
                       what->name, FUNCTION_NAME_MAX);
    if (what->verb == SPACE_REMOVE && strcmp(what->name, FUNCTION_SPACE) == 0)
        return uf_fail(err, -EINVAL,
                       "namespace " FUNCTION_SPACE " stays: it is the one that is "
                       "meant where none is named");
    return 0;
}

int spaces_change(struct spaces *s, const struct space_change *what, struct uf_err *err)
{
    int r = check(what, err);

    if (r < 0)
        return r;
    struct change *c = calloc(1, sizeof(*c));
    char *details = strdup(what->details != NULL ? what->details : "{}");
    if (c == NULL || details == NULL) {
        free(c);
        free(details);
        return uf_fail(err, -ENOMEM, "no memory for it now");
    }
    *c = (struct change){.job = {.apply = apply, .done = on_done, .when = STORE_DURABLE},
                         .spaces = s,
                         .verb = what->verb,
                         .details = details,
                         .done = what->done,
                         .ctx = what->ctx};
    (void)snprintf(c->name, sizeof(c->name), "%s", what->name);
    worker_submit(s->worker, &c->job);
    return 0;
}

/* ---- begin and end -------------------------------------------------------------------- */

static int load_one(void *ctx, const char *name, const char *details)
{
    put(ctx, name, xcopy(details));
    return 0;
}

int spaces_open(struct spaces *s, struct db *db, struct uf_err *err)
{
    *s = (struct spaces){.worker = NULL};
    return space_rows_each(db, load_one, s, err);
}

void spaces_start(struct spaces *s, struct worker *w)
{
    s->worker = w;
}

void spaces_close(struct spaces *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        free(s->all[i].details);
    free(s->all);
    *s = (struct spaces){.worker = NULL};
}
