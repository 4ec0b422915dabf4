// SPDX-License-Identifier: MIT
/*
 * yamltree.h: walk a small YAML file with a line number in every complaint.
 *
 * Straight on libyaml's document tree, whose nodes know their lines; a
 * schema-driven loader would only say which path of keys it was in. Inside
 * the walk, put a reason into t->err and return a negative errno: the place
 * ("path:line: ") is added on the way out, once, by the innermost node.
 */
#ifndef ENGINE_YAMLTREE_H
#define ENGINE_YAMLTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "base/err.h"

#define YAMLTREE_MAX (64u << 10) /* bytes of a file */

struct yamltree {
    yaml_document_t *doc;
    const struct yamltree_file *file;
    const char *path; /* for messages                       */
    void *arg;        /* the caller's                       */
    struct uf_err *err;
    bool placed; /* err already says on which line     */
};

typedef int yamltree_pair(struct yamltree *t, const char *key, const yaml_node_t *value);
typedef int yamltree_item(struct yamltree *t, const yaml_node_t *value);

struct yamltree_file {
    const char *text;
    size_t size;      /* bytes, at most YAMLTREE_MAX             */
    const char *path; /* for messages                            */
    const char *what; /* the mapping, in messages: "a manifest"  */
};

/*
 * Read a file of one mapping and call fn for its pairs.
 *
 * Returns  0, or what fn returned, or -EINVAL for what is not YAML, has
 *          another shape, a key twice, or a second document.
 */
int yamltree_load(const struct yamltree_file *file, yamltree_pair *fn, void *arg,
                  struct uf_err *err);

/* The same, for a caller who has the parts at hand. */
static inline int yamltree_read(const char *text, size_t size, const char *path, const char *what,
                                yamltree_pair *fn, void *arg, struct uf_err *err)
{
    const struct yamltree_file file = {text, size, path, what};

    return yamltree_load(&file, fn, arg, err);
}

/* Call fn for the pairs of a mapping, or for the items of a list. Nothing at
 * all (`key:`) counts as empty. */
int yamltree_pairs(struct yamltree *t, const yaml_node_t *map, const char *what, yamltree_pair *fn);
int yamltree_items(struct yamltree *t, const yaml_node_t *list, const char *what,
                   yamltree_item *fn);

/* The text of a single value. It belongs to the document. */
int yamltree_text(struct yamltree *t, const yaml_node_t *n, const char *what, const char **out);

/* Is the value written with a tag, such as !!str? The document has the same tag without. */
bool yamltree_is_tagged(const struct yamltree *t, const yaml_node_t *n);

bool yamltree_is_mapping(const yaml_node_t *n);
/* Nothing, or a mapping without pairs. */
bool yamltree_is_empty(const yaml_node_t *n);

/* A text for a message: cut, and without what could upset a terminal. */
#define YAMLTREE_SHOW 48
const char *yamltree_show(const char *text, char out[static YAMLTREE_SHOW]);

#endif
