// SPDX-License-Identifier: MIT
/*
 * layout.h (aarch64): addresses that nothing backs, so that a store to them
 * leaves the guest (a stage-2 abort, KVM_EXIT_MMIO).
 *
 * The guest runs in EL0. EL1 holds sixteen vectors of four instructions. The
 * door's store comes from the door page (tender/arch/aarch64/door.S has the
 * address as well); the fault page is mapped for EL1 only.
 */
#ifndef TENDER_KVM_AARCH64_LAYOUT_H
#define TENDER_KVM_AARCH64_LAYOUT_H

#define KVM_DOOR_DEVICE  UINT64_C(0x0e010000)
#define KVM_FAULT_DEVICE UINT64_C(0x0e011000) /* + 4 * vector number */

#define VECTOR_SIZE     UINT64_C(128)
#define VECTOR_EL0_SYNC 8u /* offset 0x400: synchronous, from EL0 in AArch64 */
#define NVECTORS        16u

#endif
