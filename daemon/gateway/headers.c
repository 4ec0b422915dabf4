// SPDX-License-Identifier: MIT
/* headers.c: see headers.h. */
#include "daemon/gateway/headers.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#define CALL_ID_MAX 64u

static bool is_listed(const char *name, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcasecmp(name, *list) == 0)
            return true;
    return false;
}

bool headers_is_hop_by_hop(const char *name)
{
    static const char *const list[] = {"Connection",
                                       "Keep-Alive",
                                       "Proxy-Authenticate",
                                       "Proxy-Authorization",
                                       "Proxy-Connection",
                                       "TE",
                                       "Trailer",
                                       "Transfer-Encoding",
                                       "Upgrade",
                                       NULL};

    return is_listed(name, list);
}

bool headers_is_functions(const char *name)
{
    static const char *const list[] = {
        "Content-Length",      "Date",        "X-Call-Id", "X-Duration-Seconds", "X-Start-Time",
        "X-OpenFaaS-Internal", "traceparent", NULL};

    return !headers_is_hop_by_hop(name) && !is_listed(name, list) &&
           strncasecmp(name, "X-UniFaaS-", 10) != 0;
}

bool headers_name_ok(const char *name)
{
    size_t n = 0;

    for (; name[n] != '\0'; n++)
        if (!isalnum((unsigned char)name[n]) && strchr("!#$%&'*+-.^_`|~", name[n]) == NULL)
            return false;
    return n > 0;
}

bool headers_value_ok(const char *value)
{
    for (; *value != '\0'; value++)
        if (((unsigned char)*value < ' ' && *value != '\t') || *value == 0x7f)
            return false;
    return true;
}

static void trim_end(char *s)
{
    size_t n = strlen(s);

    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
        s[--n] = '\0';
}

int headers_next(char **at, struct headers_line *out)
{
    char *line = *at;

    if (line == NULL || *line == '\0')
        return 0;
    char *end = strchr(line, '\n');
    if (end != NULL)
        *end++ = '\0';
    *at = end;
    char *colon = strchr(line, ':');
    *out = (struct headers_line){.name = line, .value = line + strlen(line)};
    if (colon == NULL)
        return -EINVAL;
    *colon = '\0';
    out->value = colon + 1 + strspn(colon + 1, " \t");
    trim_end(out->value);
    return headers_name_ok(out->name) && headers_value_ok(out->value) ? 1 : -EINVAL;
}

bool headers_call_id_ok(const char *id)
{
    size_t n = 0;

    for (; id[n] != '\0' && n <= CALL_ID_MAX; n++)
        if (!isalnum((unsigned char)id[n]) && strchr("._:-", id[n]) == NULL)
            return false;
    return n > 0 && n <= CALL_ID_MAX;
}
