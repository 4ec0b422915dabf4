// SPDX-License-Identifier: MIT
// LINK: cli/stack.c cli/expand.c cli/files.c cli/cli.c
// LINK: engine/function*.c engine/allow.c engine/hostcall.c engine/yamltree.c
// LIBS: jansson yaml-0.1
#include "cli/stack.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/files.h"
#include "tests/tap.h"

static char seen[256]; /* what was ignored: "function.key " */

static void on_ignored(const char *function, const char *key)
{
    size_t at = strlen(seen);

    (void)snprintf(seen + at, sizeof(seen) - at, "%s.%s ", function, key);
}

/* Read a text through a file in a folder of its own. */
static int read_text(struct stack *s, const char *text, struct uf_err *err)
{
    char dir[] = "/tmp/unifaas-stack-XXXXXX";
    char path[64];
    int r = -EIO;
    FILE *f = NULL;

    seen[0] = '\0';
    if (mkdtemp(dir) == NULL)
        return r;
    (void)snprintf(path, sizeof(path), "%s/s.yaml", dir);
    f = fopen(path, "w");
    if (f != NULL && fputs(text, f) >= 0 && fclose(f) == 0)
        r = stack_read(s, path, on_ignored, err);
    (void)unlink(path);
    (void)rmdir(dir);
    return r;
}

static bool refused(const char *text, const char *words)
{
    struct stack s = {.n = 77};
    struct uf_err e = {0};
    int r = read_text(&s, text, &e);

    if (r == -EINVAL && strstr(e.msg, words) != NULL && s.n == 77)
        return true;
    printf("# %d: %s\n", r, e.msg);
    return false;
}

static void every_key_is_read(void)
{
    struct stack s = {0};
    struct uf_err e = {0};

    CHECK(read_text(&s,
                    "version: 1.0\n"
                    "provider: {name: openfaas, gateway: 'http://b:1'}\n"
                    "functions:\n"
                    "  one:\n"
                    "    lang: c++\n"
                    "    handler: ./dir\n"
                    "    image: ignored/for:handlers\n"
                    "    environment: {A: 1, B: two}\n"
                    "    limits: {memory: 16Mi, cpu: 100m}\n"
                    "    labels: {l: x}\n"
                    "    annotations: {n: y}\n"
                    "    secrets: [token, db.password]\n"
                    "    skip_build: true\n"
                    "  two:\n"
                    "    image: /abs/two.img\n",
                    &e) == 0);
    CHECK(s.n == 2);
    if (s.n != 2)
        return;
    CHECK(strcmp(s.gateway, "http://b:1") == 0);
    const struct stack_function *f = &s.functions[0];
    CHECK(strcmp(f->name, "one") == 0 && strcmp(f->lang, "c++") == 0);
    /* relative to the file, which lay in /tmp/unifaas-stack-XXXXXX */
    CHECK(strncmp(f->path, "/tmp/unifaas-stack-", 19) == 0 &&
          strcmp(strrchr(f->path, '/'), "/dir") == 0);
    CHECK(strcmp(f->memory, "16Mi") == 0);
    CHECK(f->env.n == 2 && strcmp(f->env.at[1].name, "B") == 0 &&
          strcmp(f->env.at[1].value, "two") == 0);
    CHECK(f->labels.n == 1 && f->annotations.n == 1);
    CHECK(f->secrets.n == 2 && strcmp(f->secrets.at[1], "db.password") == 0);
    CHECK(strcmp(s.functions[1].path, "/abs/two.img") == 0);
    CHECK(strcmp(seen, "one.limits.cpu one.skip_build ") == 0);
    stack_fini(&s);
}

