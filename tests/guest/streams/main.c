// SPDX-License-Identifier: MIT
/* streams: streams in memory work, and files are absent. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../check.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);

    CHECK(response, f != NULL);
    CHECK(response, fprintf(f, "%d lines", 3) == 7);
    CHECK(response, fclose(f) == 0);
    CHECK(response, size == 7 && strcmp(text, "3 lines") == 0);
    char buf[] = "12 34";
    int a, b;
    f = fmemopen(buf, 5, "r");
    CHECK(response, f != NULL && fscanf(f, "%d %d", &a, &b) == 2 && a == 12 && b == 34);
    (void)fclose(f);
    errno = 0;
    CHECK(response, fopen("/etc/passwd", "r") == NULL && errno == ENOENT);
    CHECK(response, access("/", R_OK) == -1 && errno == ENOENT);
    CHECK(response, write(7, "x", 1) == -1 && errno == EBADF);
    CHECK(response, read(0, buf, 1) == 0);
    CHECK(response, !isatty(1));
    CHECK(response, remove("x") == -1);
    return finish(response);
}
