// SPDX-License-Identifier: MIT
/* info.c: /system/info and /healthz; see api.h. */
#include <string.h>
#include <sys/utsname.h>

#include "base/version.h"
#include "daemon/api/api.h"
#include "engine/reason.h"

static json_t *version(void)
{
    return json_pack("{s:s,s:s,s:s}", "release", UNIFAAS_VERSION, "sha", UNIFAAS_VERSION,
                     "commit_message", "");
}

static json_t *degraded(uint32_t bits)
{
    json_t *list = json_array();

    for (uint32_t bit = 1; bit != 0; bit <<= 1)
        if ((bits & bit) != 0 && reason_of_degraded(bit) != REASON_NONE)
            (void)json_array_append_new(list, json_string(reason_words(reason_of_degraded(bit))));
    return list;
}

static json_t *machine(const struct api *a)
{
    const struct fleet *f = a->fleet;
    const char *problem = a->secrets->problem;

    return json_pack("{s:s,s:s,s:o,s:i,s:I,s:I,s:s*}", "isolation", backend_word(f->o.backend),
                     "kvm_missing", f->o.no_kvm, "degraded", degraded(f->degraded), "pool",
                     (int)f->o.pool, "memory_budget", (json_int_t)f->o.memory_budget,
                     "memory_reserved", (json_int_t)f->used, "secrets_problem",
                     problem[0] != '\0' ? problem : NULL);
}

void info_serve(struct http_request *r)
{
    struct utsname u = {0};

    (void)uname(&u);
    api_json(r, 200,
             json_pack("{s:{s:s,s:s,s:o},s:o,s:s,s:o}", "provider", "provider", "unifaas",
                       "orchestration", "unikernel", "version", version(), "version", version(),
                       "arch", u.machine, "unifaas", machine(api_of(r))));
}

void info_healthz(struct http_request *r)
{
    api_text(r, 200, "OK");
}