static void mistakes_are_refused_with_their_line(void)
{
    CHECK(refused("function: {}\n", ":1: unknown key \"function\"; valid keys: version"));
    CHECK(refused("provider:\n  url: x\n", ":2: unknown key \"url\" in provider"));
    CHECK(refused("functions:\n  a:\n    handler: x\n    frob: y\n", ":4: unknown key \"frob\""));
    CHECK(refused("functions:\n  a:\n    limits: {gpu: 1}\n", ":3: unknown key \"gpu\" in limits"));
    CHECK(refused("functions:\n  a:\n    handler: x\n    secrets: [S]\n",
                  ":4: secrets: \"S\" is not a secret's name"));
    CHECK(refused("functions:\n  A_b:\n    handler: x\n", ":2: \"A_b\" is not a function's name"));
    CHECK(refused("functions:\n  a:\n",
                  ":2: a: neither handler (a folder) nor image (a file or a hash)"));
    CHECK(refused("functions:\n  a:\n    lang: cobol\n    handler: x\n",
                  ":2: a: nothing here builds \"cobol\"; give "));
    CHECK(refused("functions:\n  a:\n    handler: x\n    environment_file: [e]\n",
                  ":4: environment_file is not read; "));
    CHECK(refused("functions: [a]\n", ":1: functions must be a mapping"));
    CHECK(refused("functions:\n  a: {handler: [x]}\n", ":2: handler must be a single value"));
    CHECK(refused("functions:\n  a: {handler: x}\n  a: {handler: y}\n", "a is given twice"));
    CHECK(refused("", "no functions in it"));
    CHECK(refused("functions:\n", "no functions in it"));
}

#define H64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* The hash that the daemon is given for an image that is no file, or NULL. */
static bool goes_as_hash(const char *image, bool want)
{
    struct stack s = {0};
    struct uf_err e = {0};
    char text[256];

    (void)snprintf(text, sizeof(text), "functions:\n  a:\n    image: \"%s\"\n", image);
    if (read_text(&s, text, &e) < 0)
        return false;
    const char *hash = s.functions[0].hash;
    bool ok = want ? hash != NULL && strcmp(hash, image) == 0 && s.functions[0].path == NULL
                   : hash == NULL && s.functions[0].path != NULL;
    stack_fini(&s);
    return ok;
}

static void what_looks_like_a_hash_goes_to_the_daemon_as_it_is(void)
{
    CHECK(goes_as_hash("sha256:" H64, true));
    CHECK(goes_as_hash(H64, true));
    CHECK(goes_as_hash("01234567", true));
    CHECK(goes_as_hash("sha256:01234567", true));
    CHECK(goes_as_hash("x/y@sha256:" H64, true));
    CHECK(goes_as_hash("0123456", false));
    CHECK(goes_as_hash("0123456G", false));
    CHECK(goes_as_hash(H64 "0", false));
    CHECK(goes_as_hash("x/y@sha256:01234567", false));
    CHECK(goes_as_hash("x/y@" H64, false));
    CHECK(goes_as_hash("ghcr.io/x/y:latest", false));
}

static void variables_in_values_are_replaced(void)
{
    struct stack s = {0};
    struct uf_err e = {0};

    (void)setenv("UF_SET", "v", 1);
    (void)setenv("UF_EMPTY", "", 1);
    (void)unsetenv("UF_UNSET");
    CHECK(read_text(&s,
                    "functions:\n"
                    "  a:\n"
                    "    handler: /${UF_SET}/x\n"
                    "    namespace: ${UF_UNSET:-lab}\n"
                    "    secrets: ['${UF_SET}1']\n"
                    "    environment:\n"
                    "      A: a${UF_SET}b${UF_SET}\n"
                    "      B: '${UF_UNSET}'\n"
                    "      C: '${UF_UNSET:-7}${UF_EMPTY:-8}${UF_SET:-9}${UF_UNSET:-}'\n"
                    "      D: 'x$y$${UF_SET}$$ $'\n",
                    &e) == 0);
    if (s.n != 1)
        return;
    const struct stack_function *f = &s.functions[0];
    CHECK(strcmp(f->path, "/v/x") == 0 && strcmp(f->space, "lab") == 0);
    CHECK(strcmp(f->secrets.at[0], "v1") == 0);
    CHECK(f->env.n == 4 && strcmp(f->env.at[0].value, "avbv") == 0);
    CHECK(strcmp(f->env.at[1].value, "") == 0);
    CHECK(strcmp(f->env.at[2].value, "78v") == 0);
    CHECK(strcmp(f->env.at[3].value, "x$y${UF_SET}$ $") == 0);
    stack_fini(&s);
}

