// SPDX-License-Identifier: MIT
/* statedir.h: where unifaasd keeps functions when nobody says where. */
#ifndef ENGINE_STATEDIR_H
#define ENGINE_STATEDIR_H

#include <limits.h>

void statedir_default(char out[static PATH_MAX]);

#endif
