// SPDX-License-Identifier: MIT
/* function_env.c: variables of a function, see function.h and function_key.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/image.h"
#include "base/utf8.h"
#include "engine/function_key.h"
#include "engine/yamltree.h"

static bool env_name_ok(const char *name)
{
    if (*name == '\0' || (*name >= '0' && *name <= '9') || strlen(name) > FUNCTION_ENV_NAME_MAX)
        return false;
    for (; *name != '\0'; name++)
        if ((*name < 'A' || *name > 'Z') && (*name < 'a' || *name > 'z') &&
            (*name < '0' || *name > '9') && *name != '_')
            return false;
    return true;
}

/* Where "NAME=..." begins, or NULL. */
static char *find_env(const struct function *f, const char *name)
{
    size_t len = strlen(name);

    for (uint32_t at = 0; at < f->env_size; at += (uint32_t)strlen(f->env + at) + 1)
        if (strncmp(f->env + at, name, len) == 0 && f->env[at + len] == '=')
            return f->env + at;
    return NULL;
}

static int check_env(const struct function *f, const char *name, const char *value, size_t freed,
                     struct uf_err *err)
{
    char show[YAMLTREE_SHOW];

    if (!env_name_ok(name))
        return uf_fail(err, -EINVAL,
                       "env: \"%s\" is not a variable's name; it must be 1 to %d letters, digits "
                       "and _, not a digit first",
                       yamltree_show(name, show), FUNCTION_ENV_NAME_MAX);
    if (!utf8_is_well_formed(value, strlen(value)))
        return uf_fail(err, -EINVAL, "env: the value of %s is not UTF-8",
                       yamltree_show(name, show));
    if (strlen(value) > UF_ENV_MAX ||
        f->env_size - freed + strlen(name) + strlen(value) + 2 > UF_ENV_MAX)
        return uf_fail(err, -EINVAL, "env: more than %u bytes of variables, with %s", UF_ENV_MAX,
                       yamltree_show(name, show));
    return 0;
}

static int append_env(struct function *f, const char *name, const char *value, struct uf_err *err)
{
    size_t nlen = strlen(name);
    size_t vlen = strlen(value);
    char *grown = realloc(f->env, f->env_size + nlen + vlen + 2);

    if (grown == NULL)
        return uf_fail(err, -ENOMEM, "env: out of memory");
    f->env = grown;
    memcpy(grown + f->env_size, name, nlen);
    grown[f->env_size + nlen] = '=';
    memcpy(grown + f->env_size + nlen + 1, value, vlen + 1);
    f->env_size += (uint32_t)(nlen + vlen + 2);
    return 0;
}

int function_env_add(struct function *f, const char *name, const char *value, struct uf_err *err)
{
    char show[YAMLTREE_SHOW];
    int r = check_env(f, name, value, 0, err);

    if (r == 0 && find_env(f, name) != NULL)
        r = uf_fail(err, -EINVAL, "env: %s is given twice", yamltree_show(name, show));
    return r < 0 ? r : append_env(f, name, value, err);
}

int function_env_set(struct function *f, const char *name, const char *value, struct uf_err *err)
{
    char *old = find_env(f, name);
    size_t size = old != NULL ? strlen(old) + 1 : 0;
    int r = function_key_check(f, "env", err);

    if (r == 0)
        r = check_env(f, name, value, size, err);
    if (r < 0)
        return r;
    if (old != NULL) {
        memmove(old, old + size, f->env_size - (size_t)(old - f->env) - size);
        f->env_size -= (uint32_t)size;
    }
    return append_env(f, name, value, err);
}
