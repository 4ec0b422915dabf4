// SPDX-License-Identifier: MIT
/* credentials.c: see credentials.h. */
#include "cli/net/credentials.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "cli/files.h"

#define FILE_MAX ((size_t)1 << 20)
#define KEY_MAX  300

static int file_path(char out[static PATH_MAX], struct uf_err *err)
{
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    bool has_config = config != NULL && config[0] == '/';

    if (!has_config && (home == NULL || home[0] != '/'))
        return uf_fail(err, -ENOENT, "there is no place for credentials: $HOME is not set");
    if (snprintf(out, PATH_MAX, "%s%s/unifaas/credentials", has_config ? config : home,
                 has_config ? "" : "/.config") >= PATH_MAX)
        return uf_fail(err, -ENAMETOOLONG, "$HOME is too long");
    return 0;
}

/* "Host:8080/" and "http://host:8080" are one daemon. */
static void key_of(const char *gateway, char out[static KEY_MAX])
{
    const char *scheme = strstr(gateway, "://") != NULL ? "" : "http://";
    size_t len = 0;

    (void)snprintf(out, KEY_MAX, "%s%s", scheme, gateway);
    for (; out[len] != '\0'; len++)
        out[len] = (char)tolower((unsigned char)out[len]);
    while (len > 0 && out[len - 1] == '/')
        out[--len] = '\0';
}

/* All that is kept; an empty object when there is no file. NULL with the reason. */
static json_t *load(const char *path, struct uf_err *err)
{
    UF_AUTO_FREE char *text = NULL;
    struct stat st;
    size_t size;
    json_error_t e;

    if (stat(path, &st) < 0 && errno == ENOENT)
        return json_object();
    int r = file_read(path, FILE_MAX, &text, &size, err);
    if (r == 0 && (st.st_mode & 077) != 0)
        r = uf_fail(err, -EPERM, "%.180s can be read by others: chmod 600 it", path);
    if (r < 0)
        return NULL;
    json_t *all = json_loadb(text, size, JSON_REJECT_DUPLICATES, &e);
    if (json_is_object(all))
        return all;
    json_decref(all);
    (void)uf_fail(err, -EIO, "%.180s: line %d: not what unifaas login writes; remove it", path,
                  e.line);
    return NULL;
}

static bool take(char *out, size_t cap, const char *text)
{
    if (text == NULL || strlen(text) >= cap)
        return false;
    memcpy(out, text, strlen(text) + 1);
    return true;
}

static int from_environment(struct credentials *c, struct uf_err *err)
{
    const char *password = getenv("UNIFAAS_PASSWORD");
    const char *user = getenv("UNIFAAS_USER");

    if (password == NULL || password[0] == '\0')
        return 0;
    if (user == NULL || user[0] == '\0')
        user = CREDENTIALS_USER;
    if (take(c->user, sizeof(c->user), user) && take(c->password, sizeof(c->password), password))
        return 1;
    credentials_wipe(c);
    return uf_fail(err, -EINVAL, "$UNIFAAS_USER has at most %d bytes, $UNIFAAS_PASSWORD %d",
                   CREDENTIALS_USER_MAX, CREDENTIALS_MAX);
}

int credentials_find(const char *gateway, struct credentials *c, struct uf_err *err)
{
    char path[PATH_MAX];
    char key[KEY_MAX];

    *c = (struct credentials){.user = ""};
    int r = from_environment(c, err);
    if (r != 0 || file_path(path, NULL) < 0)
        return r;
    json_t *all = load(path, err);
    if (all == NULL)
        return err->code;
    key_of(gateway, key);
    const json_t *one = json_object_get(all, key);
    r = take(c->user, sizeof(c->user), json_string_value(json_object_get(one, "user"))) &&
        take(c->password, sizeof(c->password), json_string_value(json_object_get(one, "password")));
    if (r == 0)
        credentials_wipe(c);
    json_decref(all);
    return r;
}

/* The folder and the one above it, for us alone. */
static int make_folders(const char *path, struct uf_err *err)
{
    char folder[PATH_MAX];
    char above[PATH_MAX];

    (void)snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
    (void)snprintf(above, sizeof(above), "%.*s", (int)(strrchr(folder, '/') - folder), folder);
    if ((mkdir(above, 0700) < 0 && errno != EEXIST) || (mkdir(folder, 0700) < 0 && errno != EEXIST))
        return uf_fail(err, -errno, "%.180s: %s", folder, strerror(errno));
    return 0;
}

static int save(const char *path, const json_t *all, struct uf_err *err)
{
    UF_AUTO_FREE char *text = json_dumps(all, JSON_INDENT(2));
    int r = text == NULL ? uf_fail(err, -ENOMEM, "out of memory") : make_folders(path, err);

    return r == 0 ? file_write_private(path, text, err) : r;
}

int credentials_keep(const char *gateway, const struct credentials *c, struct uf_err *err)
{
    char path[PATH_MAX];
    char key[KEY_MAX];
    int r = file_path(path, err);
    json_t *all = r < 0 ? NULL : load(path, err);

    if (all == NULL)
        return err->code;
    key_of(gateway, key);
    if (c == NULL)
        r = json_object_del(all, key) < 0 ? uf_fail(err, -ENOENT, "nothing is kept for %s", key)
                                          : 0;
    else if (json_object_set_new(
                 all, key, json_pack("{s:s, s:s}", "user", c->user, "password", c->password)) < 0)
        r = uf_fail(err, -EINVAL, "the password is not UTF-8 text, and cannot be kept");
    if (r == 0)
        r = save(path, all, err);
    json_decref(all);
    return r;
}

void credentials_wipe(struct credentials *c)
{
    explicit_bzero(c, sizeof(*c));
}
