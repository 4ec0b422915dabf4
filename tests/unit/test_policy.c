// SPDX-License-Identifier: MIT
// LINK: tender/jail/jail.c @policy
// LIBS: libseccomp
/*
 * The system call filters as the kernel sees them: each attempt is made by a
 * process of its own behind the real filter, and must end that process exactly
 * when no line of tender/jail/policy allows it.
 */
#include "tender/jail/jail.h"

#include <linux/filter.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/image.h"
#include "tests/tap.h"
#include "tests/unit/arch/calls.h"

#define CALLS   1024       /* more numbers than any architecture uses */
#define GUEST   0x7ffffff0 /* no process has this number           */
#define NLINES  64u
#define ANY     (-1l) /* for arguments that no line speaks of: valid nowhere */
#define UNKNOWN (-2l) /* no value of a policy */

struct rule {
    long nr;
    bool checks[6];
    uint64_t mask[6];
    uint64_t want[6];
};

struct lines {
    struct rule rule[NLINES];
    unsigned n;
};

struct attempt {
    long nr;
    long arg[6];
};

enum way {
    PLAIN,
    FROM_DOOR,
    COMPAT,
};

/* What became of an attempt. */
enum end {
    RETURNED,
    KILLED, /* SIGSYS, in the call */
    OTHER,
};

/* ---- what the policy says ------------------------------------------------------- */

/* A second copy, on purpose: the compiler of policies has the first. */
static long value_of(const char *word)
{
    static const struct {
        const char *name;
        long value;
    } all[] = {
        {"KVM_RUN", KVM_RUN},
        {"KVM_SET_USER_MEMORY_REGION", (long)KVM_SET_USER_MEMORY_REGION},
        {"KVM_GET_SREGS", 0x8138ae83},
        {"KVM_GET_ONE_REG", (long)KVM_GET_ONE_REG},
        {"KVM_SET_ONE_REG", (long)KVM_SET_ONE_REG},
        {"PAGEMAP_SCAN", 0xc0606610},
        {"PROT_EXEC", 4},
        {"MADV_DONTNEED", 4},
        {"MADV_NOHUGEPAGE", 15},
        {"MADV_POPULATE_WRITE", 23},
        {"PTRACE_CONT", 7},
        {"PTRACE_SYSEMU", 31},
        {"PTRACE_INTERRUPT", 0x4207},
        {"PTRACE_GETREGS", 12},
        {"PTRACE_SETREGS", 13},
        {"PTRACE_GETREGSET", 0x4204},
        {"PTRACE_SETREGSET", 0x4205},
        {"PTRACE_GETSIGINFO", 0x4202},
        {"$guest", GUEST},
        {"0", 0},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(all[i].name, word) == 0)
            return all[i].value;
    printf("# %s: the test does not know this name\n", word);
    return UNKNOWN;
}

/* argN=WORD or argN&WORD=WORD */
static bool read_condition(struct rule *r, char *word)
{
    char *eq = strchr(word, '=');
    char *amp = strchr(word, '&');
    unsigned n = (unsigned)(word[3] - '0');

    if (strncmp(word, "arg", 3) != 0 || n > 5 || eq == NULL)
        return false;
    *eq = '\0';
    r->checks[n] = true;
    r->mask[n] = amp == NULL ? UINT64_MAX : (uint64_t)value_of(amp + 1);
    r->want[n] = (uint64_t)value_of(eq + 1);
    return value_of(eq + 1) != UNKNOWN && (amp == NULL || value_of(amp + 1) != UNKNOWN);
}

static bool read_line(struct lines *l, char *text)
{
    char *save = NULL;
    bool good = true;

    text[strcspn(text, "#\n")] = '\0';
    char *name = strtok_r(text, " \t", &save);
    if (name == NULL || strcmp(name, "from-door") == 0)
        return true;
    struct rule *r = &l->rule[l->n++];
    *r = (struct rule){.nr = seccomp_syscall_resolve_name(name)};
    for (char *w; (w = strtok_r(NULL, " \t", &save)) != NULL;)
        good = read_condition(r, w) && good;
    return good && r->nr >= 0 && l->n < NLINES;
}

