// SPDX-License-Identifier: MIT
/* vm.c: see vm.h. */
#include "tender/kvm/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tender/arch/arch.h"
#include "tender/core/host.h"

enum slot {
    SLOT_SYSTEM,
    SLOT_DOOR,
    SLOT_RAM,
    SLOT_EVENT,
};

static struct vm *vm_of(struct machine *m)
{
    return (struct vm *)((char *)m - offsetof(struct vm, machine));
}

static int set_slot(const struct vm *vm, enum slot slot, uint64_t gpa, uint64_t size,
                    const void *at, uint32_t flags)
{
    struct kvm_userspace_memory_region r = {
        .slot = slot,
        .flags = flags,
        .guest_phys_addr = gpa,
        .memory_size = size,
        .userspace_addr = (uint64_t)(uintptr_t)at,
    };

    return host_ioctl(vm->vm, KVM_SET_USER_MEMORY_REGION, &r) < 0 ? -errno : 0;
}

static uint8_t *anonymous(size_t len)
{
    uint8_t *p =
        mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

uint64_t vm_system_take(struct vm *vm, uint64_t npages)
{
    uint64_t at = VM_SYSTEM_BASE + vm->system_used;

    vm->system_used += npages * UF_PAGE;
    return at;
}

void *vm_system_at(const struct vm *vm, uint64_t addr)
{
    return vm->system + (addr - VM_SYSTEM_BASE);
}

/* The table one level down, made when missing. */
static uint64_t *table_below(struct vm *vm, uint64_t *entry)
{
    /* Entries keep the address in bits 12 to 47 on both architectures. */
    const uint64_t mask = UINT64_C(0x0000fffffffff000);

    if (*entry == 0)
        *entry = vcpu_table_entry(vm_system_take(vm, 1));
    return vm_system_at(vm, *entry & mask);
}

void vm_map_range(struct vm *vm, uint64_t root, uint64_t start, uint64_t end, uint32_t prot,
                  bool user)
{
    uint64_t *gib = vm_system_at(vm, root);

    for (uint64_t at = start; at < end; at += UF_PAGE) {
        uint64_t *mib = table_below(vm, &gib[at >> 30 & 511]);
        uint64_t *pages = table_below(vm, &mib[at >> 21 & 511]);

        pages[at >> 12 & 511] = vcpu_page_entry(at, prot, user);
    }
}

/* Everything that the guest may see, but for the door page. */
static void map_guest(struct vm *vm, const struct machine_map *map)
{
    const struct uf_snapshot *s = map->snap;

    for (uint32_t i = 0; i < s->nregions; i++)
        vm_map_range(vm, vm->root, s->region[i].start, s->region[i].end, s->region[i].prot, true);
    vm_map_range(vm, vm->root, UF_EVENT_BASE, UF_EVENT_BASE + map->limits->event_max, UF_PROT_READ,
                 true);
}

/* RAM: zero, with the snapshot's extents over it, all private. */
static int map_ram(struct vm *vm, const struct machine_map *map, struct uf_err *err)
{
    const struct uf_snapshot *s = map->snap;
    uint64_t len = s->ram_end - s->ram_start;

    vm->ram = anonymous(len);
    if (vm->ram == NULL)
        return uf_fail(err, -errno, "cannot get %llu bytes for guest memory",
                       (unsigned long long)len);
    for (uint32_t i = 0; i < s->nextents; i++) {
        const struct uf_extent *x = &s->extent[i];

        if (mmap(vm->ram + (x->addr - s->ram_start), x->size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, map->snap_fd,
                 (off_t)x->offset) == MAP_FAILED)
            return uf_fail(err, -errno, "cannot map extent %u of the snapshot", i);
    }
    /* Huge pages would be copied whole at every restore. */
    (void)madvise(vm->ram, len, MADV_NOHUGEPAGE);
    /* From Linux 5.14 on; until then each is a fault of the guest's. */
    for (const struct page_range *w = map->working_set; w < map->working_set + map->nworking; w++)
        (void)madvise(vm->ram + (w->start - s->ram_start), w->end - w->start, MADV_POPULATE_WRITE);
    vm->ram_start = s->ram_start;
    vm->ram_end = s->ram_end;
    vm->machine.pages.base = (uint64_t)(uintptr_t)vm->ram - s->ram_start;
    int r = set_slot(vm, SLOT_RAM, s->ram_start, len, vm->ram, 0);
    return r < 0 ? uf_fail(err, r, "KVM refuses guest memory: %s", strerror(-r)) : 0;
}

static int map_event(const struct vm *vm, const struct machine_map *map, struct uf_err *err)
{
    uint32_t len = map->limits->event_max;
    void *at = mmap(NULL, len, PROT_READ, MAP_SHARED, map->exchange_fd, 0);

    if (at == MAP_FAILED)
        return uf_fail(err, -errno, "cannot map the event area");
    int r = set_slot(vm, SLOT_EVENT, UF_EVENT_BASE, len, at, KVM_MEM_READONLY);
    return r < 0 ? uf_fail(err, r, "KVM refuses the event area: %s", strerror(-r)) : 0;
}

static int vm_map(struct machine *m, const struct machine_map *map, struct uf_err *err)
{
    struct vm *vm = vm_of(m);
    int r = map_ram(vm, map, err);

    r = r < 0 ? r : map_event(vm, map, err);
    if (r < 0)
        return r;
    map_guest(vm, map);
    machine_start_at(m, map->snap, map->snap->entry);
    return 0;
}

static int run(struct vm *vm, struct stop *stop)
{
    vm->at_fault = false;
    if (host_ioctl(vm->vcpu, KVM_RUN, NULL) < 0) {
        /* Arm: a store to the door's device that KVM can't take apart. */
        if (errno == ENOSYS) {
            *stop = (struct stop){.kind = STOP_FAULT, .fault = FAULT_PRIVILEGED};
            return 0;
        }
        if (errno != EINTR && errno != EAGAIN)
            return -errno;
        vm->was_interrupted = true;
        *stop = (struct stop){.kind = STOP_INTERRUPTED};
        return 0;
    }
    vcpu_stop(vm, stop);
    return 0;
}

static int vm_enter(struct machine *m, struct stop *stop)
{
    struct vm *vm = vm_of(m);
    int r = vcpu_reset(vm);

    vm->was_interrupted = false;
    return r < 0 ? r : run(vm, stop);
}

static int vm_resume(struct machine *m, struct stop *stop)
{
    return run(vm_of(m), stop);
}

static int vm_regs(struct machine *m, struct machine_regs *out)
{
    struct vm *vm = vm_of(m);

    if (vm->at_fault) {
        *out = vm->fault_regs;
        return 0;
    }
    return vcpu_regs(vm, out);
}

static int vm_read(struct machine *m, uint64_t addr, void *dst, size_t len)
{
    struct vm *vm = vm_of(m);

    memcpy(dst, vm->ram + (addr - vm->ram_start), len);
    return 0;
}

static int vm_write(struct machine *m, const struct piece *p, size_t n)
{
    struct vm *vm = vm_of(m);

    for (size_t i = 0; i < n; i++)
        memcpy(vm->ram + (p[i].addr - vm->ram_start), p[i].src, p[i].len);
    return 0;
}

static int vm_drop(struct machine *m, uint64_t addr, size_t len)
{
    struct vm *vm = vm_of(m);

    return madvise(vm->ram + (addr - vm->ram_start), len, MADV_DONTNEED) < 0 ? -errno : 0;
}

static uint64_t vm_cpu_ns(struct machine *m)
{
    (void)m;
    return host_clock(CLOCK_PROCESS_CPUTIME_ID);
}

static const struct machine_ops ops = {
    .name = "kvm",
    .map = vm_map,
    .enter = vm_enter,
    .resume = vm_resume,
    .regs = vm_regs,
    .read = vm_read,
    .write = vm_write,
    .drop = vm_drop,
    .cpu_ns = vm_cpu_ns,
};

static int make_vcpu(struct vm *vm, struct uf_err *err)
{
    int size = host_ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, NULL);

    vm->vcpu = host_ioctl(vm->vm, KVM_CREATE_VCPU, NULL);
    if (vm->vcpu < 0 || size < (int)sizeof(*vm->run))
        return uf_fail(err, -errno, "KVM_CREATE_VCPU: %s", strerror(errno));
    vm->run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
    if (vm->run == MAP_FAILED)
        return uf_fail(err, -errno, "cannot map the vCPU: %s", strerror(errno));
    return vcpu_open(vm, err);
}

