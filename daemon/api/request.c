// SPDX-License-Identifier: MIT
/*
 * request.c: a FunctionDeployment, as OpenFaaS clients send it.
 *
 * {service, image, envVars, labels, annotations, limits, ...}, and for our own
 * clients a member "unifaas" with the whole manifest, which then rules. Other
 * clients reach what their format has no place for through labels and annotations
 * (engine/annotation.h).
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/api.h"
#include "engine/annotation.h"

#define DIGEST "sha256:"

static int want_object(const json_t *root, const char *name, json_t **out, struct uf_err *err)
{
    *out = json_object_get(root, name);
    if (json_is_null(*out))
        *out = NULL;
    if (*out != NULL && !json_is_object(*out))
        return uf_fail(err, -EINVAL, "%s: must be an object", name);
    return 0;
}

static int check_strings(json_t *root, const char *name, struct uf_err *err)
{
    json_t *map = NULL;
    const char *key;
    json_t *v;
    int r = want_object(root, name, &map, err);

    if (r < 0)
        return r;
    json_object_foreach(map, key, v) if (!json_is_string(v)) return uf_fail(
        err, -EINVAL, "%s: the value of %.64s must be a string", name, key);
    return 0;
}

/* "sha256:HEX", "anything@sha256:HEX"; the beginning of a hash; or a path, which
 * deploy_submit() looks for. */
static int take_image(struct deploy_job *j, const json_t *root, struct uf_err *err)
{
    const char *image = json_string_value(json_object_get(root, "image"));
    const char *at = image == NULL ? NULL : strrchr(image, '@');
    const char *digest = at != NULL ? at + 1 : image;

    /* It has none, but some clients cannot leave it out. */
    if (function_is_sequence(&j->conf))
        return 0;
    if (image == NULL || image[0] == '\0')
        return uf_fail(err, -EINVAL, "image: is missing");
    if (strncmp(digest, DIGEST, strlen(DIGEST)) == 0 && files_is_hex(digest + strlen(DIGEST))) {
        memcpy(j->image, digest + strlen(DIGEST), SNAPFILE_HEX);
        return 0;
    }
    if (strlen(image) >= PATH_MAX)
        return uf_fail(err, -EINVAL, "image: is longer than a path can be");
    j->source = strdup(image);
    return j->source != NULL ? 0 : uf_fail(err, -ENOMEM, "no memory for it now");
}

static int take_env(struct function *f, const json_t *root, struct uf_err *err)
{
    json_t *env = json_object_get(root, "envVars");
    const char *key;
    json_t *v;

    json_object_foreach(env, key, v)
    {
        int r = function_env_set(f, key, json_string_value(v), err);

        if (r < 0)
            return uf_wrap(err, r, "envVars");
    }
    return 0;
}

static int take_secrets(struct function *f, const json_t *root, struct uf_err *err)
{
    json_t *secrets = json_object_get(root, "secrets");
    size_t i;
    json_t *v;

    json_array_foreach(secrets, i, v)
    {
        int r = json_is_string(v) ? function_secret_add(f, json_string_value(v), err)
                                  : uf_fail(err, -EINVAL, "secrets: names must be strings");

        if (r < 0)
            return r;
    }
    return 0;
}

/* What has a place of its own in the format. */
static int take_settings(struct function *f, const json_t *root, struct uf_err *err)
{
    const json_t *limits = json_object_get(root, "limits");
    const char *memory = json_string_value(json_object_get(limits, "memory"));
    int r = 0;

    if (memory != NULL && memory[0] != '\0') {
        r = function_set(f, "memory", memory, err);
        if (r < 0)
            return uf_wrap(err, r, "limits");
    }
    r = take_env(f, root, err);
    return r < 0 ? r : take_secrets(f, root, err);
}

static void list_pairs(json_t *map, struct annotation *to, size_t *n)
{
    const char *key;
    json_t *v;

    json_object_foreach(map, key, v) to[(*n)++] =
        (struct annotation){.key = key, .value = json_string_value(v)};
}

/* Clients put into labels what others put into annotations. */
static int take_annotations(struct function *f, const json_t *root, struct uf_err *err)
{
    json_t *labels = json_object_get(root, "labels");
    json_t *annotations = json_object_get(root, "annotations");
    size_t n = 0;
    struct annotation *all =
        calloc(json_object_size(labels) + json_object_size(annotations) + 1, sizeof(all[0]));

    if (all == NULL)
        return uf_fail(err, -ENOMEM, "no memory for labels and annotations");
    list_pairs(labels, all, &n);
    list_pairs(annotations, all, &n);
    int r = function_annotate(f, all, n, err);
    free(all);
    return r;
}

