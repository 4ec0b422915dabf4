// SPDX-License-Identifier: MIT
/*
 * steps.c: a tender that notes every address which an event executes, and every constant
 * which it reads.
 *
 * It is the real one, with the process backend, but for its filters, which have no single
 * step, and for three calls that the linker leads here: a run that is no boot goes on in
 * single steps, with the image's constants out of reach; who reads one gets them for the
 * length of that instruction. What is seen goes into a file of SEEN_SIZE bytes beside the
 * program, PROGRAM.seen, a byte for each of the image. It only ever adds to it. Without
 * the file nothing is watched.
 *
 * A step takes some ten microseconds, so that time limits should be minutes. On aarch64
 * an exclusive load and store cannot be stepped through: events of the runtime have none.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/image.h"
#include "tender/core/invoke.h"
#include "tender/jail/jail.h"
#include "tender/proc/guest.h"

/* Of Linux, whatever a C library's header says of them. */
#define SYSEMU      31
#define SYSEMU_STEP 32

/* tests/order/lib.sh reads these: what is larger than that is not looked at. */
#define SEEN_SIZE     ((size_t)2 << 20)
#define SEEN_EXECUTED 1u
#define SEEN_READ     2u

#define REGS_MAX 1024 /* bytes of general registers, and some more */

static const struct sock_filter anything[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
const struct policy policy_kvm = {.code = anything, .len = 1};
const struct policy policy_proc = {.code = anything, .len = 1};
const struct policy policy_guest = {.code = anything, .len = 1};

/* The linker's --wrap gives the names; see tests/tests.mk. */
#define REAL(name) __asm__("__real_" #name)
#define WRAP(name) __asm__("__wrap_" #name)

long real_ptrace(int request, ...) REAL(ptrace);
long wrap_ptrace(int request, ...) WRAP(ptrace);
pid_t real_waitpid(pid_t pid, int *status, int options) REAL(waitpid);
pid_t wrap_waitpid(pid_t pid, int *status, int options) WRAP(waitpid);
int real_invoke_run(struct invoke *v, bool booting) REAL(invoke_run);
int wrap_invoke_run(struct invoke *v, bool booting) WRAP(invoke_run);

static uint8_t *seen;              /* NULL: nobody wants to know                       */
static struct guest *guest;        /* while it is watched                              */
static const struct uf_region *ro; /* its constants                                    */
static bool has_stop;              /* the steps have ended with last_stop, to be told  */
static int last_stop;

__attribute__((constructor)) static void share(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof(".seen"));

    if (n < 0)
        return;
    (void)snprintf(path + n, sizeof(".seen"), ".seen");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *at = mmap(NULL, SEEN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    seen = at == MAP_FAILED ? NULL : at;
    (void)close(fd);
}

static void note(uint64_t addr, unsigned what)
{
    if (addr - UF_IMAGE_BASE < SEEN_SIZE)
        seen[addr - UF_IMAGE_BASE] |= (uint8_t)what;
}

/* Behind the code, and before what can be written. */
static const struct uf_region *constants_of(const struct uf_snapshot *s)
{
    for (uint32_t i = 1; i < s->nregions; i++)
        if (s->region[i].prot == UF_PROT_READ && s->region[i - 1].start == UF_IMAGE_BASE)
            return &s->region[i];
    return NULL;
}

int wrap_invoke_run(struct invoke *v, bool booting)
{
    if (seen != NULL && !booting) {
        guest = (struct guest *)((char *)v->gmem.machine - offsetof(struct guest, machine));
        ro = constants_of(v->gmem.snap);
    }
    int r = real_invoke_run(v, booting);
    guest = NULL;
    return r;
}

/* Let the guest read constants, or not. It goes on where it is. */
static int protect(uint64_t prot)
{
    uint8_t regs[REGS_MAX];
    struct iovec all = {.iov_base = regs, .iov_len = sizeof(regs)};

    if (ro == NULL)
        return 0;
    if (real_ptrace(PTRACE_GETREGSET, guest->pid, NT_PRSTATUS, &all) < 0)
        return -errno;
    (void)child_queue(
        guest, &(struct call){.nr = SYS_mprotect, .arg = {ro->start, ro->end - ro->start, prot}});
    int r = child_make_calls(guest);
    if (r == 0 && real_ptrace(PTRACE_SETREGSET, guest->pid, NT_PRSTATUS, &all) < 0)
        r = -errno;
    return r;
}

static bool is_constant(int status, uint64_t *addr)
{
    siginfo_t si;

    if (ro == NULL || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGSEGV ||
        real_ptrace(PTRACE_GETSIGINFO, guest->pid, NULL, &si) < 0)
        return false;
    *addr = (uint64_t)(uintptr_t)si.si_addr;
    return *addr >= ro->start && *addr < ro->end;
}

/* One instruction. Signals to us are for time limits, which wait until the next stop. */
static int step(int *status)
{
    struct machine_regs regs;
    int r = regs_get(guest->pid, &regs, NULL);

    if (r < 0)
        return r;
    note(regs.pc, SEEN_EXECUTED);
    if (real_ptrace(SYSEMU_STEP, guest->pid, NULL, NULL) < 0)
        return -errno;
    while (real_waitpid(guest->pid, status, __WALL) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

/* Up to the next stop that is not our own doing. */
static int watch(void)
{
    bool is_open = false;
    int r = protect(PROT_NONE);

    while (r == 0) {
        uint64_t addr = 0;

        r = step(&last_stop);
        if (r < 0)
            break;
        if (is_constant(last_stop, &addr)) {
            note(addr, SEEN_READ);
            r = protect(PROT_READ);
            is_open = true;
        } else if (last_stop >> 8 != SIGTRAP) {
            break;
        } else if (is_open) {
            r = protect(PROT_NONE);
            is_open = false;
        }
    }
    /* The tender reads from where the guest points. */
    if (r == 0 && WIFSTOPPED(last_stop))
        r = protect(PROT_READ);
    has_stop = r == 0;
    return r;
}

long wrap_ptrace(int request, ...)
{
    va_list args;

    va_start(args, request);
    pid_t pid = va_arg(args, pid_t);
    void *addr = va_arg(args, void *);
    void *data = va_arg(args, void *);
    va_end(args);
    if (guest == NULL || request != SYSEMU)
        return real_ptrace(request, pid, addr, data);
    int r = watch();
    if (r < 0)
        errno = -r;
    return r < 0 ? -1 : 0;
}

pid_t wrap_waitpid(pid_t pid, int *status, int options)
{
    if (!has_stop)
        return real_waitpid(pid, status, options);
    has_stop = false;
    *status = last_stop;
    return pid;
}
