// SPDX-License-Identifier: MIT
/* config.c: see config.h. */
#include "daemon/config.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/control.h"
#include "base/text.h"
#include "base/units.h"
#include "daemon/fleet/slots.h"
#include "engine/yamltree.h"

#define KI UINT64_C(1024)
#define MI (KI * KI)

enum kind {
    TEXT,    /* as it is */
    BACKEND, /* auto, kvm or process */
    SIZE,    /* bytes */
    COUNT,   /* a whole number */
    FLAG,    /* true or false */
};

static const struct option_def {
    const char *name;
    const char *arg;
    enum kind kind;
    size_t at;    /* in struct config */
    size_t cap;   /* TEXT, BACKEND: bytes there */
    uint64_t min; /* SIZE, COUNT */
    uint64_t max;
    const char *help;
} defs[] = {
#define AT(field) offsetof(struct config, field), sizeof(((struct config *)0)->field)
    {"listen", "ADDR:PORT", TEXT, AT(listen), 0, 0,
     "where to serve HTTP (127.0.0.1:8080); [ADDR]:PORT for IPv6, port 0: any free one"},
    {"state-dir", "DIR", TEXT, AT(state_dir), 0, 0,
     "where functions are kept (/var/lib/unifaas, or ~/.local/state/unifaas)"},
    {"backend", "auto|kvm|process", BACKEND, AT(backend), 0, 0,
     "what isolates functions (auto: kvm where this machine has it)"},
    {"pool", "N", COUNT, AT(pool), 0, 256, "blank tenders kept ready (2)"},
    {"memory-budget", "SIZE", SIZE, AT(memory_budget), 16 * MI, UINT64_C(1) << 50,
     "memory that all instances together may reserve (half of this machine's)"},
    {"max-body", "SIZE", SIZE, AT(max_body), KI, 64 * MI, "largest body of a request (1Mi)"},
    {"queue", "N", COUNT, AT(queue), 1, 100000, "events of one function that may wait (256)"},
    {"tender", "PATH", TEXT, AT(tender), 0, 0,
     "the unifaas-tender program ($UNIFAAS_TENDER, or beside this one)"},
    {"uid-base", "N", COUNT, AT(uid_base), 1, UINT32_MAX - 2 * SLOTS_MAX,
     "started as root: first of the user ids that tenders run as (900000)"},
    {"allow-remote", NULL, FLAG, AT(allow_remote), 0, 0,
     "serve on other than loopback addresses although there is no password"},
#undef AT
};
#define NDEFS (sizeof(defs) / sizeof(defs[0]))

void config_defaults(struct config *c)
{
    *c = (struct config){.listen = "127.0.0.1:8080",
                         .backend = "auto",
                         .pool = 2,
                         .max_body = MI,
                         .queue = 256,
                         .uid_base = 900000};
    c->memory_budget = config_half_of_memory();
    config_state_dir(c->state_dir);
}

static const struct option_def *find(const char *name)
{
    for (size_t i = 0; i < NDEFS; i++)
        if (strcmp(defs[i].name, name) == 0)
            return &defs[i];
    return NULL;
}

/* ---- one value ----------------------------------------------------------------------- */

static int parse_count(const char *text, uint64_t *v)
{
    char *end;

    errno = 0;
    *v = strtoull(text, &end, 10);
    return errno != 0 || end == text || *end != '\0' || text[0] == '-' ? -EINVAL : 0;
}

static int set_number(const struct option_def *d, uint64_t *field, const char *value,
                      struct uf_err *err)
{
    char lo[UNITS_TEXT];
    char hi[UNITS_TEXT];
    uint64_t v = 0;
    int r = d->kind == SIZE ? units_parse_size(value, &v) : parse_count(value, &v);

    if (r == 0 && v >= d->min && v <= d->max) {
        *field = v;
        return 0;
    }
    if (d->kind == SIZE)
        return uf_fail(
            err, -EINVAL, "%s: \"%.40s\" is not valid; it must be a size like 512Mi, from %s to %s",
            d->name, value, units_format_size(d->min, lo), units_format_size(d->max, hi));
    return uf_fail(err, -EINVAL,
                   "%s: \"%.40s\" is not valid; it must be a whole number from %" PRIu64
                   " to %" PRIu64,
                   d->name, value, d->min, d->max);
}

static int set_flag(const struct option_def *d, bool *field, const char *value, struct uf_err *err)
{
    bool is_true = strcmp(value, "true") == 0;

    if (!is_true && strcmp(value, "false") != 0)
        return uf_fail(err, -EINVAL, "%s: \"%.40s\" is not valid; it must be true or false",
                       d->name, value);
    *field = is_true;
    return 0;
}

static int set_text(const struct option_def *d, char *field, const char *value, struct uf_err *err)
{
    if (value[0] == '\0')
        return uf_fail(err, -EINVAL, "%s: must not be empty", d->name);
    if (strlen(value) >= d->cap)
        return uf_fail(err, -EINVAL, "%s: is longer than %zu bytes", d->name, d->cap - 1);
    if (d->kind == BACKEND && strcmp(value, "auto") != 0 && strcmp(value, "kvm") != 0 &&
        strcmp(value, "process") != 0)
        return uf_fail(err, -EINVAL,
                       "%s: \"%.40s\" is not valid; it must be one of: auto, kvm, process", d->name,
                       value);
    memcpy(field, value, strlen(value) + 1);
    return 0;
}

