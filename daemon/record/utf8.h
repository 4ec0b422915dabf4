// SPDX-License-Identifier: MIT
/* utf8.h: what functions print may be any bytes; what we tell is text. Pure. */
#ifndef DAEMON_RECORD_UTF8_H
#define DAEMON_RECORD_UTF8_H

#include <stddef.h>

/* Replace by '?' every byte that is not part of well-formed UTF-8 (RFC 3629),
 * and every control byte but the tab. */
void utf8_mend(char *text, size_t len);

#endif
