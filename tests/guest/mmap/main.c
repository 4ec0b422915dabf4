// SPDX-License-Identifier: MIT
/* mmap: anonymous memory can be mapped, and nothing else. */
#define _GNU_SOURCE /* MAP_ANONYMOUS */

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../check.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    char *p = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(response, p != MAP_FAILED && p[0] == 0 && p[9999] == 0);
    p[9999] = 1;
    CHECK(response, munmap(p, 10000) == 0);
    CHECK(response,
          mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) == MAP_FAILED && errno == ENODEV);
    CHECK(response, mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                        MAP_FAILED);
    CHECK(response, sysconf(_SC_PAGESIZE) == 4096);
    CHECK(response, sysconf(_SC_NPROCESSORS_ONLN) == 1);
    return finish(response);
}
