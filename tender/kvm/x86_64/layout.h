// SPDX-License-Identifier: MIT
/*
 * layout.h (x86_64): segments, ports, and what lies where in the system area.
 *
 * The guest runs in ring 3 with IOPL 0; the I/O permission bitmap allows the
 * door's port and no other, so IN, OUT, CLI and STI fault as they do in any
 * process. Ring 0 holds vectors of two instructions each.
 */
#ifndef TENDER_KVM_X86_64_LAYOUT_H
#define TENDER_KVM_X86_64_LAYOUT_H

/* Ports: the door is in tender/arch/x86_64/door.S too. */
#define PORT_DOOR    0xf0u /* ring 3: a door call, 32 bits                */
#define PORT_FAULT   0xf4u /* ring 0: an exception, frame on its stack    */
#define PORT_SYSCALL 0xf8u /* ring 0: SYSCALL was executed, RCX = next    */

/* Selectors. SYSCALL wants ring 0 code and data next to each other. */
#define SEL_CODE0 0x08u
#define SEL_DATA0 0x10u
#define SEL_DATA3 0x23u /* index 4, RPL 3 */
#define SEL_CODE3 0x2bu /* index 5, RPL 3 */
#define SEL_TSS   0x30u

#define NVECTORS    32u
#define STUB_SIZE   UINT64_C(16) /* bytes of a vector's code */
#define STACK0_SIZE 4096u

#endif
