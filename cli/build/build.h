// SPDX-License-Identifier: MIT
/*
 * build.h: make a function's image.
 *
 *	compile   each source with the SDK's flags        compile.c
 *	check     no call that a unikernel cannot serve   objects.c
 *	link      with the library OS and musl            link.c
 *	finish    strip, add symbols, write atomically    symbols.c, image.c
 */
#ifndef CLI_BUILD_BUILD_H
#define CLI_BUILD_BUILD_H

#include <limits.h>
#include <stdbool.h>

#include "cli/build/image.h"
#include "cli/build/inputs.h"
#include "cli/build/objects.h"
#include "cli/build/project.h"
#include "cli/build/symbols.h"
#include "cli/cli.h"
#include "engine/arch.h"

struct build_options {
    const char *arch; /* NULL: this machine's                      */
    const char *out;  /* NULL: DIR/NAME.img, or DIR/NAME.ARCH.img   */
    bool lines;       /* file and line in backtraces               */
    bool show;        /* print the commands of other programs      */
};

/* What a build came to, for the report. */
struct built {
    struct image_sizes sizes;
    struct symbols symbols;
    struct inputs inputs; /* as far as the tools that were run report them */
    const struct arch *arch;
    char *out; /* owned */
};

/*
 * Build a project. Compilers speak to stderr for themselves. A signal that ends us does
 * so when everything is put away: hold.h.
 *
 * Returns  0 and *out (built_fini() later); or a negative errno with the
 *          reason in err. The image in place is untouched after a failure.
 */
int build(const struct project *p, const struct build_options *o, struct built *out,
          struct uf_err *err);

void built_fini(struct built *b);

/* Say how large it became and where the bytes went. memory: of the function. */
void built_print(const struct built *b, uint64_t memory);

/*
 * For commands that take a function's folder: open it, and build it when its
 * image is missing or was built from something else, or when lines are wanted; says so
 * on stderr. There is none to build of a sequence.
 *
 * Returns  0 and *p; or an exit status after a complaint.
 */
int build_when_needed(struct project *p, const char *dir, bool lines);

/* The exit status for a failure of project_open(), or of build(). */
enum cli_exit build_exit_of_open(int code);

/* ---- inside the builder -------------------------------------------------------- */

struct toolchain {
    const struct arch *arch;
    bool native;
    bool show;
    char sdk[PATH_MAX];
    char include[PATH_MAX]; /* the compiler's own headers           */
    char tmp[PATH_MAX];     /* a folder of ours for what is between  */
};

/* compile.c: find the compiler; compile all sources into objects in t->tmp. */
int toolchain_open(struct toolchain *t, const struct build_options *o, struct uf_err *err);
void toolchain_close(struct toolchain *t);
int compile_all(const struct toolchain *t, const struct project *p, struct object *objects,
                struct inputs *in, struct uf_err *err);
struct words;
/* The compiler as first words of a command. */
void toolchain_compiler(const struct toolchain *t, bool cxx, struct words *w);

/* link.c: into elf. */
int link_all(const struct toolchain *t, const struct project *p, const struct object *objects,
             const char *elf, struct uf_err *err);

#endif
