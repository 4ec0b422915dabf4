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
 * "PLACE: undefined reference to `NAME'" becomes an error like the compiler's.
 * Returns whether the line was of that kind.
 */
static bool explain_line(const char *line, size_t len, const struct project *p)
{
    static const char undefined[] = "undefined reference to `";
    const char *at = memmem(line, len, undefined, sizeof(undefined) - 1);

    if (at == NULL)
        return false;
    const char *name = at + sizeof(undefined) - 1;
    size_t name_len = strcspn(name, "'\n");
    size_t place = (size_t)(at - line);
    while (place > 2 && strncmp(line, "./", 2) == 0) {
        line += 2;
        place -= 2;
    }
    while (place > 0 && (line[place - 1] == ' ' || line[place - 1] == ':'))
        place--;
    /* Newer linkers add the section: "main.c:8:(.text.handle+0x5)". */
    const char *section = memmem(line, place, ":(", 2);
    if (section != NULL && section > line && line[place - 1] == ')' &&
        memchr(line, ':', (size_t)(section - line)) != NULL)
        place = (size_t)(section - line);
    (void)fprintf(stderr,
                  "%s%s%.*s: error: nothing defines %.*s: not the function, the SDK or "
                  "the C library\n",
                  line[0] == '/' || strcmp(p->dir, ".") == 0 ? "" : p->dir,
                  line[0] == '/' || strcmp(p->dir, ".") == 0 ? "" : "/", (int)place, line,
                  (int)name_len, name);
    return true;
}

/* What only leads to or from a line that has been explained. */
static bool is_frame(const char *line, size_t len)
{
    return memmem(line, len, ": in function `", 15) != NULL || strncmp(line, "collect2: ", 10) == 0;
}

/* Say what the linker said; undefined references in our own words. */
static int explain(const char *said, const struct project *p, struct uf_err *err)
{
    unsigned undefined = 0;

    for (const char *line = said; *line != '\0';) {
        size_t len = strcspn(line, "\n");

        if (explain_line(line, len, p))
            undefined++;
        else if (!is_frame(line, len))
            (void)fprintf(stderr, "%.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
    if (undefined == 0)
        return uf_fail(err, -EBADMSG, "%s does not link", p->dir);
    return uf_fail(err, -EBADMSG, "%s does not link: %u undefined reference%s", p->dir, undefined,
                   undefined == 1 ? "" : "s");
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
