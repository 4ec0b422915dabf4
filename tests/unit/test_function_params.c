// SPDX-License-Identifier: MIT
// LINK: engine/function*.c engine/allow.c engine/hostcall.c engine/yamltree.c
// LIBS: jansson yaml-0.1
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/function.h"
#include "tests/tap.h"

#define TOO_LARGE                                                                                  \
    "params: more than 32768 bytes as JSON; a file of the folder, data.json say, that the script " \
    "imports may be larger"

static int parse(struct function *f, const char *params, struct uf_err *e)
{
    size_t size = strlen(params) + 64;
    char *yaml = malloc(size);

    *f = (struct function){.name = ""};
    *e = (struct uf_err){0};
    (void)snprintf(yaml, size, "params: %s\nlang: javascript\n", params);
    int r = function_parse_yaml(f, yaml, strlen(yaml), "f.yaml", e);
    free(yaml);
    return r;
}

/* Do they come to this JSON? NULL: to none. */
static bool gives(const char *params, const char *json)
{
    struct function f;
    struct uf_err e;
    int r = parse(&f, params, &e);
    bool ok = r == 0 &&
              (json == NULL ? f.params == NULL : f.params != NULL && strcmp(f.params, json) == 0);

    if (!ok)
        printf("# %d: %s\n", r, r < 0 ? e.msg : f.params);
    function_fini(&f);
    return ok;
}

static bool refused(const char *params, const char *msg)
{
    struct function f;
    struct uf_err e;
    int r = parse(&f, params, &e);

    if (r != -EINVAL || strcmp(e.msg, msg) != 0)
        printf("# %d: %s\n", r, e.msg);
    function_fini(&f);
    return r == -EINVAL && strcmp(e.msg, msg) == 0;
}

static void a_scalar_is_what_it_looks_like(void)
{
    CHECK(gives("{a: 12, b: -3, c: +4, d: 007}", "{\"a\":12,\"b\":-3,\"c\":4,\"d\":7}"));
    CHECK(gives("{a: 0x1F, b: 0o17, c: 0x, d: 0o8}",
                "{\"a\":31,\"b\":15,\"c\":\"0x\",\"d\":\"0o8\"}"));
    CHECK(gives("{a: 1.5, b: -.25, c: 2., d: 1e3, e: 2E-1}",
                "{\"a\":1.5,\"b\":-0.25,\"c\":2.0,\"d\":1000.0,\"e\":0.20000000000000001}"));
    CHECK(gives("{a: true, b: False, c: NULL, d: ~, e: }",
                "{\"a\":true,\"b\":false,\"c\":null,\"d\":null,\"e\":null}"));
    CHECK(gives(
        "{a: yes, b: off, c: tRUE, d: 1.2.3, e: 1e, f: ., g: -, h: 2024-01-02, i: 10s}",
        "{\"a\":\"yes\",\"b\":\"off\",\"c\":\"tRUE\",\"d\":\"1.2.3\",\"e\":\"1e\",\"f\":\".\","
        "\"g\":\"-\",\"h\":\"2024-01-02\",\"i\":\"10s\"}"));
    CHECK(gives("{a: 99999999999999999999}", "{\"a\":1e20}"));
}

static void what_is_in_quotes_is_a_text(void)
{
    CHECK(gives("{a: \"12\", b: 'true', c: '', d: \"\\\"\\n\\u00e9\"}",
                "{\"a\":\"12\",\"b\":\"true\",\"c\":\"\",\"d\":\"\\\"\\n\u00e9\"}"));
    CHECK(gives("\n  a: |\n    12\n  b: >-\n    1\n    2", "{\"a\":\"12\\n\",\"b\":\"1 2\"}"));
}

static void what_is_tagged_as_a_text_is_one(void)
{
    CHECK(gives("{a: !!str 1, b: ! 2, c: !<tag:yaml.org,2002:str> null, d: !!str }",
                "{\"a\":\"1\",\"b\":\"2\",\"c\":\"null\",\"d\":\"\"}"));
    CHECK(gives("{a: &x !!str 1, b: *x, c: !!str &y 1, d: &z 1, e: *z}",
                "{\"a\":\"1\",\"b\":\"1\",\"c\":\"1\",\"d\":1,\"e\":1}"));
    CHECK(gives("{\u00e9: 1, a: !!str 1, b: 1}", "{\"\u00e9\":1,\"a\":\"1\",\"b\":1}"));
}

static void lists_and_mappings_may_hold_each_other(void)
{
    CHECK(gives("{a: [1, [], {b: {}}], c: {d: [x]}}",
                "{\"a\":[1,[],{\"b\":{}}],\"c\":{\"d\":[\"x\"]}}"));
    CHECK(gives("{a: &x [1], b: *x}", "{\"a\":[1],\"b\":[1]}"));
}

static void none_are_none(void)
{
    CHECK(gives("", NULL));
    CHECK(gives("{}", NULL));
}

static void what_is_no_mapping_is_refused(void)
{
    CHECK(refused("[1]", "f.yaml:1: params must be a mapping (key: value lines), not a list"));
    CHECK(refused("text", "f.yaml:1: params must be a mapping (key: value lines), not a value"));
}

