// SPDX-License-Identifier: MIT
/* bundle.c: see bundle.h. */
#include "guest/core/bundle.h"

#include "guest/core/core.h"

/* From the linker script. The second is a number. */
extern const char uf_image_end[];
extern char uf_stack_size[];

/* Bytes between the image's own end and the boot block, which comes next. */
static size_t room(void)
{
    return (size_t)(uf_addr(uf_boot_block) - uf_addr(uf_image_end));
}

uint32_t uf_bundle_count(void)
{
    const struct uf_bundle *b = (const struct uf_bundle *)(uintptr_t)uf_image_end;

    if (room() < sizeof(*b) || b->magic != UF_BUNDLE_MAGIC ||
        b->nfiles > (room() - sizeof(*b)) / sizeof(struct uf_bundle_file))
        return 0;
    return b->nfiles;
}

/* Is it inside, and its NUL there? */
static bool is_text(uint32_t off, uint32_t size)
{
    return off < room() && size < room() - off && uf_image_end[off + size] == '\0';
}

struct bundle_file uf_bundle_file(uint32_t index)
{
    const char *base = uf_image_end;
    uintptr_t files = (uintptr_t)base + sizeof(struct uf_bundle);
    const struct uf_bundle_file *f = (const struct uf_bundle_file *)files + index;

    if (index >= uf_bundle_count() || !is_text(f->name, f->name_size) ||
        !is_text(f->data, f->data_size))
        return (struct bundle_file){.name = NULL};
    return (struct bundle_file){base + f->name, f->name_size, base + f->data, f->data_size};
}

size_t uf_stack_bytes(void)
{
    return (size_t)(uintptr_t)uf_stack_size;
}

size_t uf_heap_bytes(void)
{
    return (size_t)(uf_boot_block->heap_end - uf_boot_block->heap_start);
}
