// SPDX-License-Identifier: MIT
/* disk.c: see disk.h. disk_cut.c says what is left when power is cut. */
#include "tests/store/disk.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/store/disk_state.h"

struct handle {
    sqlite3_file base;
    int slot;
};

static struct disk_image disk;
static sqlite3_vfs *below; /* for time and randomness */
static enum disk_fault fault;
static unsigned fault_skip;
static unsigned fault_times;

void disk_fail(enum disk_fault what, unsigned skip, unsigned times)
{
    fault = what;
    fault_skip = skip;
    fault_times = times;
}

static bool fails(enum disk_fault what)
{
    if (fault != what || fault_times == 0)
        return false;
    if (fault_skip > 0) {
        fault_skip--;
        return false;
    }
    fault_times--;
    return true;
}

size_t disk_now(void)
{
    return disk.nops;
}

static void record(enum disk_op_kind kind, int slot, uint64_t at, const void *data, size_t size)
{
    struct disk_op *op;

    if ((disk.nops & (disk.nops - 1)) == 0)
        disk.ops = xresize(disk.ops, disk.nops == 0 ? 1 : 2 * disk.nops, sizeof(*disk.ops));
    op = &disk.ops[disk.nops++];
    *op = (struct disk_op){.kind = kind, .slot = slot, .at = at, .size = size};
    if (data != NULL) {
        op->data = xresize(NULL, size, 1);
        memcpy(op->data, data, size);
    }
}

/* ---- bytes ------------------------------------------------------------------------- */

void disk_resize(struct disk_bytes *b, size_t size)
{
    if (size > b->cap) {
        b->cap = 2 * size;
        b->data = xresize(b->data, b->cap, 1);
    }
    if (size > b->size)
        memset(b->data + b->size, 0, size - b->size);
    b->size = size;
}

void disk_put(struct disk_bytes *b, uint64_t at, const uint8_t *data, size_t size)
{
    if (at + size > b->size)
        disk_resize(b, at + size);
    memcpy(b->data + at, data, size);
}

static int find(const char *name)
{
    for (int i = 0; i < (int)DISK_FILES; i++)
        if (disk.name[i] != NULL && strcmp(disk.name[i], name) == 0)
            return i;
    return -1;
}

static int find_free(const char *name)
{
    for (int i = 0; i < (int)DISK_FILES; i++)
        if (disk.name[i] == NULL) {
            disk.name[i] = xcopy(name);
            return i;
        }
    return -1;
}

uint8_t *disk_bytes(const char *name, size_t *size)
{
    int slot = find(name);

    if (slot < 0 || !disk.exists[slot])
        return NULL;
    *size = disk.cache[slot].size;
    return disk.cache[slot].data;
}

void disk_truncate(const char *name, size_t size)
{
    disk_resize(&disk.cache[find(name)], size);
}

/* ---- a file, as SQLite uses it --------------------------------------------------------- */

static int slot_of(sqlite3_file *f)
{
    return ((struct handle *)(void *)f)->slot;
}

static int do_close(sqlite3_file *f)
{
    (void)f;
    return SQLITE_OK;
}

static int do_read(sqlite3_file *f, void *out, int n, sqlite3_int64 at)
{
    const struct disk_bytes *b = &disk.cache[slot_of(f)];
    size_t want = (size_t)n;
    size_t has = (size_t)at < b->size ? b->size - (size_t)at : 0;

    if (fails(DISK_READ))
        return SQLITE_IOERR_READ;
    if (has > want)
        has = want;
    if (has > 0)
        memcpy(out, b->data + at, has);
    memset((uint8_t *)out + has, 0, want - has);
    return has == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int do_write(sqlite3_file *f, const void *data, int n, sqlite3_int64 at)
{
    int slot = slot_of(f);

    if (fails(DISK_WRITE))
        return SQLITE_IOERR_WRITE;
    if (fails(DISK_FULL))
        return SQLITE_FULL;
    record(DISK_OP_WRITE, slot, (uint64_t)at, data, (size_t)n);
    disk_put(&disk.cache[slot], (uint64_t)at, data, (size_t)n);
    return SQLITE_OK;
}

static int do_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    record(DISK_OP_TRUNCATE, slot_of(f), (uint64_t)size, NULL, 0);
    disk_resize(&disk.cache[slot_of(f)], (size_t)size);
    return SQLITE_OK;
}

static int do_sync(sqlite3_file *f, int flags)
{
    (void)flags;
    if (fails(DISK_SYNC)) {
        record(DISK_OP_LOSE, slot_of(f), 0, NULL, 0);
        return SQLITE_IOERR_FSYNC;
    }
    record(DISK_OP_SYNC, slot_of(f), 0, NULL, 0);
    return SQLITE_OK;
}

