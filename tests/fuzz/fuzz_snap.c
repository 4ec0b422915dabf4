// SPDX-License-Identifier: MIT
// LINK: tender/core/snap.c tender/core/gmem.c tender/core/host.c @arch
/* fuzz_snap: what passes the check can be mapped and used without leaving it. */
#include <stdlib.h>
#include <string.h>

#include "tender/core/gmem.h"
#include "tender/core/snap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct uf_snapshot s;

    if (size < sizeof(s))
        return 0;
    memcpy(&s, data, sizeof(s));
    if (snap_check(&s, size, 4096, NULL) < 0)
        return 0;
    for (uint32_t i = 0; i < s.nextents; i++) {
        const struct uf_extent *x = &s.extent[i];

        if (x->offset + x->size > size || x->addr < s.ram_start || x->addr + x->size > s.ram_end)
            abort();
    }
    for (uint32_t i = 0; i < s.nregions; i++)
        if (s.region[i].start < s.ram_start || s.region[i].end > s.ram_end)
            abort();
    if (gmem_check(&s, (struct uf_gva){s.ram_end}, 1, UF_PROT_READ) == 0)
        abort();
    return 0;
}
