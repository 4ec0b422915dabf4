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
#include "engine/statedir.h"
#include "engine/yamltree.h"

enum kind {
    TEXT,  /* as it is */
    WORD,  /* one of those in .arg, which bars separate */
    SIZE,  /* bytes */
    TIME,  /* nanoseconds */
    COUNT, /* a whole number */
    FLAG,  /* true or false */
};

static const struct option_def {
    const char *name;
    const char *arg;
    enum kind kind;
    size_t at;    /* in struct config */
    size_t cap;   /* TEXT, WORD: bytes there */
    uint64_t min; /* SIZE, TIME, COUNT */
    uint64_t max;
    const char *help;
} defs[] = {
#define AT(field) offsetof(struct config, field), sizeof(((struct config *)0)->field)
    {"listen", "ADDR:PORT", TEXT, AT(listen), 0, 0,
     "where to serve HTTP (127.0.0.1:8080); [ADDR]:PORT for IPv6, port 0: any free one"},
    {"state-dir", "DIR", TEXT, AT(state_dir), 0, 0,
     "where functions are kept (/var/lib/unifaas, or ~/.local/state/unifaas)"},
    {"backend", "auto|kvm|process", WORD, AT(backend), 0, 0,
     "what isolates functions (auto: kvm where this machine has it)"},
    {"pool", "N", COUNT, AT(pool), 0, CONFIG_POOL_MAX, "blank tenders kept ready (2)"},
    {"memory-budget", "SIZE", SIZE, AT(memory_budget), CONFIG_BUDGET_MIN, UINT64_C(1) << 50,
     "memory that all instances together may reserve (half of this machine's)"},
    {"max-body", "SIZE", SIZE, AT(max_body), CONFIG_BODY_MIN, CONFIG_BODY_MAX,
     "largest body of a request (1Mi)"},
    {"queue", "N", COUNT, AT(queue), 1, CONFIG_QUEUE_MAX,
     "calls of one function that may wait for an instance (1024)"},
    {"max-wait", "TIME", TIME, AT(max_wait_ns), 0, CONFIG_WAIT_MAX,
     "when more come than can be served: how long a call may wait, if two of them take less "
     "(100ms)"},
    {"queue-depth", "N", COUNT, AT(queue_depth), 1, CONFIG_DEPTH_MAX,
     "events that one queue may have, and dead letters one function (1000000)"},
    {"records", "N", COUNT, AT(records), 0, CONFIG_RECORDS_MAX,
     "records of invocations to keep; 0: none (10000)"},
    {"records-size", "SIZE", SIZE, AT(records_size), CONFIG_RECORDS_SIZE_MIN,
     CONFIG_RECORDS_SIZE_MAX, "what they may take of the disk (8Mi)"},
    {"records-age", "TIME", TIME, AT(records_age_ns), CONFIG_RECORDS_AGE_MIN,
     CONFIG_RECORDS_AGE_MAX, "how long they are kept at most (168h)"},
    {"tender", "PATH", TEXT, AT(tender), 0, 0,
     "the unifaas-tender program ($UNIFAAS_TENDER, or beside this one)"},
    {"image-dir", "DIR", TEXT, AT(image_dir), 0, 0,
     "folder below which a deployment may name images by their path (none)"},
    {"ca-file", "FILE", TEXT, AT(ca_file), 0, 0,
     "certificates of authorities to trust besides the system's, for what functions ask (none)"},
    {"callback-allow", "PATTERNS", TEXT, AT(callback_allow), 0, 0,
     "URLs that callbacks may go to although their addresses are not public (none)"},
    {"uid-base", "N", COUNT, AT(uid_base), 1, UINT32_MAX - 2 * SLOTS_MAX,
     "started as root: first of the user ids that tenders run as (900000)"},
    {"no-auth", NULL, FLAG, AT(no_auth), 0, 0,
     "ask for no password: whoever can connect may deploy and read secrets' names"},
    {"allow-remote", NULL, FLAG, AT(allow_remote), 0, 0,
     "with --no-auth, serve on other than loopback addresses as well"},
#undef AT
};
#define NDEFS (sizeof(defs) / sizeof(defs[0]))

