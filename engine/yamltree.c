// SPDX-License-Identifier: MIT
/* yamltree.c: see yamltree.h. */
#include "engine/yamltree.h"

#include <errno.h>
#include <string.h>

const char *yamltree_show(const char *text, char out[static YAMLTREE_SHOW])
{
    size_t i = 0;

    for (; text[i] != '\0' && i < YAMLTREE_SHOW - 1; i++)
        out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    out[i] = '\0';
    if (text[i] != '\0')
        memcpy(out + i - 3, "...", 3);
    return out;
}

static int place(struct yamltree *t, const yaml_node_t *n, int code)
{
    if (t->placed)
        return code;
    t->placed = true;
    return uf_wrap(t->err, code, "%s:%zu", t->path, n->start_mark.line + 1);
}

static const char *kind_of(const yaml_node_t *n)
{
    switch (n->type) {
    case YAML_SEQUENCE_NODE:
        return "a list";
    case YAML_MAPPING_NODE:
        return "a mapping";
    case YAML_SCALAR_NODE:
        return "a value";
    case YAML_NO_NODE:
        break;
    }
    return "nothing";
}

/* `key:` with nothing after it. */
static bool is_nothing(const yaml_node_t *n)
{
    return n->type == YAML_SCALAR_NODE && n->data.scalar.length == 0 &&
           n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

bool yamltree_is_mapping(const yaml_node_t *n)
{
    return n->type == YAML_MAPPING_NODE;
}

bool yamltree_is_empty(const yaml_node_t *n)
{
    return is_nothing(n) || (n->type == YAML_MAPPING_NODE &&
                             n->data.mapping.pairs.start == n->data.mapping.pairs.top);
}

int yamltree_text(struct yamltree *t, const yaml_node_t *n, const char *what, const char **out)
{
    char show[YAMLTREE_SHOW];

    if (n->type != YAML_SCALAR_NODE)
        return place(t, n,
                     uf_fail(t->err, -EINVAL, "%s must be a single value, not %s",
                             yamltree_show(what, show), kind_of(n)));
    *out = (const char *)n->data.scalar.value;
    /* A NUL inside would hide what follows it from C. */
    if (strlen(*out) != n->data.scalar.length)
        return place(t, n,
                     uf_fail(t->err, -EINVAL, "%s has a NUL byte", yamltree_show(what, show)));
    return 0;
}

/* Refuse the pair's key when an earlier pair has it. */
static int check_twice(struct yamltree *t, const yaml_node_t *map, const yaml_node_pair_t *p,
                       const char *key)
{
    char show[YAMLTREE_SHOW];

    for (const yaml_node_pair_t *q = map->data.mapping.pairs.start; q < p; q++) {
        const yaml_node_t *k = yaml_document_get_node(t->doc, q->key);

        if (k->type == YAML_SCALAR_NODE && strcmp((const char *)k->data.scalar.value, key) == 0)
            return uf_fail(t->err, -EINVAL, "%s is given twice, first on line %zu",
                           yamltree_show(key, show), k->start_mark.line + 1);
    }
    return 0;
}

int yamltree_pairs(struct yamltree *t, const yaml_node_t *map, const char *what, yamltree_pair *fn)
{
    if (is_nothing(map))
        return 0;
    if (map->type != YAML_MAPPING_NODE)
        return place(t, map,
                     uf_fail(t->err, -EINVAL, "%s must be a mapping (key: value lines), not %s",
                             what, kind_of(map)));
    for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++) {
        const yaml_node_t *k = yaml_document_get_node(t->doc, p->key);
        const char *key = "";
        int code = yamltree_text(t, k, "a key", &key);

        if (code == 0)
            code = check_twice(t, map, p, key);
        if (code == 0)
            code = fn(t, key, yaml_document_get_node(t->doc, p->value));
        if (code < 0)
            return place(t, k, code);
    }
    return 0;
}

int yamltree_items(struct yamltree *t, const yaml_node_t *list, const char *what, yamltree_item *fn)
{
    if (is_nothing(list))
        return 0;
    if (list->type != YAML_SEQUENCE_NODE)
        return place(t, list,
                     uf_fail(t->err, -EINVAL, "%s must be a list (lines with -), not %s", what,
                             kind_of(list)));
    for (const yaml_node_item_t *i = list->data.sequence.items.start;
         i < list->data.sequence.items.top; i++) {
        const yaml_node_t *n = yaml_document_get_node(t->doc, *i);
        int code = fn(t, n);

        if (code < 0)
            return place(t, n, code);
    }
    return 0;
}

/* Marks count characters. */
bool yamltree_is_tagged(const struct yamltree *t, const yaml_node_t *n)
{
    const char *p = t->file->text;
    const char *end = p + t->file->size;

    if (t->file->size >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        p += 3;
    for (size_t i = n->start_mark.index; i > 0 && p < end; i--)
        do
            p++;
        while (p < end && (*p & 0xc0) == 0x80);
    /* An anchor may come before. */
    while (p < end && *p == '&')
        for (; p < end && *p != ' ' && *p != '\t'; p++)
            ;
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    return p < end && *p == '!';
}

static int syntax_error(const yaml_parser_t *p, const char *path, struct uf_err *err)
{
    if (p->error == YAML_MEMORY_ERROR)
        return uf_fail(err, -ENOMEM, "%s: out of memory", path);
    return uf_fail(err, -EINVAL, "%s:%zu: not YAML: %s%s%s", path, p->problem_mark.line + 1,
                   p->problem != NULL ? p->problem : "unreadable", p->context != NULL ? " " : "",
                   p->context != NULL ? p->context : "");
}

static int read_first(struct yamltree *t, yaml_parser_t *p, const char *what, yamltree_pair *fn)
{
    yaml_document_t doc;

    if (!yaml_parser_load(p, &doc))
        return syntax_error(p, t->path, t->err);
    t->doc = &doc;
    const yaml_node_t *root = yaml_document_get_root_node(&doc);
    int code = root == NULL ? 0 : yamltree_pairs(t, root, what, fn);
    t->doc = NULL;
    yaml_document_delete(&doc);
    return code;
}

static int check_end(struct yamltree *t, yaml_parser_t *p)
{
    yaml_document_t doc;
    int code = 0;

    if (!yaml_parser_load(p, &doc))
        return syntax_error(p, t->path, t->err);
    const yaml_node_t *root = yaml_document_get_root_node(&doc);
    if (root != NULL)
        code = place(t, root, uf_fail(t->err, -EINVAL, "a second document, where one is all"));
    yaml_document_delete(&doc);
    return code;
}

int yamltree_load(const struct yamltree_file *file, yamltree_pair *fn, void *arg,
                  struct uf_err *err)
{
    struct uf_err unseen;
    struct yamltree t = {
        .file = file, .path = file->path, .arg = arg, .err = err != NULL ? err : &unseen};
    yaml_parser_t p;

    if (file->size > YAMLTREE_MAX)
        return uf_fail(err, -EINVAL, "%s: %zu bytes, at most %u are read", file->path, file->size,
                       YAMLTREE_MAX);
    if (!yaml_parser_initialize(&p))
        return uf_fail(err, -ENOMEM, "%s: out of memory", file->path);
    yaml_parser_set_input_string(&p, (const unsigned char *)file->text, file->size);
    int code = read_first(&t, &p, file->what, fn);
    if (code == 0)
        code = check_end(&t, &p);
    yaml_parser_delete(&p);
    return code;
}
