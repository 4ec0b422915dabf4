// SPDX-License-Identifier: MIT
/*
 * log.c: the log of an invocation.
 *
 * Bytes gather here until a door call takes them along; only a full buffer
 * opens the door for the log's own sake. The door block always says what has
 * gathered, for a run that is cut off makes no call any more.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest/core/core.h"
#include "guest/include/unifaas.h"
#include "guest/libc/stdio_impl.h"

#define LOG_BUFFER 4096u /* bytes */

static char buffer[LOG_BUFFER] __attribute__((aligned(4096)));
static UF_HOT size_t used;
static UF_HOT const char *direct; /* bytes that go from where they are */
static UF_HOT size_t direct_size;
static UF_HOT bool in_line; /* the last byte was not a newline */

void uf_log_start(void)
{
    used = 0;
    direct_size = 0;
    in_line = false;
    uf_door_block.log_size = 0; /* the snapshot's is what init logged */
}

void uf_log_pend(struct uf_door *door)
{
    door->log_addr = uf_addr(direct_size > 0 ? direct : buffer);
    door->log_size = direct_size > 0 ? direct_size : used;
    used = direct_size > 0 ? used : 0;
    direct_size = 0;
}

static void flush(void)
{
    (void)uf_door_call(&(struct uf_call){UF_OP_LOG, {0}});
}

void uf_log_bytes(const void *data, size_t size)
{
    if (size == 0)
        return;
    in_line = ((const char *)data)[size - 1] != '\n';
    if (size > LOG_BUFFER - used && used > 0)
        flush();
    if (size > LOG_BUFFER) {
        direct = data;
        direct_size = size;
        flush();
        return;
    }
    memcpy(buffer + used, data, size);
    used += size;
    uf_log_unless_more("", 0);
}

void uf_log_unless_more(const void *data, size_t size)
{
    size_t n = size < LOG_BUFFER - used ? size : LOG_BUFFER - used;

    memcpy(buffer + used, data, n);
    uf_door_block.log_addr = uf_addr(buffer);
    uf_door_block.log_size = used + n;
}

void uf_log_fresh_line(void)
{
    uf_log_drain();
    if (in_line)
        uf_log_bytes("\n", 1);
}

/* musl defines it where stdout is used; otherwise there is nothing to drain. */
extern struct uf_file *volatile __stdout_used __attribute__((weak));

void uf_log_drain(void)
{
    struct uf_file *f = &__stdout_used != NULL ? __stdout_used : NULL;

    if (f != NULL && f->wpos != f->wbase)
        (void)f->write(f, NULL, 0);
}

void uf_log_line(unsigned level, const void *text, size_t size)
{
    static const char *const words[] = {"debug: ", "info: ", "warn: ", "error: "};
    unsigned w = level < 4 ? level : UF_LOG_ERROR;

    uf_log_fresh_line();
    uf_log_bytes(words[w], strlen(words[w]));
    uf_log_bytes(text, size);
    uf_log_bytes("\n", 1);
}

void uf_log(enum uf_log_level level, const char *format, ...)
{
    char line[512];
    char *text = line;
    va_list ap;

    va_start(ap, format);
    int n = vsnprintf(line, sizeof(line), format, ap);
    va_end(ap);
    if (n < 0)
        return;
    if ((size_t)n >= sizeof(line)) {
        text = malloc((size_t)n + 1);
        if (text != NULL) {
            va_start(ap, format);
            (void)vsnprintf(text, (size_t)n + 1, format, ap);
            va_end(ap);
        }
    }
    /* Without memory for a long line, its beginning is better than nothing. */
    uf_log_line((unsigned)level, text != NULL ? text : line,
                text != NULL ? (size_t)n : sizeof(line) - 1);
    if (text != line)
        free(text);
}