static int do_size(sqlite3_file *f, sqlite3_int64 *size)
{
    *size = (sqlite3_int64)disk.cache[slot_of(f)].size;
    return SQLITE_OK;
}

static int do_lock(sqlite3_file *f, int level)
{
    (void)f;
    (void)level;
    return SQLITE_OK;
}

static int is_locked(sqlite3_file *f, int *out)
{
    (void)f;
    *out = 0;
    return SQLITE_OK;
}

static int do_control(sqlite3_file *f, int op, void *arg)
{
    (void)f;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *f)
{
    (void)f;
    return 4096;
}

/* As SQLite has it for Unix: bytes beside those that are written stay as they are. */
static int traits(sqlite3_file *f)
{
    (void)f;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = do_close,
    .xRead = do_read,
    .xWrite = do_write,
    .xTruncate = do_truncate,
    .xSync = do_sync,
    .xFileSize = do_size,
    .xLock = do_lock,
    .xUnlock = do_lock,
    .xCheckReservedLock = is_locked,
    .xFileControl = do_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = traits,
};

/* ---- the file system ------------------------------------------------------------------- */

static int do_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    struct handle *h = (struct handle *)(void *)f;

    (void)vfs;
    f->pMethods = NULL;
    if (name == NULL)
        return SQLITE_CANTOPEN; /* a temporary file: there should be none */
    h->slot = find(name);
    if (h->slot < 0)
        h->slot = find_free(name);
    if (h->slot < 0 || (!disk.exists[h->slot] && (flags & SQLITE_OPEN_CREATE) == 0))
        return SQLITE_CANTOPEN;
    if (!disk.exists[h->slot]) {
        record(DISK_OP_CREATE, h->slot, 0, NULL, 0);
        disk.exists[h->slot] = true;
        disk_resize(&disk.cache[h->slot], 0);
    }
    f->pMethods = &methods;
    if (out != NULL)
        *out = flags;
    return SQLITE_OK;
}

static int do_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    int slot = find(name);

    (void)vfs;
    if (slot < 0 || !disk.exists[slot])
        return SQLITE_IOERR_DELETE_NOENT;
    record(sync_folder != 0 ? DISK_OP_DELETE_SYNCED : DISK_OP_DELETE, slot, 0, NULL, 0);
    disk.exists[slot] = false;
    return SQLITE_OK;
}

static int do_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    int slot = find(name);

    (void)vfs;
    (void)flags;
    *out = slot >= 0 && disk.exists[slot];
    return SQLITE_OK;
}

static int full_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
    (void)vfs;
    (void)sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
}

static int random_bytes(sqlite3_vfs *vfs, int size, char *out)
{
    (void)vfs;
    return below->xRandomness(below, size, out);
}

static int do_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int current_time(sqlite3_vfs *vfs, double *out)
{
    (void)vfs;
    return below->xCurrentTime(below, out);
}

// NOLINTNEXTLINE(readability-non-const-parameter): as SQLite has it
static int last_error(sqlite3_vfs *vfs, int size, char *out)
{
    (void)vfs;
    (void)size;
    (void)out;
    return 0;
}

static sqlite3_vfs vfs_disk = {
    .iVersion = 1,
    .szOsFile = sizeof(struct handle),
    .mxPathname = 128,
    .zName = "disk",
    .xOpen = do_open,
    .xDelete = do_delete,
    .xAccess = do_access,
    .xFullPathname = full_path,
    .xRandomness = random_bytes,
    .xSleep = do_sleep,
    .xCurrentTime = current_time,
    .xGetLastError = last_error,
};

void disk_install(void)
{
    below = sqlite3_vfs_find(NULL);
    (void)sqlite3_vfs_register(&vfs_disk, 1);
    disk_fail(DISK_NONE, 0, 0);
}

void disk_remove(void)
{
    (void)sqlite3_vfs_unregister(&vfs_disk);
    disk_state_fini(&disk);
}

struct disk_image *disk_kill(void)
{
    return disk_state_copy(&disk);
}

void disk_insert(const struct disk_image *i)
{
    struct disk_image *copy = disk_state_copy(i);

    disk_state_fini(&disk);
    disk = *copy;
    free(copy);
    disk_fail(DISK_NONE, 0, 0);
}

bool disk_is_sync(const struct disk_image *i, size_t at)
{
    return i->ops[at].kind == DISK_OP_SYNC;
}

void disk_image_free(struct disk_image *i)
{
    disk_state_fini(i);
    free(i);
}
