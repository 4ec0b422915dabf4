// SPDX-License-Identifier: MIT
/* cli.c: what all commands share; see cli.h. */
#include "cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "abi/control.h"

int cli_fail(enum cli_exit status, const char *fmt, ...)
{
    va_list ap;

    (void)fflush(stdout);
    (void)fputs("unifaas: ", stderr);
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fputc('\n', stderr);
    return (int)status;
}

void cli_note(const char *fmt, ...)
{
    va_list ap;

    (void)fflush(stdout);
    (void)fputs("unifaas: note: ", stderr);
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fputc('\n', stderr);
}

int cli_report(enum cli_exit status, const struct uf_err *err)
{
    return cli_fail(status, "%s", err->msg);
}

enum cli_exit cli_exit_of(uint32_t outcome, unsigned http_status)
{
    switch (outcome) {
    case UF_OUTCOME_OK:
        return http_status >= 400 ? CLI_FAILED : CLI_OK;
    case UF_OUTCOME_ERROR:
        return CLI_FAILED;
    case UF_OUTCOME_TIME_LIMIT:
    case UF_OUTCOME_CPU_LIMIT:
        return CLI_TIMEOUT;
    default:
        return CLI_CRASHED;
    }
}

const char *cli_human(uint64_t bytes, char out[static CLI_HUMAN])
{
    static const char *const unit[] = {"B", "KiB", "MiB", "GiB"};
    uint64_t tenths = bytes * 10;
    size_t i = 0;

    for (; tenths >= 10240 && i < 3; i++)
        tenths = (tenths + 512) / 1024;
    if (i == 0)
        (void)snprintf(out, CLI_HUMAN, "%" PRIu64 " B", bytes);
    else
        (void)snprintf(out, CLI_HUMAN, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
                       unit[i]);
    return out;
}

int cli_write(int fd, const void *data, size_t size)
{
    const char *p = data;

    while (size > 0) {
        ssize_t n = write(fd, p, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        p += n;
        size -= (size_t)n;
    }
    return 0;
}
