// SPDX-License-Identifier: MIT
/* prompt.c: see prompt.h. */
#include "engine/prompt.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Byte by byte: what follows the line is for somebody else to read. */
static int read_line(char *out, size_t cap)
{
    size_t n = 0;
    char c = '\0';
    ssize_t r;

    while ((r = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') {
        if (n + 1 >= cap)
            return -E2BIG;
        out[n++] = c;
    }
    if (r < 0)
        return -errno;
    if (r == 0 && n == 0)
        return -ENODATA;
    if (n > 0 && out[n - 1] == '\r')
        n--;
    out[n] = '\0';
    return 0;
}

int prompt_hidden(const char *what, char *out, size_t cap, struct uf_err *err)
{
    struct termios before;
    bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;

    if (is_terminal) {
        struct termios hidden = before;

        hidden.c_lflag &= ~(tcflag_t)ECHO;
        hidden.c_lflag |= ECHONL;
        (void)fprintf(stderr, "%s: ", what);
        (void)fflush(stderr);
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    int r = read_line(out, cap);
    if (is_terminal)
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    if (r == -ENODATA)
        return uf_fail(err, r, "%s: nothing was given on standard input", what);
    if (r == -E2BIG)
        return uf_fail(err, r, "%s: longer than %zu bytes", what, cap - 1);
    return r < 0 ? uf_fail(err, r, "%s: %s", what, strerror(-r)) : 0;
}
