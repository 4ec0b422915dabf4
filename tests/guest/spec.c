// SPDX-License-Identifier: MIT
/* spec.c: see spec.h. */
#include "tests/guest/spec.h"

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX 65536u

/* A file as a string; "" when it is missing and may be. */
static char *read_text(const char *dir, const char *name, bool must)
{
    char path[512];
    char *text = calloc(1, FILE_MAX);

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "re");
    if (text == NULL || (f == NULL && must))
        err(1, "%s", path);
    if (f != NULL) {
        if (fread(text, 1, FILE_MAX - 1, f) == FILE_MAX - 1)
            errx(1, "%s: too long", path);
        (void)fclose(f);
    }
    return text;
}

/* \n, \\ and \xHH, in place. Returns the size. */
static size_t unescape(char *s)
{
    const char *from = s;
    char *to = s;

    while (*from != '\0') {
        char hex[3] = "";

        if (from[0] == '\\' && from[1] == 'x' && from[2] != '\0') {
            memcpy(hex, from + 2, 2);
            *to++ = (char)strtoul(hex, NULL, 16);
            from += 4;
        } else if (from[0] == '\\' && from[1] != '\0') {
            *to++ = from[1] == 'n' ? '\n' : from[1];
            from += 2;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return (size_t)(to - s);
}

/* The next line's key and value; NULL at the end. Comments are skipped. */
static char *next_line(char **text, char **value)
{
    char *line;

    while ((line = strsep(text, "\n")) != NULL) {
        if (*line == '\0' || *line == '#')
            continue;
        *value = strchr(line, ' ');
        if (*value == NULL)
            *value = line + strlen(line);
        else
            *(*value)++ = '\0';
        return line;
    }
    return NULL;
}

static bool set_limit(struct spec *s, const char *key, unsigned long n)
{
    if (strcmp(key, "memory") == 0)
        s->limits.memory = n;
    else if (strcmp(key, "timeout") == 0)
        s->limits.timeout_ns = n * 1000000;
    else if (strcmp(key, "cpu") == 0)
        s->limits.cpu_ns = n * 1000000;
    else if (strcmp(key, "log") == 0)
        s->limits.log_max = (uint32_t)n;
    else if (strcmp(key, "response") == 0)
        s->limits.body_max = (uint32_t)n;
    else if (strcmp(key, "calls") == 0)
        s->limits.host_calls = (uint32_t)n;
    else if (strcmp(key, "keep") == 0)
        s->limits.keep_memory = (uint32_t)n;
    else if (strcmp(key, "repeat") == 0)
        s->repeat = (unsigned)n;
    else
        return false;
    return true;
}

static void add_header(struct spec *s, char *value)
{
    char *colon = strchr(value, ':');

    if (colon == NULL || s->event.nheaders == SPEC_HEADERS)
        errx(1, "header %s: no colon, or too many", value);
    *colon = '\0';
    const char *text = colon + 1 + strspn(colon + 1, " ");
    s->headers[s->event.nheaders++] = (struct event_header){value, text};
}

static void add_env(struct spec *s, const char *value)
{
    size_t n = strlen(value) + 1;

    if (n > sizeof(s->env) - s->env_size)
        errx(1, "env %s: too much", value);
    memcpy(s->env + s->env_size, value, n);
    s->env_size += (unsigned)n;
}

/* Cut "@N" off a key. Returns N, or 0 when there is none. */
static unsigned take_number(const char *dir, char *key)
{
    char *at = strchr(key, '@');

    if (at == NULL)
        return 0;
    *at = '\0';
    unsigned long n = strtoul(at + 1, NULL, 10);
    if (n == 0 || n > SPEC_EVENTS)
        errx(1, "%s: %s@%s: events are counted from 1 to %u", dir, key, at + 1, SPEC_EVENTS);
    return (unsigned)n;
}

static void set_body(struct spec *s, unsigned nr, char *text)
{
    size_t size = unescape(text);

    if (nr == 0) {
        s->event.body = text;
        s->event.body_size = size;
        return;
    }
    s->body[nr - 1].text = text;
    s->body[nr - 1].size = size;
    if (nr > s->repeat)
        s->repeat = nr;
}

static void set_fill(struct spec *s, const char *value)
{
    size_t n = strtoul(value, NULL, 10);

    s->fill = malloc(n);
    if (s->fill == NULL)
        err(1, "fill %s", value);
    memset(s->fill, 'f', n);
    s->event.body = s->fill;
    s->event.body_size = n;
}

static void read_event(struct spec *s, const char *dir)
{
    char *rest = s->event_text;
    char *key;
    char *value;

    while ((key = next_line(&rest, &value)) != NULL) {
        unsigned nr = take_number(dir, key);

        if (nr != 0 && strcmp(key, "body") != 0)
            errx(1, "%s/event: only a body can be that of one event", dir);
        if (strcmp(key, "method") == 0)
            s->event.method = value;
        else if (strcmp(key, "path") == 0)
            s->event.path = value;
        else if (strcmp(key, "query") == 0)
            s->event.query = value;
        else if (strcmp(key, "header") == 0)
            add_header(s, value);
        else if (strcmp(key, "body") == 0)
            set_body(s, nr, value);
        else if (strcmp(key, "image") == 0)
            s->image = value;
        else if (strcmp(key, "fill") == 0)
            set_fill(s, value);
        else if (strcmp(key, "env") == 0)
            add_env(s, value);
        else if (!set_limit(s, key, strtoul(value, NULL, 10)))
            errx(1, "%s/event: unknown key %s", dir, key);
    }
}

static void check_key(const char *dir, const char *key)
{
    static const char *const keys[] = {"boot",  "outcome",  "status", "http",    "body",
                                       "size",  "header",   "log",    "message", "nolog",
                                       "pages", "distinct", "varies"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(keys[i], key) == 0)
            return;
    errx(1, "%s/expect: unknown key %s", dir, key);
}

static void read_expect(struct spec *s, const char *dir)
{
    char *rest = s->expect_text;
    char *key;
    char *value;

    if (strncmp(rest, "# ", 2) != 0)
        errx(1, "%s/expect: the first line is no sentence", dir);
    s->sentence = strsep(&rest, "\n") + 2;
    while ((key = next_line(&rest, &value)) != NULL) {
        unsigned nr = take_number(dir, key);

        if (s->nexpect == SPEC_LINES)
            errx(1, "%s/expect: more than %d lines", dir, SPEC_LINES);
        check_key(dir, key);
        (void)unescape(value);
        s->expect[s->nexpect++] = (struct line){key, value, nr};
    }
}

void spec_load(struct spec *s, const char *dir)
{
    *s = (struct spec){
        .event = {.id = "conformance-1",
                  .trigger = "test",
                  .method = "POST",
                  .path = "/",
                  .query = "",
                  .body = "",
                  .attempt = 1},
        .limits = {.memory = UINT64_C(8) << 20,
                   .timeout_ns = UINT64_C(5) * 1000000000,
                   .cpu_ns = UINT64_C(5) * 1000000000,
                   .event_max = 1u << 20,
                   .log_max = 65536,
                   .body_max = 1u << 20,
                   .host_calls = 1000,
                   .effects_max = UF_EFFECTS_NONE},
        .repeat = 2,
    };
    s->event_text = read_text(dir, "event", false);
    s->expect_text = read_text(dir, "expect", true);
    read_event(s, dir);
    read_expect(s, dir);
    if (s->repeat == 0 || s->repeat > SPEC_EVENTS)
        errx(1, "%s/event: repeat is from 1 to %u", dir, SPEC_EVENTS);
    s->event.headers = s->headers;
    s->event.timeout_ns = s->limits.timeout_ns;
}

void spec_fini(struct spec *s)
{
    free(s->event_text);
    free(s->expect_text);
    free(s->fill);
}

struct event spec_event(const struct spec *s, unsigned nr)
{
    struct event e = s->event;

    if (s->body[nr - 1].text != NULL) {
        e.body = s->body[nr - 1].text;
        e.body_size = s->body[nr - 1].size;
    }
    return e;
}

const char *spec_find(const struct spec *s, const char *key, unsigned event, const char *otherwise)
{
    for (unsigned i = 0; i < s->nexpect; i++)
        if (strcmp(s->expect[i].key, key) == 0 &&
            (s->expect[i].event == 0 || s->expect[i].event == event))
            return s->expect[i].value;
    return otherwise;
}
