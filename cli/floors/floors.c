// SPDX-License-Identifier: MIT
/* floors.c: see floors.h. The table of measurements, and those of the machine. */
#include "cli/floors/floors.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "cli/floors/bare.h"

/* How often; with the costs of a slow board all of it still takes under 5 s. */
#define TIMES_VM      40
#define TIMES_EXIT    2000
#define TIMES_RESTORE 500

uint64_t floors_now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

void floors_print(struct series *ns)
{
    printf("%.1f %.1f\n", (double)series_permille(ns, 500) / 1e3,
           (double)series_permille(ns, 990) / 1e3);
}

/* One that is made, run, and not kept: its end is not part of the time. */
static int vm(const struct bare_image *g, struct series *ns, struct uf_err *err)
{
    int r = 0;

    for (int i = 0; i < TIMES_VM && r == 0; i++) {
        struct bare b;
        uint64_t from = floors_now();

        r = bare_init(&b, g, err);
        if (r == 0)
            r = bare_run(&b, err);
        if (r == 0)
            series_add(ns, floors_now() - from);
        bare_fini(&b);
    }
    return r;
}

enum what {
    EXIT,
    RUN_AND_RESTORE,
    RESTORE,
    SCAN,
};

/* One time of a machine that exists, whose guest writes npages. */
static int once(struct bare *b, enum what what, uint32_t npages, struct series *ns,
                struct uf_err *err)
{
    uint64_t from = floors_now();
    int r = what == EXIT ? bare_again(b, err) : bare_run(b, err);

    if (r == 0 && (what == RESTORE || what == SCAN))
        from = floors_now();
    if (r == 0 && what == SCAN)
        r = bare_scan(b, err);
    else if (r == 0 && what != EXIT)
        r = bare_restore(b, err);
    uint64_t to = floors_now();
    /* A time that belongs to other work than we say is worse than none. */
    if (r >= 0 && what != EXIT && (uint32_t)r != npages)
        return uf_fail(err, -EIO, "the kernel says that %d pages were written, not %u", r, npages);
    if (r >= 0)
        series_add(ns, to - from);
    return r < 0 ? r : 0;
}

static int with_vm(uint32_t npages, enum what what, struct series *ns, struct uf_err *err)
{
    const int times = what == EXIT || what == RUN_AND_RESTORE ? TIMES_EXIT : TIMES_RESTORE;
    struct bare_image g;
    struct bare b;
    int r = bare_image_init(&g, npages, err);

    if (r == 0) {
        r = bare_init(&b, &g, err);
        /* The first run touches everything for the first time. */
        if (r == 0)
            r = once(&b, RUN_AND_RESTORE, npages, ns, err);
        series_fini(ns);
        for (int i = 0; i < times && r == 0; i++)
            r = once(&b, what, npages, ns, err);
        bare_fini(&b);
    }
    bare_image_fini(&g);
    return r;
}

static int make_vms(struct series *ns, struct uf_err *err)
{
    struct bare_image g;
    int r = bare_image_init(&g, 0, err);

    if (r == 0)
        r = vm(&g, ns, err);
    bare_image_fini(&g);
    return r;
}

static int measure(enum floor_id id, const char *dir, struct series *ns, struct uf_err *err)
{
    switch (id) {
    case FLOOR_vm:
        return make_vms(ns, err);
    case FLOOR_vm_exit:
        return with_vm(0, EXIT, ns, err);
    case FLOOR_vm_run:
        return with_vm(FLOORS_PAGES, RUN_AND_RESTORE, ns, err);
    case FLOOR_restore_1:
        return with_vm(1, RESTORE, ns, err);
    case FLOOR_restore_16:
        return with_vm(16, RESTORE, ns, err);
    case FLOOR_restore_128:
        return with_vm(BARE_PAGES_MAX, RESTORE, ns, err);
    case FLOOR_scan:
        return with_vm(FLOORS_PAGES, SCAN, ns, err);
    case FLOOR_fork:
        return floors_fork(ns, err);
    case FLOOR_wake_same:
        return floors_wake(true, ns, err);
    case FLOOR_wake_other:
        return floors_wake(false, ns, err);
    case FLOOR_fsync:
        return floors_fsync(dir, ns, err);
    case FLOOR_COUNT:
        break;
    }
    return 0;
}

void floors_measure(const char *dir, struct floor out[static FLOOR_COUNT])
{
    static const struct floor all[FLOOR_COUNT] = {
#define X(name, text) {.id = #name, .words = (text)},
        FLOORS(X)
#undef X
    };

    for (enum floor_id id = 0; id < FLOOR_COUNT; id++) {
        out[id] = all[id];
        /* Half a series would pass for a whole one. */
        if (measure(id, dir, &out[id].ns, &out[id].why) < 0)
            series_fini(&out[id].ns);
    }
}

void floors_fini(struct floor out[static FLOOR_COUNT])
{
    for (enum floor_id id = 0; id < FLOOR_COUNT; id++)
        series_fini(&out[id].ns);
}
