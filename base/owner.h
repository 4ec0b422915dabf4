// SPDX-License-Identifier: MIT
/*
 * owner.h: from a part to the whole. Callbacks get the part that they were
 * registered with; the object that embeds it is one subtraction away.
 */
#ifndef BASE_OWNER_H
#define BASE_OWNER_H

#include <stddef.h>

#define UF_OWNER(part, type, member) ((type *)(void *)((char *)(part)-offsetof(type, member)))

#endif