static bool read_policy(struct lines *l, const char *name)
{
    char text[512];
    char path[512];
    struct utsname u;
    bool good = true;

    *l = (struct lines){0};
    (void)uname(&u);
    (void)snprintf(path, sizeof(path), "tender/jail/policy/%s/%s.policy", u.machine, name);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return false;
    while (fgets(text, sizeof(text), f) != NULL)
        good = read_line(l, text) && good;
    (void)fclose(f);
    return good && l->n > 0;
}

static bool is_checked(const struct rule *r)
{
    for (unsigned i = 0; i < 6; i++)
        if (r->checks[i])
            return true;
    return false;
}

static bool matches(const struct rule *r, const struct attempt *a)
{
    if (r->nr != a->nr)
        return false;
    for (unsigned i = 0; i < 6; i++)
        if (r->checks[i] && ((uint64_t)a->arg[i] & r->mask[i]) != r->want[i])
            return false;
    return true;
}

static bool is_allowed(const struct lines *l, const struct attempt *a)
{
    for (unsigned i = 0; i < l->n; i++)
        if (matches(&l->rule[i], a))
            return true;
    return false;
}

/* ---- what the kernel does ------------------------------------------------------- */

static volatile int *step; /* shared with the child: 1 before the call, 2 after it */

static void try_in_child(const struct policy *p, const struct attempt *a, enum way way)
{
    const struct rlimit none = {0};

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(SIGSYS, SIG_DFL);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || jail_seal(p, GUEST, NULL) < 0)
        _exit(1);
    *step = 1;
    if (way == FROM_DOOR)
        (void)call_from(UF_DOOR_BASE, a->nr, a->arg);
    else if (way == COMPAT)
        call_compat(a->nr);
    else
        (void)syscall(a->nr, a->arg[0], a->arg[1], a->arg[2], a->arg[3], a->arg[4], a->arg[5]);
    *step = 2;
    _exit(0);
}

static enum end attempt(const struct policy *p, const struct attempt *a, enum way way)
{
    int status = 0;

    *step = 0;
    pid_t pid = fork();
    if (pid == 0)
        try_in_child(p, a, way);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return OTHER;
    /* Behind some filters it cannot even exit. */
    if (*step == 2)
        return RETURNED;
    return *step == 1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? KILLED : OTHER;
}

static void check(const struct policy *p, const struct attempt *a, enum way way, bool allowed)
{
    enum end end = attempt(p, a, way);

    if (end != (allowed ? RETURNED : KILLED))
        printf("# call %ld(%#lx, %#lx, %#lx), way %d: %s\n", a->nr, (unsigned long)a->arg[0],
               (unsigned long)a->arg[1], (unsigned long)a->arg[2], (int)way,
               end == RETURNED ? "went through"
               : end == KILLED ? "was refused"
                               : "ended otherwise");
    CHECK(end == (allowed ? RETURNED : KILLED));
}

static struct attempt with_any(long nr)
{
    return (struct attempt){nr, {ANY, ANY, ANY, ANY, ANY, ANY}};
}

/* ---- the sentences ------------------------------------------------------------- */

/* Calls whose lines allow any argument are left out: they would be made. */
static void check_numbers(const struct policy *p, const struct lines *l, enum way way)
{
    for (long nr = 0; nr < CALLS; nr++) {
        struct attempt a = with_any(nr);

        if (way != COMPAT && call_is_never_filtered(nr))
            continue;
        if (way == COMPAT || !is_allowed(l, &a))
            check(p, &a, way, false);
        a.nr |= CALL_OTHER_BIT;
        if (way != COMPAT && a.nr != nr)
            check(p, &a, way, false);
    }
}

