// SPDX-License-Identifier: MIT
/*
 * expand.h: variables of the environment in a text, as faas-cli replaces them.
 *
 *	${NAME}            the variable, or nothing when it is not set
 *	${NAME:-default}   the default when it is not set, or is empty
 *	$$                 one $, so that $${NAME} stays ${NAME}
 *
 * A $ before anything else is itself. Other forms that start with ${ are refused:
 * to leave them as they are would deploy what nobody meant.
 */
#ifndef CLI_EXPAND_H
#define CLI_EXPAND_H

#include "base/err.h"

/* Returns 0 and *out, which the caller frees, or -EINVAL. */
int expand(const char *text, char **out, struct uf_err *err);

#endif