/*
 * A processor's first run takes KVM longer than any other: roots, caches and tables are
 * made. It is one that comes to nothing, to a fault at address 0, before an event waits.
 */
static int warm_up(struct vm *vm, struct uf_err *err)
{
    struct stop stop;

    vm_map_range(vm, vm->root, UF_DOOR_BASE, UF_DOOR_BASE + UF_PAGE, UF_PROT_READ | UF_PROT_EXEC,
                 true);
    int r = vm_enter(&vm->machine, &stop);
    return r < 0 ? uf_fail(err, r, "KVM_RUN: %s", strerror(-r)) : 0;
}

int kvm_open(struct machine **out, int proc, struct uf_err *err)
{
    static struct vm the_vm;
    struct vm *vm = &the_vm;
    struct arch_door door;

    vm->machine.ops = &ops;
    vm->kvm = UF_KVM_FD;
    vm->machine.pages.fd = openat(proc, "self/pagemap", O_RDONLY | O_CLOEXEC);
    if (vm->machine.pages.fd < 0)
        return uf_fail(err, -errno, "cannot open /proc/self/pagemap: %s", strerror(errno));
    vm->vm = host_ioctl(vm->kvm, KVM_CREATE_VM, NULL);
    if (vm->vm < 0)
        return uf_fail(err, -errno, "KVM_CREATE_VM: %s", strerror(errno));
    vm->system = anonymous(VM_SYSTEM_SIZE);
    vm->machine.door = anonymous(UF_DOOR_SIZE);
    if (vm->system == NULL || vm->machine.door == NULL)
        return uf_fail(err, -ENOMEM, "no memory for the machine's own pages");
    arch_door_kvm(&door);
    memcpy(vm->machine.door, door.code, door.size);
    vm->entry = UF_DOOR_BASE + door.start;
    int r = set_slot(vm, SLOT_SYSTEM, VM_SYSTEM_BASE, VM_SYSTEM_SIZE, vm->system, 0);
    if (r == 0)
        r = set_slot(vm, SLOT_DOOR, UF_DOOR_BASE, UF_DOOR_SIZE, vm->machine.door, KVM_MEM_READONLY);
    if (r < 0)
        return uf_fail(err, r, "KVM_SET_USER_MEMORY_REGION: %s", strerror(-r));
    r = make_vcpu(vm, err);
    (void)close(vm->kvm);
    *out = &vm->machine;
    return r < 0 ? r : warm_up(vm, err);
}
