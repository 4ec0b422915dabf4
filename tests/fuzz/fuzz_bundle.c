// SPDX-License-Identifier: MIT
// LINK: guest/core/bundle.c
/*
 * fuzz_bundle.c: the files behind an image, as the guest reads them, from a builder that
 * is not ours.
 *
 * Whatever is there, a file that is given lies inside, with a NUL behind name and data.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "abi/image.h"
#include "guest/core/bundle.h"
#include "guest/core/core.h"

#define ROOM_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the linker script would give. */
extern char uf_image_end[];
extern char uf_stack_size[];
_Alignas(16) char uf_image_end[ROOM_MAX + sizeof(struct uf_boot)];
char uf_stack_size[1];
const struct uf_boot *uf_boot_block;

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_text(const char *text, size_t size, size_t room)
{
    must(text >= uf_image_end && text < uf_image_end + room);
    must(size < (size_t)(uf_image_end + room - text));
    must(text[size] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t n;

    if (size > ROOM_MAX)
        return 0;
    memcpy(uf_image_end, data, size);
    /* No NUL behind it helps. */
    memset(uf_image_end + size, 'x', sizeof(struct uf_boot));
    uf_boot_block = (const struct uf_boot *)(uintptr_t)(uf_image_end + size);
    n = uf_bundle_count();
    must(n == 0 || n <= size / sizeof(struct uf_bundle_file));
    for (uint32_t i = 0; i < n; i++) {
        struct bundle_file f = uf_bundle_file(i);

        if (f.name != NULL) {
            check_text(f.name, f.name_size, size);
            check_text(f.data, f.data_size, size);
        } else {
            must(f.data == NULL && f.name_size == 0 && f.data_size == 0);
        }
    }
    must(uf_bundle_file(n).name == NULL && uf_bundle_file(UINT32_MAX).name == NULL);
    return 0;
}
