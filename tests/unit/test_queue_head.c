// SPDX-License-Identifier: MIT
// LINK: daemon/queue/head.c
#include "daemon/queue/head.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

static struct event_header headers[4];
static char copy[256];

static struct head parse(const char *text)
{
    struct head h;

    (void)snprintf(copy, sizeof(copy), "%s", text);
    head_parse(&h, copy, headers, 4);
    return h;
}

static bool is(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void an_empty_head_is_as_usual(void)
{
    struct head h = parse("");

    CHECK(is(h.trigger, "queue") && is(h.method, "POST") && is(h.path, "/") && is(h.query, ""));
    CHECK(h.cause == NULL && h.callback == NULL && h.step == NULL && h.nheaders == 0);
}

static void what_was_added_is_what_is_parsed(void)
{
    struct head_text t = {.text = NULL};

    head_add_member(&t, "trigger", "async");
    head_add_member(&t, "path", "/a: b");
    head_add_member(&t, "query", "x=1:2");
    head_add_member(&t, "cause", "c");
    head_add_member(&t, "callback", "http://host:1/");
    head_add_member(&t, "step", "2");
    head_add(&t, "Content-Type", "text/plain; a: b");
    head_add(&t, "x-empty", "");
    struct head h = parse(head_string(&t));
    CHECK(is(h.trigger, "async") && is(h.path, "/a: b") && is(h.query, "x=1:2") &&
          is(h.cause, "c") && is(h.callback, "http://host:1/") && is(h.step, "2"));
    CHECK(h.nheaders == 2);
    CHECK(is(headers[0].name, "Content-Type") && is(headers[0].value, "text/plain; a: b"));
    CHECK(is(headers[1].name, "x-empty") && is(headers[1].value, ""));
    head_text_free(&t);
}

static void what_is_as_usual_takes_no_room(void)
{
    struct head_text t = {.text = NULL};

    head_add_member(&t, "trigger", "queue");
    head_add_member(&t, "method", "POST");
    head_add_member(&t, "path", "/");
    head_add_member(&t, "query", "");
    head_add_member(&t, "cause", NULL);
    head_add(&t, "x", NULL);
    CHECK(is(head_string(&t), ""));
    head_text_free(&t);
}

static void no_value_can_make_a_line_of_its_own(void)
{
    struct head_text t = {.text = NULL};

    head_add(&t, "x", "1\n:callback: http://evil/");
    head_add(&t, "x\n:callback", "http://evil/");
    head_add(&t, ":callback", "http://evil/");
    head_add(&t, "", "http://evil/");
    head_add(&t, "a: :callback", "http://evil/");
    head_add_member(&t, "path", "/\n:callback: http://evil/");
    head_add(&t, "y", "2");
    CHECK(is(head_string(&t), "y: 2\n"));
    head_text_free(&t);
}

static void headers_beyond_the_room_are_counted(void)
{
    struct head h = parse("a: 1\nb: 2\nc: 3\nd: 4\ne: 5\n");

    CHECK(h.nheaders == 5 && is(headers[3].name, "d"));
}

static void lines_that_make_no_sense_are_passed_over(void)
{
    struct head h = parse("\n\n:\n: \nx\n:new: thing\na:b\na: 1");

    CHECK(h.nheaders == 1 && is(headers[0].name, "a") && is(headers[0].value, "1"));
}

static void a_header_is_found_in_the_text(void)
{
    static const char text[] = ":path: /\nContent-Type: text/plain\nx: 1";
    size_t size = 0;
    const char *v = head_find(text, "content-type", &size);

    CHECK(v != NULL && size == 10 && strncmp(v, "text/plain", 10) == 0);
    v = head_find(text, "x", &size);
    CHECK(v != NULL && size == 1 && *v == '1');
    CHECK(head_find(text, "y", &size) == NULL && head_find("", "y", &size) == NULL);
    CHECK(head_find(text, "content", &size) == NULL);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(an_empty_head_is_as_usual),
        TAP_CASE(what_was_added_is_what_is_parsed),
        TAP_CASE(what_is_as_usual_takes_no_room),
        TAP_CASE(no_value_can_make_a_line_of_its_own),
        TAP_CASE(headers_beyond_the_room_are_counted),
        TAP_CASE(lines_that_make_no_sense_are_passed_over),
        TAP_CASE(a_header_is_found_in_the_text),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
