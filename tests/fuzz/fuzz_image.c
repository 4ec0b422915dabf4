// SPDX-License-Identifier: MIT
// LINK: tender/core/image.c tender/core/snap.c tender/core/gmem.c tender/core/host.c @arch
/* fuzz_image: any file either becomes a snapshot that passes its own check, or is refused. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tender/core/host.h"
#include "tender/core/image.h"
#include "tender/core/snap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image_boot boot = {
        .name = "f", .env = "", .memory = UINT64_C(2) << 20, .page_size = 4096};
    struct uf_snapshot s;
    struct uf_snapshot again;
    struct uf_err err = {0};
    int in = memfd_create("in", 0);
    int out = memfd_create("out", 0);

    if (in >= 0 && out >= 0 && host_pwrite(in, data, size, 0) == 0) {
        int r = image_to_snapshot(in, out, &boot, &s, &err);

        if (r == 0 && (snap_read(&again, out, NULL) < 0 || memcmp(&s, &again, sizeof(s)) != 0))
            abort();
        if (r < 0 && err.msg[0] == '\0')
            abort();
    }
    (void)close(in);
    (void)close(out);
    return 0;
}
