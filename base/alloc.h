// SPDX-License-Identifier: MIT
/*
 * alloc.h: memory that has to be there.
 *
 * For small things of bounded size only: these abort when memory is out. What
 * a peer can make large is allocated with malloc() and checked.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

/* One zeroed object of size bytes. The caller frees. */
void *xnew(size_t size);

/* p (may be NULL) as room for n objects of size bytes. */
void *xresize(void *p, size_t n, size_t size);

/* A copy of s. The caller frees. */
char *xcopy(const char *s);

#endif
