// SPDX-License-Identifier: MIT
/* link.c: the linker, and what its complaints mean; see build.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"
#include "cli/build/build.h"
#include "cli/build/words.h"
#include "cli/cli.h"

#define COMPLAINTS_MAX 65536u

static void add_all(const struct toolchain *t, const struct project *p,
                    const struct object *objects, const char *elf, struct words *w)
{
    /* Complaints in the language that explain() reads. */
    words_add(w, "env");
    words_add(w, "LC_ALL=C");
    toolchain_compiler(t, false, w);
    for (size_t i = 0; i < p->nsources; i++)
        words_add(w, "%s", objects[i].path);
    words_add(w, "-o");
    words_add(w, "%s", elf);
    words_add(w, "@%s/%s/ldflags", t->sdk, t->arch->name);
    words_add(w, "-T");
    words_add(w, "%s/%s/function.lds", t->sdk, t->arch->name);
    /* Whole and before the C library: it takes the place of some members. */
    words_add(w, "-Wl,--whole-archive");
    words_add(w, "%s/%s/lib/libunifaas.a", t->sdk, t->arch->name);
    words_add(w, "-Wl,--no-whole-archive");
    words_add(w, "%s/%s/musl/lib/libc.a", t->sdk, t->arch->name);
    words_add(w, "-lgcc");
}

/*
 * Turn the first "FILE:LINE: undefined reference to `NAME'" into a sentence.
 * Everything else is the linker's own to say.
 */
static int explain(const char *said, const struct project *p, struct uf_err *err)
{
    static const char undefined[] = "undefined reference to `";
    const char *at = strstr(said, undefined);

    if (at == NULL) {
        (void)cli_write(STDERR_FILENO, said, strlen(said));
        return uf_fail(err, -EBADMSG, "%s does not link", p->dir);
    }
    const char *name = at + sizeof(undefined) - 1;
    size_t len = strcspn(name, "'\n");
    const char *line = at;
    while (line > said && line[-1] != '\n')
        line--;
    (void)cli_write(STDERR_FILENO, said, strlen(said));
    return uf_fail(err, -EBADMSG,
                   "%s does not link: nothing defines %.*s, neither the function nor the SDK nor "
                   "the C library",
                   p->dir, (int)len, name);
}

int link_all(const struct toolchain *t, const struct project *p, const struct object *objects,
             const char *elf, struct uf_err *err)
{
    static char said[COMPLAINTS_MAX];
    struct words w = {0};
    UF_AUTO_FD int errors = memfd_create("errors", MFD_CLOEXEC);

    if (errors < 0)
        return uf_fail(err, -errno, "memfd_create: %s", strerror(errno));
    add_all(t, p, objects, elf, &w);
    int r = words_run(&w, t->show, -1, errors, err);
    words_fini(&w);
    if (r < 0)
        return r;
    ssize_t n = pread(errors, said, sizeof(said) - 1, 0);
    said[n > 0 ? n : 0] = '\0';
    if (r > 0)
        return explain(said, p, err);
    (void)cli_write(STDERR_FILENO, said, strlen(said));
    return 0;
}