static void what_json_has_not_is_refused_with_its_line(void)
{
    CHECK(refused(
        "\n  a:\n    b: .inf",
        "f.yaml:3: params: .inf is no number that JSON has; write it in quotes, as a text"));
    CHECK(refused(
        "{a: 1e999}",
        "f.yaml:1: params: 1e999 is no number that JSON has; write it in quotes, as a text"));
    CHECK(refused(
        "{a: !!int 5}",
        "f.yaml:1: params: the tag of \"5\" is not read, only !!str; without one, what is in "
        "quotes is a text and anything else what it looks like"));
    CHECK(refused("{a: 1, a: 2}", "f.yaml:1: a is given twice, first on line 1"));
    CHECK(refused("{a: {b: 1, b: 2}}", "f.yaml:1: b is given twice, first on line 1"));
    CHECK(refused("{a: \"x\\0y\"}", "f.yaml:1: a parameter has a NUL byte"));
}

/* {"a":"xxx"} of so many bytes. */
static char *of_size(size_t size)
{
    char *text = malloc(size + 1);

    memset(text, 'x', size);
    memcpy(text, "{\"a\":\"", 6);
    memcpy(text + size - 2, "\"}", 3);
    return text;
}

static void the_bound_is_exact(void)
{
    char *most = of_size(FUNCTION_PARAMS_MAX);
    char *more = of_size(FUNCTION_PARAMS_MAX + 1);

    CHECK(gives(most, most));
    CHECK(refused(more, "f.yaml:1: " TOO_LARGE));
    free(most);
    free(more);
}

static void aliases_count_as_often_as_they_are_used(void)
{
    char text[1024] = "{a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8]";
    size_t at = strlen(text);

    for (int i = 1; i < 12; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, ", a%d: &a%d [*a%d, *a%d, *a%d, *a%d]",
                               i, i, i - 1, i - 1, i - 1, i - 1);
    (void)snprintf(text + at, sizeof(text) - at, "}");
    CHECK(refused(text, "f.yaml:1: " TOO_LARGE));
}

static void depth_has_an_end(void)
{
    char text[128] = "{a: ";

    CHECK(
        refused("{a: &x [*x]}", "f.yaml:1: params: more than 32 lists and mappings in each other"));
    for (int i = 0; i < 32; i++) {
        text[4 + i] = '[';
        text[36 + i] = ']';
    }
    text[68] = '}';
    struct function f;
    struct uf_err e;
    CHECK(parse(&f, text, &e) == 0);
    function_fini(&f);
}

static void only_a_script_has_them(void)
{
    static const struct {
        const char *yaml;
        const char *msg;
    } t[] = {
        {"params: {a: 1}\n",
         "f.yaml:1: params: only a script has them (lang: javascript); lang: c has env, for getenv()"},
        {"lang: c++\nparams: {a: 1}\n",
         "f.yaml:2: params: only a script has them (lang: javascript); lang: c++ has env, for "
         "getenv()"},
        {"params: {a: 1}\nlang: sequence\nfunctions: [x, y]\n",
         "f.yaml:1: params: makes no sense for a sequence; each of its functions has its own"},
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct function f = {.name = ""};
        struct uf_err e = {0};

        CHECK(function_parse_yaml(&f, t[i].yaml, strlen(t[i].yaml), "f.yaml", &e) == -EINVAL);
        CHECK(strcmp(e.msg, t[i].msg) == 0);
        function_fini(&f);
    }
}

/* They are in the image: what travels beside it must not promise others. */
static void they_do_not_travel(void)
{
    static const char json[] = "{\"name\":\"x\",\"lang\":\"javascript\",\"params\":{\"a\":1}}";
    struct function f;
    struct uf_err e;

    CHECK(parse(&f, "{a: 1}", &e) == 0);
    char *text = function_format_json(&f);
    CHECK(text != NULL && strstr(text, "params") == NULL);
    free(text);
    CHECK(function_set(&f, "params", "{}", &e) == -EINVAL);
    CHECK(strncmp(e.msg, "params: are a part of the image", 31) == 0);
    function_fini(&f);
    CHECK(function_parse_json(&f, json, strlen(json), &e) == -EINVAL);
    CHECK(strncmp(e.msg, "manifest: params: are a part of the image", 41) == 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_scalar_is_what_it_looks_like),
        TAP_CASE(what_is_in_quotes_is_a_text),
        TAP_CASE(what_is_tagged_as_a_text_is_one),
        TAP_CASE(lists_and_mappings_may_hold_each_other),
        TAP_CASE(none_are_none),
        TAP_CASE(what_is_no_mapping_is_refused),
        TAP_CASE(what_json_has_not_is_refused_with_its_line),
        TAP_CASE(the_bound_is_exact),
        TAP_CASE(aliases_count_as_often_as_they_are_used),
        TAP_CASE(depth_has_an_end),
        TAP_CASE(only_a_script_has_them),
        TAP_CASE(they_do_not_travel),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
