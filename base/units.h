// SPDX-License-Identifier: MIT
/*
 * units.h: sizes and durations as people write them.
 *
 *	size      8Mi, 512Ki, 1.5Gi, 64M, 100k, 4096     (a Kubernetes quantity)
 *	duration  3s, 500ms, 1m, 1h30m, 1.5s             (as Go writes them)
 *
 * Everything is exact: what is not a whole number of bytes or nanoseconds is
 * refused, never rounded. format and parse are inverses. Pure; no allocation.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdint.h>

/* Enough for the longest text of either format, with its NUL. */
#define UNITS_TEXT 32

/*
 * Read a size in bytes: digits, perhaps a fraction, and one of nothing, Ki,
 * Mi, Gi (powers of 1024), k, M, G (powers of 1000).
 *
 * Returns  0 and *bytes, -EINVAL when text is not a size, or -ERANGE when it
 *          does not fit 64 bits.
 */
int units_parse_size(const char *text, uint64_t *bytes);

/*
 * Read a duration in nanoseconds: one or more numbers, each with its unit: ns,
 * us, ms, s, m or h. A plain 0 needs none.
 *
 * Returns  as units_parse_size().
 */
int units_parse_duration(const char *text, uint64_t *ns);

/* Write a size with the largest of Gi, Mi, Ki that divides it. Returns out. */
const char *units_format_size(uint64_t bytes, char out[static UNITS_TEXT]);

/* Write a duration with the largest unit that divides it. Returns out. */
const char *units_format_duration(uint64_t ns, char out[static UNITS_TEXT]);

/*
 * Write n in decimal, with zeros in front up to `width` digits, and a NUL: what
 * every request wants several times, at a tenth of what snprintf takes.
 *
 * at       room for 21 bytes, or width + 1 when that is more.
 * Returns  where the NUL is.
 */
char *units_put(char *at, uint64_t n, unsigned width);

#endif
