// SPDX-License-Identifier: MIT
/*
 * policyc: compile a system call policy into a C array of BPF instructions.
 *
 *	policyc ARCH NAME FILE >policy_NAME.c
 *
 * A policy has one system call a line, with conditions on its arguments and a
 * reason, which is not optional:
 *
 *	ioctl arg1=KVM_RUN          # run the guest
 *	mmap arg2&PROT_EXEC=0       # guest memory, never code
 *	from-door                   # (a line of its own) only from the door page
 *
 * Everything else ends the process; under from-door it is a SIGSYS, which stops a
 * traced guest for its tender. A call may stand on several lines. libseccomp does
 * the compiling; only what it cannot express (the instruction pointer) is put in
 * front by hand.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include "abi/image.h"
#include "tender/jail/jail.h"

struct value {
    const char *name;
    uint64_t value;
};

static const struct value values[] = {
    {"KVM_RUN", KVM_RUN},
    {"KVM_SET_USER_MEMORY_REGION", KVM_SET_USER_MEMORY_REGION},
    {"KVM_GET_SREGS", 0x8138ae83}, /* _IOR(KVMIO, 0x83, struct kvm_sregs) of x86_64 */
    {"KVM_GET_ONE_REG", KVM_GET_ONE_REG},
    {"KVM_SET_ONE_REG", KVM_SET_ONE_REG},
    {"PAGEMAP_SCAN", 0xc0606610}, /* _IOWR('f', 16, struct pm_scan_arg), Linux 6.7 */
    {"PROT_EXEC", PROT_EXEC},
    {"MADV_DONTNEED", MADV_DONTNEED},
    {"MADV_NOHUGEPAGE", MADV_NOHUGEPAGE},
    {"MADV_POPULATE_WRITE", MADV_POPULATE_WRITE},
    {"PTRACE_CONT", PTRACE_CONT},
    {"PTRACE_SYSEMU", 31},
    {"PTRACE_INTERRUPT", PTRACE_INTERRUPT},
    {"PTRACE_GETREGS", 12}, /* of x86_64; the headers of others lack it */
    {"PTRACE_SETREGS", 13},
    {"PTRACE_GETREGSET", PTRACE_GETREGSET},
    {"PTRACE_SETREGSET", PTRACE_SETREGSET},
    {"PTRACE_GETSIGINFO", PTRACE_GETSIGINFO},
    {"$guest", POLICY_GUEST_PID},
};

static const char *path;
static unsigned line_no;

static void die(const char *what, const char *thing)
{
    (void)fprintf(stderr, "%s:%u: %s: %s\n", path, line_no, what, thing);
    exit(1);
}

static uint64_t value_of(const char *word)
{
    char *end;

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        if (strcmp(values[i].name, word) == 0)
            return values[i].value;
    uint64_t v = strtoull(word, &end, 0);
    if (end == word || *end != '\0')
        die("neither a number nor a known name", word);
    return v;
}

/* argN=VALUE or argN&MASK=VALUE */
static struct scmp_arg_cmp parse_condition(char *word)
{
    char *eq = strchr(word, '=');
    char *amp = strchr(word, '&');

    if (strncmp(word, "arg", 3) != 0 || word[3] < '0' || word[3] > '5' || eq == NULL ||
        (amp != NULL && amp > eq))
        die("a condition is argN=VALUE or argN&MASK=VALUE", word);
    *eq = '\0';
    struct scmp_arg_cmp c = {
        .arg = (unsigned)(word[3] - '0'), .op = SCMP_CMP_EQ, .datum_a = value_of(eq + 1)};
    if (amp == NULL)
        return c;
    c.op = SCMP_CMP_MASKED_EQ;
    c.datum_b = c.datum_a;
    c.datum_a = value_of(amp + 1);
    return c;
}

