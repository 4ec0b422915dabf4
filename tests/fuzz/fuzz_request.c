// SPDX-License-Identifier: MIT
// LINK: daemon/api/request.c daemon/store/files.c
// LINK: engine/function*.c engine/annotation.c engine/allow.c engine/hostcall.c
// LINK: engine/yamltree.c engine/reason.c
// LIBS: jansson yaml-0.1
/*
 * fuzz_request.c: a FunctionDeployment from a stranger.
 *
 * What is accepted has a name and an image that are safe in paths, and keeps a
 * deployment that is JSON; what is refused says why.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/api.h"

static void must(bool ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct deploy_job *j = calloc(1, sizeof(*j));
    struct uf_err err = {0};

    must(j != NULL);
    function_defaults(&j->conf);
    if (request_parse(j, (const char *)data, size, &err) == 0) {
        must(function_name_ok(j->conf.name));
        must(function_is_sequence(&j->conf) ? j->image[0] == '\0'
                                            : (j->source != NULL) != files_is_hex(j->image));
        must(function_check(&j->conf, NULL) == 0);
        json_t *kept = json_loads(j->deployment, 0, NULL);
        must(json_is_object(kept));
        json_decref(kept);
    } else {
        must(err.code < 0 && memchr(err.msg, '\0', sizeof(err.msg)) != NULL && err.msg[0] != '\0');
    }
    function_fini(&j->conf);
    free(j->deployment);
    free(j->source);
    free(j);
    return 0;
}
