// SPDX-License-Identifier: MIT
/*
 * arch.h: what every architecture provides to the tender besides its backends.
 * The same file names live in tender/arch/<arch>/; the build picks a directory.
 */
#ifndef TENDER_ARCH_ARCH_H
#define TENDER_ARCH_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The ELF machine number of the guests that run here. */
uint32_t arch_elf_machine(void);

/*
 * The door page (abi/image.h): code for the guest to call, and the stub where
 * every run starts. Position independent; copied to UF_DOOR_BASE by a backend,
 * which then fills in the slots below.
 */
struct arch_door {
    const uint8_t *code; /* size bytes, at most 4096                          */
    size_t size;
    uint32_t start; /* offset of the stub that clears registers and enters    */
    uint32_t call;  /* offset of the one instruction that leaves              */
    uint32_t calls; /* process backend: offset of the stub that makes system calls */
};

void arch_door_kvm(struct arch_door *out);
void arch_door_proc(struct arch_door *out);

/* Constants that the start stub reads, at ARCH_DOOR_SLOTS in the door page. */
#define ARCH_DOOR_SLOTS 0x800u

struct arch_slots {
    uint64_t entry;
    uint64_t stack;
    uint64_t boot_block;
    uint64_t thread_pointer;
};

/*
 * Does a call instruction end where a return address points? Used to tell
 * return addresses from data in a stack without frame pointers.
 *
 * code  the 8 bytes before the address.
 */
bool arch_follows_call(const uint8_t code[static 8]);

/*
 * Does a function that begins with these bytes keep a frame pointer? Backtraces
 * follow frame pointers where there are some and look for return addresses in
 * the stack where there are none (the C library's own functions).
 */
bool arch_keeps_frame(const uint8_t code[static 8]);

/* Is the instruction at the program counter a system call? code: 8 bytes. */
bool arch_is_syscall(const uint8_t code[static 8]);

#endif
