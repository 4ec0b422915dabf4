// SPDX-License-Identifier: MIT
/* credential.c: see credential.h. */
#include "daemon/auth/credential.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "engine/base64.h"

#define PLAIN_MAX (CREDENTIAL_USER_MAX + 1 + CREDENTIAL_PASSWORD_MAX)

/* What follows "SCHEME ", without blanks around; NULL for another scheme. */
static const char *of_scheme(const char *header, const char *scheme, size_t *len)
{
    size_t n = strlen(scheme);

    header += strspn(header, " \t");
    if (strncasecmp(header, scheme, n) != 0 || (header[n] != ' ' && header[n] != '\0'))
        return NULL;
    header += n + strspn(header + n, " ");
    *len = strlen(header);
    while (*len > 0 && (header[*len - 1] == ' ' || header[*len - 1] == '\t'))
        --*len;
    return header;
}

bool credential_password_ok(const char *password)
{
    size_t n = strlen(password);

    for (size_t i = 0; i < n; i++)
        if ((unsigned char)password[i] < ' ' || password[i] == 0x7f)
            return false;
    return n > 0 && n <= CREDENTIAL_PASSWORD_MAX;
}

/* "user:password"; the first colon divides them. */
static bool split(struct credential *c, const char *plain)
{
    const char *colon = strchr(plain, ':');
    size_t user = colon == NULL ? 0 : (size_t)(colon - plain);

    if (colon == NULL || user > CREDENTIAL_USER_MAX || !credential_password_ok(colon + 1))
        return false;
    memcpy(c->user, plain, user);
    memcpy(c->password, colon + 1, strlen(colon + 1) + 1);
    return true;
}

static bool read_basic(struct credential *c, const char *text, size_t len)
{
    char plain[PLAIN_MAX + 1] = "";
    size_t n = 0;
    int r = base64_decode(text, len, (unsigned char *)plain, PLAIN_MAX, &n);
    /* A NUL would hide what follows it. */
    bool is_fine = r == 0 && memchr(plain, '\0', n) == NULL;

    plain[is_fine ? n : 0] = '\0';
    is_fine = is_fine && split(c, plain);
    sodium_memzero(plain, sizeof(plain));
    return is_fine;
}

void credential_parse(struct credential *c, const char *header)
{
    size_t len = 0;
    const char *text = header == NULL ? NULL : of_scheme(header, "Basic", &len);

    *c = (struct credential){.kind = header == NULL ? CREDENTIAL_NONE : CREDENTIAL_OTHER};
    if (text != NULL && read_basic(c, text, len))
        c->kind = CREDENTIAL_BASIC;
    else if (text == NULL && header != NULL && of_scheme(header, "Bearer", &len) != NULL &&
             len == 0)
        c->kind = CREDENTIAL_NONE;
}

void credential_wipe(struct credential *c)
{
    sodium_memzero(c, sizeof(*c));
}
