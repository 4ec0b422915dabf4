// SPDX-License-Identifier: MIT
/* bare.c: see bare.h. */
#include "cli/floors/bare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/floors/written.h"

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static void lay_out(struct bare_image *g, uint32_t npages)
{
    const size_t code = (size_t)(bare_guest_end - bare_guest);
    const uint32_t numbers[] = {npages, (uint32_t)page_size()};

    memcpy(g->at + BARE_CODE, bare_guest, code);
    memcpy(g->at + BARE_CODE + code - sizeof(numbers), numbers, sizeof(numbers));
    for (size_t at = BARE_DATA; at < g->size; at += page_size())
        g->at[at] = 1;
}

int bare_image_init(struct bare_image *g, uint32_t npages, struct uf_err *err)
{
    *g = (struct bare_image){.kvm = -1, .fd = -1};
    g->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (g->kvm < 0)
        return uf_fail(err, -errno, "/dev/kvm: %s", strerror(errno));
    int run_size = ioctl(g->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    if (run_size < (int)sizeof(struct kvm_run))
        return uf_fail(err, -ENOTSUP, "KVM_GET_VCPU_MMAP_SIZE says %d", run_size);
    g->run_size = (size_t)run_size;
    size_t size = BARE_DATA + BARE_PAGES_MAX * page_size();
    g->fd = memfd_create("bare", MFD_CLOEXEC);
    if (g->fd < 0 || ftruncate(g->fd, (off_t)size) < 0)
        return uf_fail(err, -errno, "a memory file: %s", strerror(errno));
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, g->fd, 0);
    if (at == MAP_FAILED)
        return uf_fail(err, -errno, "a memory file: %s", strerror(errno));
    g->at = at;
    g->size = size;
    lay_out(g, npages);
    int r = bare_arch_image(g);
    return r < 0 ? uf_fail(err, r, "KVM's processors: %s", strerror(-r)) : 0;
}

void bare_image_fini(struct bare_image *g)
{
    free(g->features);
    if (g->at != NULL)
        (void)munmap(g->at, g->size);
    if (g->fd >= 0)
        (void)close(g->fd);
    if (g->kvm >= 0)
        (void)close(g->kvm);
    *g = (struct bare_image){.kvm = -1, .fd = -1};
}

static int give_memory(struct bare *b)
{
    void *at = mmap(NULL, b->image->size, PROT_READ | PROT_WRITE, MAP_PRIVATE, b->image->fd, 0);

    if (at == MAP_FAILED)
        return -errno;
    b->ram = at;
    (void)madvise(at, b->image->size, MADV_NOHUGEPAGE);
    struct kvm_userspace_memory_region r = {
        .memory_size = b->image->size,
        .userspace_addr = (uint64_t)(uintptr_t)at,
    };
    return ioctl(b->vm, KVM_SET_USER_MEMORY_REGION, &r) < 0 ? -errno : 0;
}

static int make_vcpu(struct bare *b)
{
    b->vcpu = ioctl(b->vm, KVM_CREATE_VCPU, 0);
    if (b->vcpu < 0)
        return -errno;
    void *run = mmap(NULL, b->image->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, b->vcpu, 0);
    if (run == MAP_FAILED)
        return -errno;
    b->run = run;
    return bare_arch_init(b);
}

int bare_init(struct bare *b, const struct bare_image *g, struct uf_err *err)
{
    *b = (struct bare){.image = g, .vm = -1, .vcpu = -1, .pagemap = -1};
    b->vm = ioctl(g->kvm, KVM_CREATE_VM, 0);
    int r = b->vm < 0 ? -errno : give_memory(b);
    if (r == 0)
        r = make_vcpu(b);
    return r < 0 ? uf_fail(err, r, "KVM cannot make a machine: %s", strerror(-r)) : 0;
}

void bare_fini(struct bare *b)
{
    if (b->run != NULL)
        (void)munmap(b->run, b->image->run_size);
    if (b->ram != NULL)
        (void)munmap(b->ram, b->image->size);
    if (b->vcpu >= 0)
        (void)close(b->vcpu);
    if (b->vm >= 0)
        (void)close(b->vm);
    if (b->pagemap >= 0)
        (void)close(b->pagemap);
    *b = (struct bare){.vm = -1, .vcpu = -1, .pagemap = -1};
}

int bare_again(struct bare *b, struct uf_err *err)
{
    if (ioctl(b->vcpu, KVM_RUN, 0) < 0)
        return uf_fail(err, -errno, "KVM_RUN: %s", strerror(errno));
    if (!bare_arch_is_door(b->run))
        return uf_fail(err, -EIO, "the guest left with exit %u", b->run->exit_reason);
    return 0;
}

int bare_run(struct bare *b, struct uf_err *err)
{
    int r = bare_arch_reset(b);

    return r < 0 ? uf_fail(err, r, "KVM refuses registers: %s", strerror(-r)) : bare_again(b, err);
}

/* Every written page, found; with copy, also put back. */
static int find(struct bare *b, bool copy, struct uf_err *err)
{
    struct written_range dirty[BARE_PAGES_MAX];
    const uint64_t base = (uint64_t)(uintptr_t)b->ram;
    /* Not the page tables: a nested walk counts as writing them (AMD), and they
     * are the machine's, not the guest's. */
    struct written_range left = {base + BARE_CODE, base + b->image->size};
    uint64_t bytes = 0;

    if (b->pagemap < 0)
        b->pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    while (left.start < left.end) {
        int n = written_find(b->pagemap, &left, dirty, BARE_PAGES_MAX);

        if (n < 0)
            return uf_fail(err, n, "/proc/self/pagemap: %s", strerror(-n));
        for (int i = 0; i < n; i++) {
            uint64_t len = dirty[i].end - dirty[i].start;
            uint64_t at = dirty[i].start - base;

            /* Page tables: processors that walk them through tables of the
             * hypervisor's (AMD's) ask for leave to write them. */
            if (at < BARE_DATA)
                continue;
            if (copy)
                memcpy(b->ram + at, b->image->at + at, len);
            bytes += len;
        }
    }
    return (int)(bytes / page_size());
}

int bare_restore(struct bare *b, struct uf_err *err)
{
    return find(b, true, err);
}

int bare_scan(struct bare *b, struct uf_err *err)
{
    return find(b, false, err);
}
