// SPDX-License-Identifier: MIT
/*
 * bare.h: the least virtual machine that does what an invocation does: starts
 * in user mode, writes some pages, leaves through one exit, and can be put back
 * to where it started. No tender, no jail, no protocol: what is left is what
 * KVM and the kernel cost, so the floor under everything that we add.
 *
 * Like a tender's machine it has one processor, 4 KiB of nothing but what it
 * runs, RAM mapped privately from a file, and is restored by copying the pages
 * that the kernel reports as written. Its memory, addresses of the guest:
 *
 *	0		page tables (each architecture's own)
 *	BARE_CODE	the guest, cli/floors/<arch>/guest.S
 *	BARE_DATA	BARE_PAGES_MAX pages of the host's size, not zero
 */
#ifndef CLI_FLOORS_BARE_H
#define CLI_FLOORS_BARE_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define BARE_CODE      UINT64_C(0x00010000)
#define BARE_DATA      UINT64_C(0x00200000) /* one entry of 2 MiB in page tables lies below */
#define BARE_PAGES_MAX 128u

/* What every machine starts from; outlives them. */
struct bare_image {
    int kvm;
    int fd;      /* the memory, as a file            */
    uint8_t *at; /* ... and as we see it             */
    size_t size;
    size_t run_size;
    void *features; /* x86_64: what KVM_GET_SUPPORTED_CPUID said */
};

struct bare {
    const struct bare_image *image;
    int vm;
    int vcpu;
    int pagemap; /* -1 until the first restore */
    struct kvm_run *run;
    uint8_t *ram;
    struct kvm_sregs sregs; /* x86_64: what every run starts with */
};

/* Open /dev/kvm and lay out a memory whose guest writes npages in every run.
 * npages is at most BARE_PAGES_MAX. Ended by bare_image_fini(), also after a
 * failure. Returns 0 or a negative errno. */
int bare_image_init(struct bare_image *g, uint32_t npages, struct uf_err *err);
void bare_image_fini(struct bare_image *g);

/* Make a machine, ready to run. Ended by bare_fini(), also after a failure. */
int bare_init(struct bare *b, const struct bare_image *g, struct uf_err *err);
void bare_fini(struct bare *b);

/* From the entry, with the entry's registers, to the door. */
int bare_run(struct bare *b, struct uf_err *err);

/* On from the door to the door again: nothing but an exit and an entry. */
int bare_again(struct bare *b, struct uf_err *err);

/* Memory as before the first run. Returns how many pages that took, or a
 * negative errno. */
int bare_restore(struct bare *b, struct uf_err *err);

/* Only ask which pages were written, as a restore does. */
int bare_scan(struct bare *b, struct uf_err *err);

/* ---- what each architecture provides -------------------------------------- */

/* Page tables in the image, and what is learnt once about the processor. */
int bare_arch_image(struct bare_image *g);

/* A processor's set-up that is the same for every run. */
int bare_arch_init(struct bare *b);

/* The entry's registers. */
int bare_arch_reset(struct bare *b);

/* Was that the door? */
bool bare_arch_is_door(const struct kvm_run *run);

/* guest.S: position independent; ends with two 32-bit numbers that the image's
 * maker fills in: how many pages to write, and how far apart. */
extern const uint8_t bare_guest[], bare_guest_end[];

#endif
