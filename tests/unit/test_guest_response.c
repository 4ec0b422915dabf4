// SPDX-License-Identifier: MIT
/* test_guest_response.c: how a function builds its response. */
// LINK: guest/core/response.c
#include <stdlib.h>
#include <string.h>

#include "guest/core/core.h"
#include "guest/core/response.h"
#include "guest/include/unifaas.h"
#include "tests/tap.h"

static struct uf_response r;
static char logged[1024];

/* What response.c asks of the rest of the library OS. */
void uf_log_bytes(const void *data, size_t size)
{
    size_t n = strlen(logged);

    if (size < sizeof(logged) - n)
        memcpy(logged + n, data, size);
}

void uf_log_fresh_line(void)
{
}

void uf_message_add(struct uf_message *m, const char *text)
{
    size_t n = strlen(text);

    CHECK(m->size + n < sizeof(m->text));
    memcpy(m->text + m->size, text, n + 1);
    m->size += n;
}

const char *uf_code_text(int code)
{
    return code == UF_INVALID ? "invalid" : "other";
}

static void begin(void)
{
    memset(logged, 0, sizeof(logged));
    response_init(&r);
}

static void end(void)
{
    (void)uf_respond_body(&r, "", 0); /* frees what was allocated */
}

static int body_is(const char *want)
{
    return r.body_size == strlen(want) && memcmp(r.body, want, r.body_size) == 0;
}

static void pieces_are_put_together_beyond_the_small_buffer(void)
{
    begin();
    for (unsigned i = 0; i < 1000; i++)
        CHECK(uf_respond_printf(&r, "%03u,", i) == UF_OK);
    CHECK(uf_respond_text(&r, "end") == UF_OK);
    CHECK(uf_respond_write(&r, "!", 1) == UF_OK);
    CHECK(r.body_size == 4004);
    CHECK(memcmp(r.body, "000,001,", 8) == 0);
    CHECK(memcmp(r.body + 3996, "999,end!", 8) == 0);
    end();
}

static void a_long_formatted_text_is_whole(void)
{
    static char text[3000];

    memset(text, 't', sizeof(text) - 1);
    begin();
    CHECK(uf_respond_text(&r, "<") == UF_OK);
    CHECK(uf_respond_printf(&r, "%s>", text) == UF_OK);
    CHECK(r.body_size == sizeof(text) + 1);
    CHECK(r.body[0] == '<' && r.body[1] == 't' && r.body[sizeof(text)] == '>');
    end();
}

static void a_body_replaces_what_was_there(void)
{
    static char large[2000];

    begin();
    CHECK(uf_respond_text(&r, "old") == UF_OK);
    CHECK(uf_respond_body(&r, "new", 3) == UF_OK);
    CHECK(body_is("new"));
    CHECK(uf_respond_body(&r, large, sizeof(large)) == UF_OK);
    CHECK(r.body_size == sizeof(large) && r.body != large);
    CHECK(uf_respond_body(&r, r.body, 100) == UF_OK); /* a part of itself */
    CHECK(r.body_size == 100);
    CHECK(uf_respond_text(&r, "more") == UF_OK);
    CHECK(r.body_size == 104);
    end();
}

static void a_borrowed_body_is_not_copied_until_it_grows(void)
{
    static const char text[] = "borrowed";

    begin();
    CHECK(uf_respond_borrow(&r, text, 8) == UF_OK);
    CHECK(r.body == text && r.body_size == 8);
    CHECK(uf_respond_text(&r, " and more") == UF_OK);
    CHECK(body_is("borrowed and more"));
    CHECK(strcmp(text, "borrowed") == 0);
    end();
}

static void memory_of_the_guests_stack_is_not_borrowed(void)
{
    uint64_t top = UF_IMAGE_BASE - 1;
    uint64_t low = UF_DOOR_BASE + UF_DOOR_SIZE;

    begin();
    CHECK(uf_respond_borrow(&r, (const void *)(uintptr_t)top, 1) == UF_INVALID);
    CHECK(uf_respond_borrow(&r, (const void *)(uintptr_t)low, 1) == UF_INVALID);
    CHECK(uf_respond_borrow(&r, (const void *)(uintptr_t)UF_IMAGE_BASE, 1) == UF_OK);
    CHECK(uf_respond_borrow(&r, (const void *)(uintptr_t)UF_EVENT_BASE, 1) == UF_OK);
    end();
}

