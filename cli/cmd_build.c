// SPDX-License-Identifier: MIT
/* cmd_build.c: make the image of a function. */
#include "cli/build/build.h"
#include "cli/build/script.h"
#include "cli/files.h"
#include "cli/options.h"

/* A script without a folder, and so without a manifest. */
static int build_file(const char *path, const struct build_options *o)
{
    struct built b;
    struct uf_err err;

    if (script_build_file(path, o, &b, &err) < 0)
        return cli_report(CLI_BUILD, &err);
    struct function f;
    function_defaults(&f);
    built_print(&b, f.memory);
    function_fini(&f);
    built_fini(&b);
    return CLI_OK;
}

static int run(const struct command *self, int argc, char **argv)
{
    struct build_options o = {0};
    const struct opt opts[] = {
        {'o', "output", "FILE",
         "write the image to FILE (else DIR/NAME.img, or DIR/NAME.ARCH.img for another machine)",
         OPT_TEXT, &o.out},
        {'a', "arch", "ARCH", "x86_64 or aarch64 (else this machine's)", OPT_TEXT, &o.arch},
        {'g', "lines", NULL, "keep file and line of every instruction, for backtraces", OPT_FLAG,
         &o.lines},
        {'v', "verbose", NULL, "show the commands of compiler and linker", OPT_FLAG, &o.show},
        OPT_END,
    };
    struct operands operands;
    struct project p;
    struct built b;
    struct uf_err err;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    if (o.arch != NULL && arch_find(o.arch) == NULL)
        return opts_usage(self, "--arch: \"%s\" is not valid; it must be one of: x86_64, aarch64",
                          o.arch);
    if (operands.n > 0 && script_is_code(operands.at[0]) && !file_is_dir(operands.at[0]))
        return build_file(operands.at[0], &o);
    r = project_open(&p, operands.n > 0 ? operands.at[0] : ".", &err);
    if (r < 0)
        return cli_report(build_exit_of_open(r), &err);
    r = build(&p, &o, &b, &err);
    if (r == 0) {
        built_print(&b, p.f.memory);
        built_fini(&b);
    }
    project_fini(&p);
    return r == 0 ? CLI_OK : cli_report(CLI_BUILD, &err);
}

const struct command cmd_build = {
    .name = "build",
    .operands = "[DIR|FILE.js]",
    .summary = "Make the image of the function in DIR, or in this folder",
    .details = "Compiles every .c in DIR (with `lang: c++` also .cc, .cpp and .cxx), refuses\n"
               "calls that a unikernel cannot serve, links with the library OS and musl, and\n"
               "says how large the image is and where the bytes went. A script (`lang:\n"
               "javascript`, or FILE.js) needs no compiler: it is put behind the SDK's runtime.\n"
               "\n"
               "$CC and $CXX name the compilers, when building for this machine.\n",
    .examples = "  unifaas build\n"
                "  unifaas build functions/alert -g\n"
                "  unifaas build functions/alert --arch aarch64 -o alert-arm.img\n",
    .exits = CLI_BIT(OK) | CLI_BIT(USAGE) | CLI_BIT(NOT_FOUND) | CLI_BIT(BUILD) | CLI_BIT(MANIFEST),
    .max_operands = 1,
    .run = run,
};
