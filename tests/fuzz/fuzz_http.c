// SPDX-License-Identifier: MIT
// LINK: daemon/gateway/headers.c daemon/gateway/name.c daemon/http/query.c
// LINK: daemon/api/rfc3339.c
// LIBS: jansson
/*
 * fuzz_http.c: texts that clients and functions send: the response headers of a
 * function, the name in a URL, a query, a time, a line of log.
 *
 * The first byte says which; the rest is the text.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "daemon/api/api.h"
#include "daemon/gateway/name.h"
#include "daemon/http/query.h"

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void try_headers(char *text)
{
    struct headers_line l;
    char *at = text;
    int r;

    while ((r = headers_next(&at, &l)) != 0) {
        if (r < 0)
            continue;
        must(strpbrk(l.name, "\r\n: ") == NULL && l.name[0] != '\0');
        must(strpbrk(l.value, "\r\n") == NULL);
    }
}

static void try_name(const char *text)
{
    struct name n;

    if (name_parse(&n, text))
        must(n.function[0] != '\0' && n.space[0] != '\0' && strchr(n.space, '.') == NULL);
    must(n.path[0] == '/');
}

static void try_query(const char *text)
{
    char out[32];
    int r = query_get(text, "name", out, sizeof(out));

    must(memchr(out, '\0', sizeof(out)) != NULL || r < 0);
    size_t size = 0;
    const char *unknown = query_unknown(text, "limit name", &size);
    must(unknown == NULL || (unknown >= text && unknown + size <= text + strlen(text)));
}

static void try_time(const char *text)
{
    char again[RFC3339_TEXT];
    uint64_t ns = 0;

    if (rfc3339_parse(text, &ns) == 0)
        rfc3339_format(again, ns);
}

static void try_log(char *text, size_t size)
{
    utf8_mend(text, size, "\t");
    json_t *s = json_stringn(text, size);
    must(s != NULL);
    json_decref(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    char *text = calloc(1, size);
    must(text != NULL);
    memcpy(text, data + 1, size - 1);
    switch (data[0] % 5) {
    case 0:
        try_headers(text);
        break;
    case 1:
        try_name(text);
        break;
    case 2:
        try_query(text);
        break;
    case 3:
        try_time(text);
        break;
    default:
        try_log(text, size - 1);
        break;
    }
    free(text);
    return 0;
}
