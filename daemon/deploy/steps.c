// SPDX-License-Identifier: MIT
/*
 * steps.c: what a deployment does with files and the database; see deploy.h.
 *
 * The loop leaves a job alone while one of these is at work on it.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/owner.h"
#include "daemon/deploy/deploy.h"
#include "daemon/spaces/rows.h"

static int open_image(struct deploy_job *j, int dir, struct uf_err *err)
{
    char hex[SNAPFILE_HEX];
    int fd = files_open(dir, FILES_IMAGE, j->image, err);
    int r = fd < 0 ? fd : snapfile_hash(fd, hex, err);

    if (r == -ENOENT)
        return uf_fail(err, r, "image sha256:%s is not here; send it to /system/images first",
                       j->image);
    if (r == 0 && strcmp(hex, j->image) != 0)
        r = uf_fail(err, -EBADMSG, "image sha256:%s is damaged on the disk; send it again",
                    j->image);
    if (r == 0)
        j->image_fd = fd;
    else if (fd >= 0)
        (void)close(fd);
    return r;
}

int step_open(struct store_job *step, struct db *none)
{
    struct deploy_job *j = UF_OWNER(step, struct deploy_job, step);
    int dir = j->deploys->store->dir;
    int r = open_image(j, dir, &step->err);

    (void)none;
    return r < 0 ? r : files_create(dir, &j->snapshot, &step->err);
}

int step_seal(struct store_job *step, struct db *none)
{
    struct deploy_job *j = UF_OWNER(step, struct deploy_job, step);
    int r = snapfile_bound(j->snapshot.fd, j->conf.memory, &step->err);

    (void)none;
    if (r == 0)
        r = snapfile_seal(j->snapshot.fd, j->snapshot_name, &step->err);
    return r < 0 ? r : files_sync(&j->snapshot, &step->err);
}

/* Nobody removes a file meanwhile: that is done on this thread. */
int step_register(struct store_job *step, struct db *db)
{
    struct deploy_job *j = UF_OWNER(step, struct deploy_job, step);
    int dir = j->deploys->store->dir;
    struct store_row row = {.space = j->conf.space,
                            .name = j->conf.name,
                            .manifest = j->manifest,
                            .deployment = j->deployment,
                            .image = j->image,
                            .snapshot = j->snapshot_name,
                            .created_s = j->created_s};

    /* It may have been removed since the deployment began. */
    int r = space_rows_want(db, j->conf.space, &step->err);
    if (r < 0 || function_is_sequence(&j->conf))
        return r < 0 ? r : store_put(db, &row, &step->err);
    if (!files_has(dir, FILES_IMAGE, j->image))
        return uf_fail(&step->err, -ENOENT,
                       "image sha256:%s was removed, for too many were sent meanwhile; send it "
                       "again",
                       j->image);
    r = files_publish(dir, &j->snapshot, FILES_SNAPSHOT, j->snapshot_name, &step->err);
    return r < 0 ? r : store_put(db, &row, &step->err);
}
