// SPDX-License-Identifier: MIT
/*
 * counters.c: how a tender can be seen at work by gcov, which usually writes
 * files when a program ends. A tender can't, in its jail, and is killed besides.
 *
 * So in this variant (VARIANT=covjail) what it counts with is on pages of its
 * own, and before main() a file is mapped over them, which all tenders share.
 * Counting is writing to memory, so the jail is as it always is. Afterwards
 * UF_COVERAGE_DUMP=1 unifaas-tender writes gcov's files from the sum.
 *
 * Counts of tenders that count at the same moment may be lost. None that a line
 * was reached at all.
 */
#include <err.h>
#include <fcntl.h>
#include <gcov.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* counters.ld: whole pages; and a pointer from each object file. */
extern char uf_counters[], uf_counters_end[];
extern const struct gcov_info *const uf_gcov_info[], *const uf_gcov_info_end[];

static FILE *out;

static void open_file(const char *name, void *arg)
{
    (void)arg;
    out = fopen(name, "we");
    if (out == NULL)
        err(1, "%s", name);
}

static void write_file(const void *data, unsigned size, void *arg)
{
    (void)arg;
    if (fwrite(data, 1, size, out) != size)
        err(1, "fwrite");
}

static void *allocate(unsigned size, void *arg)
{
    (void)arg;
    return malloc(size);
}

static void dump(void)
{
    for (const struct gcov_info *const *i = uf_gcov_info; i < uf_gcov_info_end; i++) {
        __gcov_info_to_gcda(*i, open_file, write_file, allocate, NULL);
        if (out != NULL && fclose(out) != 0)
            err(1, "fclose");
        out = NULL;
    }
    exit(0);
}

__attribute__((constructor)) static void share(void)
{
    size_t size = (size_t)(uf_counters_end - uf_counters);
    int fd = open(UF_COUNTERS, O_RDWR | O_CLOEXEC);

    /* Without the file it counts for itself: this is a build like any other. */
    if (fd < 0)
        return;
    if (ftruncate(fd, (off_t)size) < 0 || mmap(uf_counters, size, PROT_READ | PROT_WRITE,
                                               MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
        err(1, "%s", UF_COUNTERS);
    (void)close(fd);
    if (getenv("UF_COVERAGE_DUMP") != NULL)
        dump();
}