static int take_plain(struct deploy_job *j, const json_t *root, struct uf_err *err)
{
    struct function *f = &j->conf;
    int r = function_set(f, "name", json_string_value(json_object_get(root, "service")), err);

    if (r == 0)
        r = take_settings(f, root, err);
    if (r == 0)
        r = take_annotations(f, root, err);
    /* Only now is it known to be one: again, to be refused what makes no sense. */
    if (r == 0 && function_is_sequence(f))
        r = take_settings(f, root, err);
    return r;
}

static int take_manifest(struct deploy_job *j, const json_t *root, struct uf_err *err)
{
    char *text = json_dumps(json_object_get(root, "unifaas"), JSON_COMPACT);
    int r = text == NULL ? uf_fail(err, -EINVAL, "unifaas: must be an object")
                         : function_parse_json(&j->conf, text, strlen(text), err);

    free(text);
    return r;
}

/* What function_check() does not ask, for what was deployed before must load. */
static int check_conf(const struct function *f, const json_t *root, struct uf_err *err)
{
    const char *service = json_string_value(json_object_get(root, "service"));

    if (strcmp(service, f->name) != 0)
        return uf_fail(err, -EINVAL, "service is \"%.64s\", but the manifest's name is \"%s\"",
                       service, f->name);
    if (strcmp(f->on_failure, f->name) == 0)
        return uf_fail(err, -EINVAL,
                       "on_failure: %s cannot be told of what it gave up itself; name another "
                       "function, or none: it is a dead letter anyway",
                       f->name);
    return 0;
}

/* "": it says none. */
static void take_space(struct deploy_job *j, const json_t *root)
{
    const char *space = json_string_value(json_object_get(root, "namespace"));

    (void)snprintf(j->conf.space, sizeof(j->conf.space), "%s", space == NULL ? "" : space);
}

static int check_shape(json_t *root, struct uf_err *err)
{
    static const char *const maps[] = {"envVars", "labels", "annotations", "limits", "requests"};
    const char *space = json_string_value(json_object_get(root, "namespace"));
    json_t *secrets = json_object_get(root, "secrets");
    int r = 0;

    if (!json_is_object(root))
        return uf_fail(err, -EINVAL, "must be an object");
    if (!json_is_string(json_object_get(root, "service")))
        return uf_fail(err, -EINVAL, "service: is missing");
    if (space != NULL && space[0] != '\0' && !function_name_ok(space))
        return uf_fail(err, -EINVAL, "namespace: \"%.64s\" can be none", space);
    if (secrets != NULL && !json_is_null(secrets) && !json_is_array(secrets))
        return uf_fail(err, -EINVAL, "secrets: must be an array");
    for (size_t i = 0; r == 0 && i < sizeof(maps) / sizeof(maps[0]); i++)
        r = check_strings(root, maps[i], err);
    return r;
}

/* What describe gives back as it came. */
static char *keep_deployment(const json_t *root)
{
    static const char *const kept[] = {
        "image",  "envProcess",  "envVars", "constraints", "secrets",
        "labels", "annotations", "limits",  "requests",    "readOnlyRootFilesystem"};
    json_t *out = json_object();
    char *text = NULL;
    int bad = 0;

    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        json_t *v = json_object_get(root, kept[i]);

        if (v != NULL && !json_is_null(v))
            bad |= json_object_set(out, kept[i], v);
    }
    if (bad == 0)
        text = json_dumps(out, JSON_COMPACT);
    json_decref(out);
    return text;
}

int request_parse(struct deploy_job *j, const char *text, size_t size, struct uf_err *err)
{
    json_error_t e;
    json_t *root = json_loadb(text != NULL ? text : "", size, JSON_REJECT_DUPLICATES, &e);

    if (root == NULL)
        return uf_fail(err, -EINVAL, "the request is not JSON: line %d column %d: %s", e.line,
                       e.column, e.text);
    int r = check_shape(root, err);
    if (r == 0)
        r = json_object_get(root, "unifaas") != NULL ? take_manifest(j, root, err)
                                                     : take_plain(j, root, err);
    if (r == 0)
        r = check_conf(&j->conf, root, err);
    if (r == 0)
        r = take_image(j, root, err);
    if (r == 0)
        take_space(j, root);
    if (r == 0) {
        j->deployment = keep_deployment(root);
        if (j->deployment == NULL)
            r = uf_fail(err, -ENOMEM, "no memory for the deployment");
    }
    json_decref(root);
    return r;
}
