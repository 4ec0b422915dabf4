// SPDX-License-Identifier: MIT
/*
 * bundler.h: TypeScript, and packages of npm, by esbuild.
 *
 * A folder with neither is put behind the runtime as it is. With either, one file is
 * made of all that its first file imports, and with it what says where each of its
 * pieces comes from, in the order in which the runtime looks for them:
 *
 *	main.bundle.mjs       an ES module; main.bundle.js when the first file is a script
 *	main.bundle.mjs.map   names of the author's files, a line each; an empty line;
 *	                      "mappings" of the source map (ECMA-426)
 *
 * esbuild is the one of the SDK, or else the one in $PATH. Packages are looked for where
 * npm puts them; what is not installed is told, and never fetched: to run what others
 * wrote is for the author to decide.
 */
#ifndef CLI_BUILD_BUNDLER_H
#define CLI_BUILD_BUNDLER_H

#include <stdbool.h>

#include "cli/build/bundle.h"
#include "cli/build/inputs.h"
#include "cli/build/project.h"

/* Is it a file that only esbuild can read? */
bool bundler_is_typescript(const char *name);

/* Does the script have such a file, or packages that it depends on? */
bool bundler_is_needed(const struct project *p);

/*
 * Put what becomes of a file of a folder into b.
 *
 * show     print the commands.
 * in       becomes more by the files that it was made of; NULL: nobody asks.
 * Returns  0; -ENOENT when there is no esbuild, -EBADMSG when the code is wrong: that is
 *          on stderr already, a line each.
 */
int bundler_run(const char *dir, const char *first, bool show, struct bundle *b, struct inputs *in,
                struct uf_err *err);

/* ---- bundler_words.c ------------------------------------------------------------ */

/* Print what esbuild complains about in the words of this project: files with their
 * folder, and what to use instead of Node's built-ins, of which table has a line each.
 * Either text ends with a NUL. */
void bundler_explain(const char *said, const char *dir, const char *table);

#endif