/* For each line the arguments that it wants, and all that differ in one bit. */
static void check_arguments(const struct policy *p, const struct lines *l, enum way way)
{
    for (unsigned k = 0; k < l->n; k++) {
        const struct rule *r = &l->rule[k];
        struct attempt exact = with_any(r->nr);

        if (!is_checked(r))
            continue;
        for (unsigned i = 0; i < 6; i++)
            if (r->checks[i])
                exact.arg[i] = (long)r->want[i];
        check(p, &exact, way, true);
        for (unsigned bit = 0; bit < 6 * 64; bit++) {
            struct attempt near = exact;

            near.arg[bit / 64] ^= (long)(UINT64_C(1) << bit % 64);
            if (r->checks[bit / 64])
                check(p, &near, way, is_allowed(l, &near));
        }
    }
}

static void check_policy(const struct policy *p, const char *name)
{
    struct lines l;
    bool is_read = read_policy(&l, name);

    CHECK(is_read);
    if (!is_read)
        return;
    check_numbers(p, &l, PLAIN);
    check_arguments(p, &l, PLAIN);
}

static void a_call_that_kvm_policy_does_not_list_ends_the_tender(void)
{
    check_policy(&policy_kvm, "kvm");
}

static void a_call_that_proc_policy_does_not_list_ends_the_tender(void)
{
    check_policy(&policy_proc, "proc");
}

static void a_guest_process_makes_no_call_by_itself(void)
{
    static const struct lines none;
    struct lines l;

    check_numbers(&policy_guest, &none, PLAIN);
    CHECK(read_policy(&l, "guest"));
    for (unsigned k = 0; k < l.n; k++) {
        struct attempt a = with_any(l.rule[k].nr);

        for (unsigned i = 0; i < 6; i++)
            if (l.rule[k].checks[i])
                a.arg[i] = (long)l.rule[k].want[i];
        check(&policy_guest, &a, PLAIN, false);
    }
}

static void from_the_door_page_it_makes_those_of_its_policy_only(void)
{
    struct lines l;
    void *at;
    uint64_t where = UF_DOOR_BASE;

    memcpy(&at, &where, sizeof(at));
    at = mmap(at, UF_DOOR_SIZE, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(at != MAP_FAILED);
    CHECK(read_policy(&l, "guest"));
    if (at == MAP_FAILED)
        return;
    memcpy(at, call_code, sizeof(call_code));
    CHECK(mprotect(at, UF_DOOR_SIZE, PROT_READ | PROT_EXEC) == 0);
    check_numbers(&policy_guest, &l, FROM_DOOR);
    check_arguments(&policy_guest, &l, FROM_DOOR);
}

/* Where the kernel has no such calls there is nothing to refuse. */
static void calls_of_32_bit_code_end_every_process(void)
{
    const struct policy *all[] = {&policy_kvm, &policy_proc, &policy_guest};
    static const struct sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    static const struct policy open = {.code = allow, .len = 1};
    struct attempt any = with_any(CALLS);
    static const struct lines none;

    if (!CALL_HAS_COMPAT || attempt(&open, &any, COMPAT) != RETURNED) {
        printf("# this kernel has none\n");
        return;
    }
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        check_numbers(all[i], &none, COMPAT);
}

int main(void)
{
    static const struct tap_case all[] = {
        TAP_CASE(a_call_that_kvm_policy_does_not_list_ends_the_tender),
        TAP_CASE(a_call_that_proc_policy_does_not_list_ends_the_tender),
        TAP_CASE(a_guest_process_makes_no_call_by_itself),
        TAP_CASE(from_the_door_page_it_makes_those_of_its_policy_only),
        TAP_CASE(calls_of_32_bit_code_end_every_process),
    };

    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    step = mmap(NULL, sizeof(*step), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return step == MAP_FAILED ? 1 : tap_run(all, sizeof(all) / sizeof(all[0]));
}
