// SPDX-License-Identifier: MIT
/*
 * annotation.h: what labels and annotations of a deployment mean here.
 *
 * Clients of OpenFaaS have no other place for what a manifest says. Three kinds
 * count, everything else is for others and means nothing:
 *
 *	com.unifaas.KEY		function_set(KEY)
 *	topic, com.openfaas.queue, com.openfaas.retry.X, com.openfaas.scale.X
 *				as OpenFaaS means them, or refused with the way out
 *	schedule		refused with the way out
 */
#ifndef ENGINE_ANNOTATION_H
#define ENGINE_ANNOTATION_H

#include <stddef.h>

#include "engine/function.h"

struct annotation {
    const char *key;
    const char *value;
};

/*
 * Apply them: ours after those of OpenFaaS, a later one after an earlier one.
 *
 * Returns  0; or -EINVAL with the key and what is valid in err, and f is changed
 *          in part, but still to be finished.
 */
int function_annotate(struct function *f, const struct annotation *a, size_t n, struct uf_err *err);

#endif