void config_defaults(struct config *c)
{
    *c = (struct config){.listen = CONFIG_LISTEN,
                         .backend = "auto",
                         .pool = CONFIG_POOL,
                         .max_body = CONFIG_BODY,
                         .queue = CONFIG_QUEUE,
                         .max_wait_ns = CONFIG_WAIT,
                         .queue_depth = CONFIG_DEPTH,
                         .uid_base = CONFIG_UID_BASE,
                         .records = CONFIG_RECORDS,
                         .records_size = CONFIG_RECORDS_SIZE,
                         .records_age_ns = CONFIG_RECORDS_AGE};
    c->memory_budget = config_half_of_memory();
    statedir_default(c->state_dir);
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
    int r = d->kind == SIZE   ? units_parse_size(value, &v)
            : d->kind == TIME ? units_parse_duration(value, &v)
                              : parse_count(value, &v);

    if (r == 0 && v >= d->min && v <= d->max) {
        *field = v;
        return 0;
    }
    if (d->kind == TIME)
        return uf_fail(
            err, -EINVAL, "%s: \"%.40s\" is not valid; it must be a time like 24h, from %s to %s",
            d->name, value, units_format_duration(d->min, lo), units_format_duration(d->max, hi));
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

/* Is it one of "auto|kvm|process"? */
static bool is_one_of(const char *words, const char *value)
{
    size_t len = strlen(value);

    for (const char *at = words; *at != '\0'; at += strcspn(at, "|"), at += *at == '|')
        if (strcspn(at, "|") == len && strncmp(at, value, len) == 0)
            return true;
    return false;
}

static int refuse_word(const struct option_def *d, const char *value, struct uf_err *err)
{
    char words[80];
    struct text t = text_over(words, sizeof(words));

    for (const char *at = d->arg; *at != '\0'; at++)
        text_add(&t, "%.*s", *at == '|' ? 2 : 1, *at == '|' ? ", " : at);
    return uf_fail(err, -EINVAL, "%s: \"%.40s\" is not valid; it must be one of: %s", d->name,
                   value, words);
}

static int set_text(const struct option_def *d, char *field, const char *value, struct uf_err *err)
{
    if (value[0] == '\0')
        return uf_fail(err, -EINVAL, "%s: must not be empty", d->name);
    if (strlen(value) >= d->cap)
        return uf_fail(err, -EINVAL, "%s: is longer than %zu bytes", d->name, d->cap - 1);
    if (d->kind == WORD && !is_one_of(d->arg, value))
        return refuse_word(d, value, err);
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
    case WORD:
        return set_text(d, field, value, err);
    case SIZE:
    case TIME:
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

/* What ends instead of serving. */
static const struct {
    const char *name;
    enum config_action action;
    const char *help;
} actions[] = {
    {"check", CONFIG_CHECK, "read all of the state directory, say what is damaged, end"},
    {"set-password", CONFIG_SET_PASSWORD, "read a password, keep its hash, and end"},
    {"help", CONFIG_HELP, "this text"},
    {"version", CONFIG_VERSION, "which version this is"},
};
#define NACTIONS (sizeof(actions) / sizeof(actions[0]))

enum {
    OPT_CONFIG = 1000,
    OPT_ACTION,
};

/* Those that are no keys of the file, and the end. */
#define NOPTIONS (NDEFS + NACTIONS + 2)

static void make_options(struct option out[static NOPTIONS])
{
    for (size_t i = 0; i < NDEFS; i++)
        out[i] = (struct option){.name = defs[i].name,
                                 .has_arg = defs[i].kind == FLAG ? no_argument : required_argument,
                                 .val = (int)i};
    for (size_t i = 0; i < NACTIONS; i++)
        out[NDEFS + i] = (struct option){actions[i].name, no_argument, NULL, OPT_ACTION + (int)i};
    out[NDEFS + NACTIONS] = (struct option){"config", required_argument, NULL, OPT_CONFIG};
    out[NDEFS + NACTIONS + 1] = (struct option){0};
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
    case 'h':
        *p->action = CONFIG_HELP;
        return 0;
    case '?':
        return uf_fail(err, -EINVAL, "%s is no option; see --help", before);
    case ':':
        return uf_fail(err, -EINVAL, "%s needs a value; see --help", before);
    default:
        break;
    }
    if (opt >= OPT_ACTION)
        *p->action = actions[opt - OPT_ACTION].action;
    if (opt >= OPT_ACTION || p->is_for_file)
        return 0;
    int r = config_set(p->config, defs[opt].name, optarg != NULL ? optarg : "true", err);
    return r < 0 ? uf_wrap(err, r, "option") : 0;
}

static int scan(const struct pass *p, int argc, char **argv, struct uf_err *err)
{
    struct option options[NOPTIONS];
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
    printf("  %-28s  %s\n", "--config FILE", "YAML with the same names as keys; options here win");
    for (size_t i = 0; i < NACTIONS; i++)
        printf("  --%-26s  %s\n", actions[i].name, actions[i].help);
    printf("\n");
    printf("Example:\n  unifaasd --listen 127.0.0.1:8080 --state-dir ./var\n");
}
