// SPDX-License-Identifier: MIT
/*
 * tender.c: a tender that has been taken over, for tests/e2e/41-malice.sh.
 *
 * It speaks abi/control.h as the platform expects, has no machine and no jail,
 * and tells one lie, at one moment. The file "lie" in the folder of this
 * program names it; "none" starts the real tender, "unifaas-tender.real" in the
 * same folder, instead. `--list` prints the names of all lies.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/malice/lies.h"

/* What the file in our folder says, and where the real one is. */
static void read_lie(char *lie, size_t size, char *real, size_t real_size)
{
    char path[PATH_MAX] = "";
    char dir[PATH_MAX - 32];
    ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);

    if (n <= 0)
        exit(1);
    dir[n] = '\0';
    *strrchr(dir, '/') = '\0';
    (void)snprintf(path, sizeof(path), "%s/lie", dir);
    (void)snprintf(real, real_size, "%s/unifaas-tender.real", dir);
    FILE *f = fopen(path, "r");
    if (f == NULL || fgets(lie, (int)size, f) == NULL)
        exit(1);
    (void)fclose(f);
    lie[strcspn(lie, "\n")] = '\0';
}

static const struct lie *find_lie(const char *name)
{
    for (size_t i = 0; i < lies_count; i++)
        if (strcmp(lies[i].name, name) == 0)
            return &lies[i];
    errx(1, "%s: no such lie", name);
}

/* Tell it when its moment has come; else do as a good tender would. */
static void answer(struct fake *f, enum moment now, uint32_t good)
{
    if (f->lie->when != now || f->is_told) {
        fake_say(f, good);
        return;
    }
    f->is_told = true;
    f->lie->tell(f);
}

static void map_exchange(struct fake *f, int fd)
{
    f->exchange = fd;
    f->map = mmap(NULL, uf_exchange_size(&f->limits), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (f->map == MAP_FAILED)
        err(1, "mmap");
    f->result = (struct uf_result *)(void *)(f->map + f->limits.event_max);
}

static void fill_result(struct fake *f)
{
    static const char body[] = "honest\n";

    memset(f->result, 0, sizeof(*f->result));
    memcpy(f->map + uf_exchange_body(&f->limits), body, sizeof(body) - 1);
    f->result->body_size = sizeof(body) - 1;
    if (f->lie->when == IN_RESULT && !f->is_told)
        f->lie->tell(f);
}

static void serve(struct fake *f, const struct uf_frame *in, const int *fds)
{
    f->limits = in->type == UF_FRAME_RUN ? f->limits : in->limits;
    f->seq = in->seq;
    if (in->type == UF_FRAME_LOAD) {
        map_exchange(f, fds[1]);
        memcpy(f->given, in->working_set, sizeof(f->given));
        answer(f, AT_LOAD, UF_FRAME_LOADED);
    } else if (in->type == UF_FRAME_BOOT) {
        f->snapshot = fds[2];
        map_exchange(f, fds[3]);
        fill_result(f);
        answer(f, AT_BOOT, UF_FRAME_BOOTED);
    } else if (in->type == UF_FRAME_RUN) {
        fill_result(f);
        answer(f, AT_RUN, UF_FRAME_DONE);
    }
}

int main(int argc, char **argv)
{
    char lie[64] = "";
    char real[PATH_MAX];
    struct fake f = {.limits = {0}};
    struct uf_frame in;
    int fds[FAKE_FDS];

    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; i < lies_count; i++)
            (void)puts(lies[i].name);
        return 0;
    }
    read_lie(lie, sizeof(lie), real, sizeof(real));
    if (strcmp(lie, "none") == 0) {
        (void)execv(real, argv);
        err(1, "%s", real);
    }
    f.lie = find_lie(lie);
    answer(&f, AT_START, UF_FRAME_READY);
    while (fake_hear(&in, fds))
        serve(&f, &in, fds);
    return 0;
}