static void add_rule(scmp_filter_ctx ctx, uint32_t arch, char *rule)
{
    struct scmp_arg_cmp cond[6];
    unsigned n = 0;
    char *save = NULL;
    char *name = strtok_r(rule, " \t", &save);
    /* libseccomp takes the build host's numbers and translates them. */
    int nr = seccomp_syscall_resolve_name(name);

    if (nr < 0 || seccomp_syscall_resolve_name_arch(arch, name) < 0)
        die("no system call of this architecture", name);
    for (char *w = strtok_r(NULL, " \t", &save); w != NULL; w = strtok_r(NULL, " \t", &save)) {
        if (n == 6)
            die("more than 6 conditions", name);
        cond[n++] = parse_condition(w);
    }
    int r = seccomp_rule_add_exact_array(ctx, SCMP_ACT_ALLOW, nr, n, cond);
    if (r < 0)
        die(strerror(-r), name);
}

static void read_policy(scmp_filter_ctx ctx, uint32_t arch, FILE *f)
{
    char line[512];

    while (fgets(line, sizeof(line), f) != NULL) {
        char *hash = strchr(line, '#');

        line_no++;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '\0' || line[0] == '#')
            continue;
        if (hash == NULL || strspn(hash + 1, " \t") == strlen(hash + 1))
            die("a line without a reason", line);
        *hash = '\0';
        if (strncmp(line, "from-door", 9) != 0)
            add_rule(ctx, arch, line);
    }
}

static void print_code(const struct sock_filter *f, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)printf("    {0x%04x, %3u, %3u, 0x%08x},\n", f[i].code, f[i].jt, f[i].jf, f[i].k);
}

/* Instructions at any other address are trapped before any rule is asked. */
static size_t print_from_door(void)
{
    const uint32_t low = offsetof(struct seccomp_data, instruction_pointer);
    const struct sock_filter f[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)(UF_DOOR_BASE + UF_DOOR_SIZE), 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)UF_DOOR_BASE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
    };

    print_code(f, sizeof(f) / sizeof(f[0]));
    return sizeof(f) / sizeof(f[0]);
}

static void print_policy(scmp_filter_ctx ctx, const char *name, bool from_door)
{
    struct sock_filter code[POLICY_MAX];
    size_t n = 0;
    FILE *tmp = tmpfile();

    if (tmp == NULL || seccomp_export_bpf(ctx, fileno(tmp)) < 0)
        die("cannot be exported", name);
    rewind(tmp);
    n = fread(code, sizeof(code[0]), POLICY_MAX, tmp);
    (void)fclose(tmp);
    (void)printf("/* Made by tools/policyc from %s. */\n#include <linux/filter.h>\n"
                 "#include \"tender/jail/jail.h\"\n\nstatic const struct sock_filter code[] = {\n",
                 path);
    size_t total = n + (from_door ? print_from_door() : 0);
    print_code(code, n);
    (void)printf("};\n\nconst struct policy policy_%s = {.code = code, .len = %zu};\n", name,
                 total);
    if (n == 0 || total > POLICY_MAX)
        die("too long or empty", name);
}

/* Looks for the line of its own; rewinds. */
static bool is_from_door(FILE *f)
{
    char line[512];
    bool found = false;

    while (fgets(line, sizeof(line), f) != NULL)
        found = found || strncmp(line, "from-door", 9) == 0;
    rewind(f);
    return found;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fputs("usage: policyc x86_64|aarch64 NAME FILE\n", stderr);
        return 2;
    }
    path = argv[3];
    uint32_t arch = strcmp(argv[1], "aarch64") == 0 ? SCMP_ARCH_AARCH64 : SCMP_ARCH_X86_64;
    FILE *f = fopen(path, "r");
    bool is_guest = f != NULL && is_from_door(f);
    scmp_filter_ctx ctx = seccomp_init(is_guest ? SCMP_ACT_TRAP : SCMP_ACT_KILL_PROCESS);

    if (f == NULL || ctx == NULL)
        die("cannot be opened", strerror(errno));
    if (arch != seccomp_arch_native() &&
        (seccomp_arch_remove(ctx, seccomp_arch_native()) < 0 || seccomp_arch_add(ctx, arch) < 0))
        die("unknown architecture", argv[1]);
    if (seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) < 0)
        die("cannot be configured", argv[2]);
    read_policy(ctx, arch, f);
    print_policy(ctx, argv[2], is_guest);
    (void)fclose(f);
    seccomp_release(ctx);
    return 0;
}
