// SPDX-License-Identifier: MIT
/*
 * snapfile.h: snapshot files on the platform's side: seal, name, verify.
 * The format is abi/snapshot.h; only the tender looks inside.
 */
#ifndef ENGINE_SNAPFILE_H
#define ENGINE_SNAPFILE_H

#include <stdint.h>

#include "base/err.h"

#define SNAPFILE_HEX 65 /* 64 hexadecimal digits and NUL */

/* SHA-256 of an open file, from its start, as hexadecimal. Reads with pread. */
int snapfile_hash(int fd, char hex[static SNAPFILE_HEX], struct uf_err *err);

/* Has a tender written more than a function with so many bytes of memory can
 * fill? To be asked before its snapshot is read as a whole: 0 or -EFBIG. */
int snapfile_bound(int fd, uint64_t memory, struct uf_err *err);

/* Write the checksum into a snapshot that a tender has just written. hex gets
 * the name. Returns 0 or a negative errno. Not yet durable: fsync is the
 * caller's. */
int snapfile_seal(int fd, char hex[static SNAPFILE_HEX], struct uf_err *err);

/*
 * Clauses (1) to (3) of abi/snapshot.h.
 *
 * Returns  0, -EINVAL (not a snapshot, other version or machine, truncated,
 *          checksum differs) with the reason in err, or an error of reading.
 */
int snapfile_verify(int fd, const char *hex, struct uf_err *err);

#endif
