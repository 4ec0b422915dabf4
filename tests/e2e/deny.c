// SPDX-License-Identifier: MIT
/*
 * deny.c: run a program on a kernel that says no.
 *
 *	deny RULE... -- PROGRAM [ARG...]
 *
 * A rule is CALL[/ARG:VALUE[:MASK]]=ERRNO: that system call, when its argument
 * ARG (0 to 5) has that value under that mask, fails with that error.
 *
 *	memfd_create=ENOSPC
 *	ioctl/1:0xae01=EBUSY
 *	clone/0:0x10000000:0x10000000=EPERM
 *
 * The filter is inherited and never goes away, so what must recover needs
 * another way to be hindered. The errors are those that the tests use.
 */
#include <err.h>
#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int errno_of(const char *word)
{
    static const struct {
        const char *word;
        int code;
    } all[] = {
        {"EACCES", EACCES}, {"EAGAIN", EAGAIN}, {"EBUSY", EBUSY},   {"EINVAL", EINVAL},
        {"EMFILE", EMFILE}, {"ENFILE", ENFILE}, {"ENOMEM", ENOMEM}, {"ENOSPC", ENOSPC},
        {"ENOSYS", ENOSYS}, {"ENOTTY", ENOTTY}, {"EPERM", EPERM},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(all[i].word, word) == 0)
            return all[i].code;
    errx(2, "no error %s here", word);
}

/* "ARG:VALUE[:MASK]" */
static struct scmp_arg_cmp condition(const char *text)
{
    char *end;
    unsigned long arg = strtoul(text, &end, 10);
    uint64_t mask = UINT64_MAX;

    if (arg > 5 || *end != ':')
        errx(2, "%s is no ARG:VALUE", text);
    uint64_t value = strtoull(end + 1, &end, 0);
    if (*end == ':')
        mask = strtoull(end + 1, &end, 0);
    if (*end != '\0')
        errx(2, "%s is no ARG:VALUE:MASK", text);
    return (struct scmp_arg_cmp){(unsigned)arg, SCMP_CMP_MASKED_EQ, mask, value};
}

static void deny(scmp_filter_ctx filter, char *rule)
{
    char *word = strchr(rule, '=');

    if (word == NULL)
        errx(2, "%s is no CALL=ERRNO", rule);
    *word++ = '\0';
    char *when = strchr(rule, '/');
    if (when != NULL)
        *when++ = '\0';
    int call = seccomp_syscall_resolve_name(rule);
    if (call == __NR_SCMP_ERROR)
        errx(2, "no system call %s", rule);
    struct scmp_arg_cmp c = when != NULL ? condition(when) : (struct scmp_arg_cmp){0};
    int r = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((unsigned)errno_of(word)), call,
                                   when != NULL ? 1 : 0, &c);
    if (r < 0)
        errx(2, "%s: %s", rule, strerror(-r));
}

int main(int argc, char **argv)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int i = 1;

    if (filter == NULL)
        errx(2, "no memory");
    /* Root stays as able as it was; others have to promise. */
    if (geteuid() == 0)
        (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
    for (; i < argc && strcmp(argv[i], "--") != 0; i++)
        deny(filter, argv[i]);
    if (i + 1 >= argc)
        errx(2, "usage: deny RULE... -- PROGRAM [ARG...]");
    int r = seccomp_load(filter);
    if (r < 0)
        errx(2, "no filter: %s", strerror(-r));
    seccomp_release(filter);
    execvp(argv[i + 1], argv + i + 1);
    err(2, "%s", argv[i + 1]);
}
