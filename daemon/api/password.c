// SPDX-License-Identifier: MIT
/* password.c: PUT /system/password {"password": TEXT}: the administrator's password
 * from now on. */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "daemon/api/api.h"

static void on_changed(void *ctx, int code, const char *why)
{
    struct http_request *r = ctx;

    if (code == 0)
        api_text(r, 200, "the password is changed");
    else
        api_text(r, store_http(code), "%s", why);
}

static unsigned status_of(int code)
{
    return code == -EINVAL ? 400 : code == -EPERM ? 409 : 503;
}

void password_serve(struct http_request *r)
{
    json_error_t e;
    struct uf_err err;
    json_t *root = json_loadb(r->body != NULL ? r->body : "", r->size, JSON_REJECT_DUPLICATES, &e);
    const char *text = json_string_value(json_object_get(root, "password"));

    if (text == NULL)
        api_text(r, 400, "the request must be {\"password\": TEXT}");
    else if (auth_change(api_of(r)->auth, text, on_changed, r, &err) < 0)
        api_text(r, status_of(err.code), "%s", err.msg);
    json_decref(root);
    if (r->body != NULL)
        sodium_memzero(r->body, r->size);
}