static void headers_become_lines(void)
{
    begin();
    CHECK(uf_respond_header(&r, "X-One", "a\tb") == UF_OK);
    CHECK(uf_respond_header(&r, "X-Two", "") == UF_OK);
    CHECK(r.headers_size == 19);
    CHECK(memcmp(r.headers, "X-One: a\tb\nX-Two: \n", 19) == 0);
}

static void headers_that_could_forge_others_are_refused(void)
{
    static const char *const bad[][2] = {
        {"", "v"},        {"a b", "v"},   {"a:", "v"},    {"a\n", "v"},  {"\xc3\xa4", "v"},
        {"a", "v\r\nb:"}, {"a", "v\nb:"}, {"a", "v\x7f"}, {"a", "\x01"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        begin();
        CHECK(uf_respond_header(&r, bad[i][0], bad[i][1]) == UF_INVALID);
        CHECK(r.headers_size == 0);
    }
    begin();
    CHECK(uf_respond_header(&r, "a", NULL) == UF_INVALID);
    CHECK(uf_respond_header(&r, NULL, "v") == UF_INVALID);
}

static void headers_fill_their_limit_and_no_more(void)
{
    static char value[UF_HEADERS_MAX];

    memset(value, 'v', UF_HEADERS_MAX - 4);
    begin();
    CHECK(uf_respond_header(&r, "a", value) == UF_OK);
    CHECK(r.headers_size == UF_HEADERS_MAX);
    CHECK(uf_respond_header(&r, "b", "") == UF_TOO_LARGE);
    begin();
    CHECK(uf_respond_header(&r, "ab", value) == UF_TOO_LARGE);
    CHECK(r.headers_size == 0);
}

static void statuses_are_those_of_http(void)
{
    begin();
    CHECK(uf_respond_status(&r, 100) == UF_OK && r.status == 100);
    CHECK(uf_respond_status(&r, 599) == UF_OK && r.status == 599);
    CHECK(uf_respond_status(&r, 99) == UF_INVALID && r.status == 599);
    CHECK(uf_respond_status(&r, 600) == UF_INVALID);
    CHECK(uf_respond_status(&r, -200) == UF_INVALID);
}

static void the_first_failure_is_what_the_invocation_returns(void)
{
    begin();
    CHECK(response_judge(&r, 0) == 0);
    CHECK(response_judge(&r, 7) == 7);
    (void)uf_respond_status(&r, 1);
    (void)uf_respond_write(&r, NULL, 5);
    CHECK(response_judge(&r, 0) == UF_INVALID);
    CHECK(strstr(logged, "uf_respond_status: invalid\n") != NULL);
    CHECK(response_judge(&r, 7) == 7);
}

static void sizes_that_overflow_are_no_memory(void)
{
    begin();
    CHECK(uf_respond_text(&r, "kept") == UF_OK);
    CHECK(uf_respond_write(&r, "x", SIZE_MAX) == UF_NO_MEMORY);
    CHECK(uf_respond_write(&r, "x", SIZE_MAX / 2) == UF_NO_MEMORY);
    CHECK(body_is("kept"));
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(pieces_are_put_together_beyond_the_small_buffer),
        TAP_CASE(a_long_formatted_text_is_whole),
        TAP_CASE(a_body_replaces_what_was_there),
        TAP_CASE(a_borrowed_body_is_not_copied_until_it_grows),
        TAP_CASE(memory_of_the_guests_stack_is_not_borrowed),
        TAP_CASE(headers_become_lines),
        TAP_CASE(headers_that_could_forge_others_are_refused),
        TAP_CASE(headers_fill_their_limit_and_no_more),
        TAP_CASE(statuses_are_those_of_http),
        TAP_CASE(the_first_failure_is_what_the_invocation_returns),
        TAP_CASE(sizes_that_overflow_are_no_memory),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
