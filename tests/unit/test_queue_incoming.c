// SPDX-License-Identifier: MIT
// LINK: daemon/queue/incoming.c daemon/queue/head.c engine/reason.c
// LIBS: jansson libsodium
#include "daemon/queue/incoming.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

static char seen[1024];
static char keys[4][INCOMING_KEY];
static int n;
static struct uf_err err;

static int take(void *ctx, const struct incoming *i, struct uf_err *why)
{
    size_t at = strlen(seen);

    (void)why;
    (void)snprintf(seen + at, sizeof(seen) - at, "%s[%.*s]", i->head, (int)i->size,
                   (const char *)i->body);
    if (i->key != NULL && n < 4)
        memcpy(keys[n], i->key, INCOMING_KEY);
    n++;
    return n == *(const int *)ctx ? -EXDEV : 0;
}

static int lines(const char *text)
{
    int never = 0;

    seen[0] = '\0';
    n = 0;
    return incoming_lines(text, strlen(text), "", take, &never, &err);
}

static int events(const char *text)
{
    int never = 0;

    seen[0] = '\0';
    n = 0;
    return incoming_cloudevents(text, strlen(text), take, &never, &err);
}

#define CE   "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/s\",\"type\":\"t\""
#define HEAD "ce-specversion: 1.0\nce-id: 7\nce-source: /s\nce-type: t\n"

static void every_line_is_an_event(void)
{
    CHECK(lines("a\nb\n") == 0 && strcmp(seen, "[a][b]") == 0);
    CHECK(lines("a\r\n\n\r\nb") == 0 && strcmp(seen, "[a][b]") == 0);
    CHECK(lines("") == 0 && n == 0);
    CHECK(lines("\n\n") == 0 && n == 0);
}

static void who_takes_them_may_say_stop(void)
{
    int second = 2;

    seen[0] = '\0';
    n = 0;
    CHECK(incoming_lines("a\nb\nc\n", 6, "", take, &second, &err) == -EXDEV);
    CHECK(strcmp(seen, "[a][b]") == 0);
}

static void an_event_in_json_is_what_it_would_be_in_headers(void)
{
    CHECK(events(CE ",\"subject\":\"s\",\"n\":3,\"b\":true,\"nil\":null}") == 0);
    CHECK(strcmp(seen, HEAD "ce-subject: s\nce-n: 3\nce-b: true\n[]") == 0);
}

static void data_is_the_body(void)
{
    CHECK(events(CE ",\"data\":{\"a\": [1, \"x\"]}}") == 0);
    CHECK(strcmp(seen, HEAD "content-type: application/json\n[{\"a\":[1,\"x\"]}]") == 0);
    CHECK(events(CE ",\"data\":\"text\"}") == 0);
    CHECK(strstr(seen, "[\"text\"]") != NULL);
    CHECK(events(CE ",\"datacontenttype\":\"text/plain\",\"data\":\"text\"}") == 0);
    CHECK(strcmp(seen, HEAD "content-type: text/plain\n[text]") == 0);
    CHECK(events(CE ",\"data_base64\":\"AQIz\"}") == 0);
    CHECK(strcmp(seen, HEAD "[\1\2"
                            "3]") == 0);
}

static void several_are_an_array(void)
{
    CHECK(events("[" CE "}," CE "}]") == 0 && n == 2);
    CHECK(events("[]") == 0 && n == 0);
}

static void the_key_is_source_and_id(void)
{
    char a[INCOMING_KEY];
    char b[INCOMING_KEY];

    CHECK(events("[" CE "}," CE ",\"data\":1}]") == 0);
    CHECK(strcmp(keys[0], keys[1]) == 0);
    incoming_key(a, "/s", "7");
    CHECK(strcmp(keys[0], a) == 0);
    incoming_key(b, "/s7", "");
    CHECK(strcmp(a, b) != 0);
    incoming_key(b, "/s", "8");
    CHECK(strcmp(a, b) != 0);
}

static void the_key_of_a_request_is_what_is_given_or_else_source_and_id(void)
{
    char buf[INCOMING_KEY];
    char same[INCOMING_KEY];
    char long_one[INCOMING_KEY_MAX + 2];
    const char *key;

    incoming_key(same, "/s", "7");
    CHECK(incoming_request_key("k", "/s", "7", buf, &key, &err) == 0 && strcmp(key, "k") == 0);
    CHECK(incoming_request_key(NULL, "/s", "7", buf, &key, &err) == 0 && strcmp(key, same) == 0);
    CHECK(incoming_request_key(NULL, "/s", NULL, buf, &key, &err) == 0 && key == NULL);
    CHECK(incoming_request_key(NULL, NULL, "7", buf, &key, &err) == 0 && key == NULL);
    memset(long_one, 'x', sizeof(long_one) - 1);
    long_one[sizeof(long_one) - 1] = '\0';
    CHECK(incoming_request_key(long_one, NULL, NULL, buf, &key, &err) == -EINVAL);
    long_one[INCOMING_KEY_MAX] = '\0';
    CHECK(incoming_request_key(long_one, NULL, NULL, buf, &key, &err) == 0 && key == long_one);
    CHECK(incoming_request_key("", NULL, NULL, buf, &key, &err) == -EINVAL);
}

static void what_is_none_is_refused_by_its_number(void)
{
    static const char *const bad[] = {
        "",
        "{",
        "7",
        "[7]",
        "{\"id\":\"7\"}",
        "[" CE "},{}]",
        CE ",\"BAD\":\"x\"}",
        CE ",\"x\":[]}",
        CE ",\"data_base64\":7}",
        CE ",\"data_base64\":\"!\"}",
        CE ",\"id\":\"8\"}",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        err.msg[0] = '\0';
        CHECK(events(bad[i]) == -EINVAL && err.msg[0] != '\0');
    }
    CHECK(events("[" CE "},{}]") == -EINVAL && strncmp(err.msg, "event 1: ", 9) == 0 && n == 1);
}

static void no_attribute_is_a_line_of_its_own(void)
{
    CHECK(events(CE ",\"x\":\"1\\n:callback: http://evil/\"}") == 0);
    CHECK(strcmp(seen, HEAD "[]") == 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(every_line_is_an_event),
        TAP_CASE(who_takes_them_may_say_stop),
        TAP_CASE(an_event_in_json_is_what_it_would_be_in_headers),
        TAP_CASE(data_is_the_body),
        TAP_CASE(several_are_an_array),
        TAP_CASE(the_key_is_source_and_id),
        TAP_CASE(the_key_of_a_request_is_what_is_given_or_else_source_and_id),
        TAP_CASE(what_is_none_is_refused_by_its_number),
        TAP_CASE(no_attribute_is_a_line_of_its_own),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