static void a_setting_that_is_empty_is_none(void)
{
    struct stack s = {0};
    struct uf_err e = {0};

    (void)unsetenv("UF_UNSET");
    CHECK(refused("functions:\n  a: {image: '${UF_UNSET}'}\n", "neither handler"));
    CHECK(read_text(&s,
                    "provider: {gateway: '${UF_UNSET}'}\n"
                    "functions:\n"
                    "  a: {handler: x, image: '', lang: '', namespace: '', limits: {memory: ''}}\n",
                    &e) == 0);
    if (s.n != 1)
        return;
    CHECK(s.gateway == NULL && s.functions[0].lang == NULL && s.functions[0].space == NULL &&
          s.functions[0].memory == NULL);
    stack_fini(&s);
}

static void what_looks_like_a_variable_and_is_none_is_refused(void)
{
    static const char *const all[] = {"${}",     "${A",      "${A:-b",     "${1}",
                                      "${A:=b}", "${A/b/c}", "${A:-${B}}", "${A-b}"};
    char text[128];

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        (void)snprintf(text, sizeof(text),
                       "functions:\n  a:\n    handler: x\n    environment: {E: '%s'}\n", all[i]);
        CHECK(refused(text, ":4: \"${"));
    }
    (void)setenv("UF_BYTES", "\xff", 1);
    CHECK(refused("functions:\n  a: {handler: '${UF_BYTES}'}\n",
                  ":2: the variable UF_BYTES is not UTF-8"));
}

static void what_is_of_container_builds_is_named_and_ignored(void)
{
    struct stack s = {0};
    struct uf_err e = {0};

    CHECK(read_text(&s,
                    "configuration: {templates: [{name: x}]}\n"
                    "functions:\n"
                    "  a: {lang: node18, image: 'sha256:01234567'}\n"
                    "  b: {lang: dockerfile, handler: ./b, image: '01234567'}\n",
                    &e) == 0);
    if (s.n != 2)
        return;
    CHECK(s.functions[0].lang == NULL && s.functions[1].lang == NULL);
    CHECK(s.functions[1].hash != NULL && strcmp(s.functions[1].hash, "01234567") == 0 &&
          s.functions[1].path == NULL);
    CHECK(strstr(seen, "/s.yaml.configuration a.lang b.handler b.lang ") != NULL);
    stack_fini(&s);
}

static void too_many_functions_are_refused(void)
{
    static char text[16384] = "functions:\n";
    size_t at = strlen(text);

    for (int i = 0; i < 257; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "  f%d: {handler: x}\n", i);
    CHECK(refused(text, "more than 256 functions"));
}

static void a_file_that_is_not_there_is_told(void)
{
    struct stack s;
    struct uf_err e = {0};

    CHECK(stack_read(&s, "/nowhere/stack.yaml", on_ignored, &e) == -ENOENT);
    CHECK(strncmp(e.msg, "/nowhere/stack.yaml: ", 21) == 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(every_key_is_read),
        TAP_CASE(mistakes_are_refused_with_their_line),
        TAP_CASE(what_looks_like_a_hash_goes_to_the_daemon_as_it_is),
        TAP_CASE(variables_in_values_are_replaced),
        TAP_CASE(a_setting_that_is_empty_is_none),
        TAP_CASE(what_looks_like_a_variable_and_is_none_is_refused),
        TAP_CASE(what_is_of_container_builds_is_named_and_ignored),
        TAP_CASE(too_many_functions_are_refused),
        TAP_CASE(a_file_that_is_not_there_is_told),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