static int unknown(const char *name, struct uf_err *err)
{
    char valid[UF_ERR_MAX];
    struct text t = text_over(valid, sizeof(valid));

    for (size_t i = 0; i < NDEFS; i++)
        text_add(&t, "%s%s", i > 0 ? ", " : "", defs[i].name);
    return uf_fail(err, -EINVAL, "unknown key \"%.40s\"; valid: %.180s", name, valid);
}

int config_set(struct config *c, const char *name, const char *value, struct uf_err *err)
{
    const struct option_def *d = find(name);

    if (d == NULL)
        return unknown(name, err);
    void *field = (char *)c + d->at;
    switch (d->kind) {
    case TEXT:
    case BACKEND:
        return set_text(d, field, value, err);
    case SIZE:
    case COUNT:
        return set_number(d, field, value, err);
    case FLAG:
        break;
    }
    return set_flag(d, field, value, err);
}

/* ---- the file -------------------------------------------------------------------------- */

static int set_pair(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    const char *text = NULL;
    int r = yamltree_text(t, value, key, &text);

    return r < 0 ? r : config_set(t->arg, key, text, t->err);
}

int config_read_yaml(struct config *c, const char *text, size_t size, const char *path,
                     struct uf_err *err)
{
    return yamltree_read(text, size, path, "a configuration", set_pair, c, err);
}

static int read_file(struct config *c, const char *path, struct uf_err *err)
{
    static char text[YAMLTREE_MAX + 1];
    FILE *f = fopen(path, "re");

    if (f == NULL)
        return uf_fail(err, -errno, "%s: %s", path, strerror(errno));
    size_t n = fread(text, 1, sizeof(text), f);
    bool is_bad = ferror(f) != 0;
    (void)fclose(f);
    if (is_bad || n > YAMLTREE_MAX)
        return uf_fail(err, -EIO, "%s: %s", path,
                       is_bad ? "cannot be read" : "is larger than 64Ki");
    return config_read_yaml(c, text, n, path, err);
}

/* ---- the command line --------------------------------------------------------------------- */

enum {
    OPT_CONFIG = 1000,
    OPT_HELP,
    OPT_VERSION,
};

static void make_options(struct option out[static NDEFS + 4])
{
    for (size_t i = 0; i < NDEFS; i++)
        out[i] = (struct option){.name = defs[i].name,
                                 .has_arg = defs[i].kind == FLAG ? no_argument : required_argument,
                                 .val = (int)i};
    out[NDEFS] = (struct option){"config", required_argument, NULL, OPT_CONFIG};
    out[NDEFS + 1] = (struct option){"help", no_argument, NULL, OPT_HELP};
    out[NDEFS + 2] = (struct option){"version", no_argument, NULL, OPT_VERSION};
    out[NDEFS + 3] = (struct option){0};
}

/* What one pass over the command line is for: the file, or everything else. */
struct pass {
    struct config *config;
    bool is_for_file;
    enum config_action *action;
};

static int take_option(const struct pass *p, int opt, const char *before, struct uf_err *err)
{
    switch (opt) {
    case OPT_CONFIG:
        return p->is_for_file ? read_file(p->config, optarg, err) : 0;
    case OPT_HELP:
    case 'h':
        *p->action = CONFIG_HELP;
        return 0;
    case OPT_VERSION:
        *p->action = CONFIG_VERSION;
        return 0;
    case '?':
        return uf_fail(err, -EINVAL, "%s is no option; see --help", before);
    case ':':
        return uf_fail(err, -EINVAL, "%s needs a value; see --help", before);
    default:
        break;
    }
    if (p->is_for_file)
        return 0;
    int r = config_set(p->config, defs[opt].name, optarg != NULL ? optarg : "true", err);
    return r < 0 ? uf_wrap(err, r, "option") : 0;
}

static int scan(const struct pass *p, int argc, char **argv, struct uf_err *err)
{
    struct option options[NDEFS + 4];
    int r = 0;
    int opt;

    make_options(options);
    optind = 0;
    opterr = 0;
    while (r == 0 && (opt = getopt_long(argc, argv, ":h", options, NULL)) != -1)
        r = take_option(p, opt, argv[optind - 1], err);
    if (r == 0 && optind < argc)
        r = uf_fail(err, -EINVAL, "%s: what is that? See --help", argv[optind]);
    return r;
}

int config_read(struct config *c, int argc, char **argv, enum config_action *action,
                struct uf_err *err)
{
    struct pass p = {.config = c, .is_for_file = true, .action = action};

    *action = CONFIG_RUN;
    int r = scan(&p, argc, argv, err);
    p.is_for_file = false;
    return r == 0 ? scan(&p, argc, argv, err) : r;
}

void config_help(void)
{
    printf("usage: unifaasd [OPTION...]\n\n"
           "Serve functions that run in unikernels over HTTP.\n\n");
    for (size_t i = 0; i < NDEFS; i++) {
        char left[64];

        (void)snprintf(left, sizeof(left), "--%s%s%s", defs[i].name, defs[i].arg ? " " : "",
                       defs[i].arg ? defs[i].arg : "");
        printf("  %-28s  %s\n", left, defs[i].help);
    }
    printf("  %-28s  %s\n  %-28s  %s\n  %-28s  %s\n\n", "--config FILE",
           "YAML with the same names as keys; options here win", "--help", "this text", "--version",
           "which version this is");
    printf("Example:\n  unifaasd --listen 127.0.0.1:8080 --state-dir ./var\n");
}
