// SPDX-License-Identifier: MIT
/* pack.c: see pack.h. */
#include "daemon/store/pack.h"

#include <stdbool.h>
#include <string.h>

#define HEX_MAX 64u /* bytes that are packed at most */

/* How a form looks: x is a digit, anything else is itself. */
static const char uuid_form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
static const char trace_form[] = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The digits of text, which has this form, as bytes. False: it has not. */
static bool pack(const char *text, const char *form, uint8_t *out)
{
    size_t n = 0;

    for (; *form != '\0'; form++, text++) {
        int d = *form == 'x' ? digit(*text) : *form == *text ? 0 : -1;

        if (d < 0)
            return false;
        if (*form != 'x')
            continue;
        out[n / 2] = (uint8_t)(n % 2 == 0 ? d << 4 : out[n / 2] | d);
        n++;
    }
    return *text == '\0';
}

static void unpack(const uint8_t *bytes, const char *form, char *out, size_t cap)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;
    size_t len = 0;

    for (; *form != '\0' && len + 1 < cap; form++) {
        char c = *form;

        if (c == 'x') {
            c = digits[n % 2 == 0 ? bytes[n / 2] >> 4 : bytes[n / 2] & 15];
            n++;
        }
        out[len++] = c;
    }
    out[len] = '\0';
}

static void bind(sqlite3_stmt *st, int at, const char *text, const char *form, size_t size)
{
    uint8_t bytes[HEX_MAX];

    if (text[0] == '\0')
        (void)sqlite3_bind_null(st, at);
    else if (form != NULL && pack(text, form, bytes))
        (void)sqlite3_bind_blob(st, at, bytes, (int)size, SQLITE_TRANSIENT);
    else
        (void)sqlite3_bind_text(st, at, text, -1, SQLITE_TRANSIENT);
}

static void read_form(sqlite3_stmt *st, int at, const char *form, size_t size, char *out,
                      size_t cap)
{
    bool is_packed =
        sqlite3_column_type(st, at) == SQLITE_BLOB && (size_t)sqlite3_column_bytes(st, at) == size;

    if (is_packed)
        unpack(sqlite3_column_blob(st, at), form, out, cap);
    else
        pack_read_text(st, at, out, cap);
}

/* The form of so many bytes. NULL: too many. */
static const char *hex_form(size_t size, char out[static 2 * HEX_MAX + 1])
{
    if (size > HEX_MAX)
        return NULL;
    memset(out, 'x', 2 * size);
    out[2 * size] = '\0';
    return out;
}

void pack_bind_uuid(sqlite3_stmt *st, int at, const char *text)
{
    bind(st, at, text, uuid_form, PACK_UUID);
}

void pack_bind_trace(sqlite3_stmt *st, int at, const char *text)
{
    bind(st, at, text, trace_form, PACK_TRACE);
}

void pack_bind_hex(sqlite3_stmt *st, int at, const char *text)
{
    char form[2 * HEX_MAX + 1];
    size_t len = strlen(text);

    bind(st, at, text, len % 2 == 0 ? hex_form(len / 2, form) : NULL, len / 2);
}

void pack_read_uuid(sqlite3_stmt *st, int at, char *out, size_t cap)
{
    read_form(st, at, uuid_form, PACK_UUID, out, cap);
}

void pack_read_trace(sqlite3_stmt *st, int at, char *out, size_t cap)
{
    read_form(st, at, trace_form, PACK_TRACE, out, cap);
}

void pack_read_hex(sqlite3_stmt *st, int at, char *out, size_t cap)
{
    char form[2 * HEX_MAX + 1];
    size_t size = (size_t)sqlite3_column_bytes(st, at);

    if (sqlite3_column_type(st, at) == SQLITE_BLOB && hex_form(size, form) != NULL)
        read_form(st, at, form, size, out, cap);
    else
        pack_read_text(st, at, out, cap);
}

void pack_read_text(sqlite3_stmt *st, int at, char *out, size_t cap)
{
    const char *text =
        sqlite3_column_type(st, at) == SQLITE_TEXT ? (const char *)sqlite3_column_text(st, at) : "";
    size_t len = 0;

    for (; text != NULL && text[len] != '\0' && len + 1 < cap; len++)
        out[len] = text[len];
    out[len] = '\0';
}
