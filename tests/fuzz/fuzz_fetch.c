// SPDX-License-Identifier: MIT
// LINK: daemon/fetch/url.c daemon/fetch/address.c daemon/fetch/outgoing.c daemon/fetch/intake.c
// LINK: daemon/gateway/headers.c
/*
 * fuzz_fetch.c: what a function asks of other services, and what those answer: a
 * URL, headers that go out, an answer that comes in.
 *
 * The first byte says which; the rest is the text. An answer's second byte is how
 * large its pieces are.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/fetch/address.h"
#include "daemon/fetch/intake.h"
#include "daemon/fetch/outgoing.h"
#include "daemon/fetch/url.h"

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void try_url(const char *text)
{
    static struct url u;
    static struct url again;
    struct sockaddr_storage a;

    if (url_parse(text, &u, NULL) < 0)
        return;
    must(strncmp(u.text, "http", 4) == 0 && strstr(u.text, "://") != NULL);
    must(u.text[u.origin] == '/' && strlen(u.text) < URL_MAX && u.port != 0);
    must(strpbrk(u.text, "\r\n\t #\\\"<>") == NULL && memchr(u.text, '@', u.origin) == NULL);
    must(u.is_address == (address_parse(u.host, &a) == 0));
    size_t path = strcspn(u.text, "?");
    char *cut = strndup(u.text, path);
    must(cut != NULL && strstr(cut, "/../") == NULL && strstr(cut, "/./") == NULL);
    free(cut);
    must(url_parse(u.text, &again, NULL) == 0 && strcmp(u.text, again.text) == 0);
    must(strcmp(u.host, again.host) == 0 && url_is_same_origin(&u, &again));
}

static void try_head(const char *text, size_t size)
{
    struct outgoing h;

    if (outgoing_read(text, size, &h, NULL) < 0)
        return;
    must(h.n <= OUTGOING_LINES_MAX && !outgoing_has(&h, "Host") &&
         !outgoing_has(&h, "content-length"));
    must(!outgoing_has(&h, "Transfer-Encoding"));
    for (size_t i = 0; i < h.n; i++)
        must(h.line[i].name[0] != '\0' && strpbrk(h.line[i].name, "\r\n: ") == NULL &&
             strpbrk(h.line[i].value, "\r\n") == NULL);
    outgoing_forget_secrets(&h);
    must(!outgoing_has(&h, "Authorization") && !outgoing_has(&h, "Cookie"));
    outgoing_fini(&h);
}

static void try_answer(const uint8_t *data, size_t size)
{
    struct intake_budget budget = {.max = 4096};
    struct intake i = {.budget = &budget, .headers_max = 512, .max = 2048};
    size_t step = data[0] + 1u;
    bool ok = true;

    for (size_t at = 1; ok && at < size; at += step) {
        size_t n = size - at < step ? size - at : step;

        ok = (at + n) % 3 != 0 ? intake_header(&i, (const char *)data + at, n)
                               : intake_body(&i, (const char *)data + at, n);
        must(i.size <= i.room && i.room <= budget.max && i.headers_size <= i.size);
        must(i.size <= i.max);
        (void)intake_has(&i, "location");
    }
    must(ok || i.is_too_large || i.is_out_of_memory);
    intake_reset(&i);
    must(budget.used == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    char *text = calloc(1, size);
    must(text != NULL);
    memcpy(text, data + 1, size - 1);
    switch (data[0] % 3) {
    case 0:
        try_url(text);
        break;
    case 1:
        try_head(text, size - 1);
        break;
    default:
        try_answer(data + 1, size - 1);
        break;
    }
    free(text);
    return 0;
}
