// SPDX-License-Identifier: MIT
/*
 * paths.h: where the program's companions lie.
 *
 *	SDK     $UNIFAAS_SDK, else ../sdk beside the program's folder, else
 *	        PREFIX/lib/unifaas/sdk
 *	tender  $UNIFAAS_TENDER, else unifaas-tender beside the program, else
 *	        PREFIX/lib/unifaas/unifaas-tender
 *
 * So a build tree works without being installed, and so does a moved one.
 */
#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include <limits.h>

#include "base/err.h"

/* Returns 0 and the path, or -ENOENT with the places that were tried. */
int paths_sdk(char out[static PATH_MAX], struct uf_err *err);
int paths_tender(char out[static PATH_MAX], struct uf_err *err);

#endif
