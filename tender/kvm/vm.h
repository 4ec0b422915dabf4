// SPDX-License-Identifier: MIT
/*
 * vm.h: the kvm backend's virtual machine, and what an architecture adds.
 *
 * Guest physical addresses equal guest virtual ones. Four memory slots:
 *
 *	VM_SYSTEM_BASE   page tables, descriptor tables, fault vectors; mapped
 *	                 for ring 0 / EL1 only, the little of it that is mapped
 *	UF_EVENT_BASE    the exchange's event part, read-only
 *	UF_DOOR_BASE     the door page
 *	ram_start        RAM: the snapshot, mapped privately
 *
 * vm.c owns memory and the run loop; kvm/<arch>/vcpu.c knows registers, entry
 * state and how to read an exit. Source: Linux Documentation/virt/kvm/api.rst.
 */
#ifndef TENDER_KVM_VM_H
#define TENDER_KVM_VM_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

#include "tender/core/machine.h"

#define VM_SYSTEM_BASE UINT64_C(0x00100000)
#define VM_SYSTEM_SIZE UINT64_C(0x00400000) /* page tables of the largest guest fit */

struct vm {
    struct machine machine;
    int kvm;
    int vm;
    int vcpu;
    struct kvm_run *run;
    uint8_t *system; /* VM_SYSTEM_SIZE bytes */
    uint64_t system_used;
    uint64_t root; /* the page of 1 GiB entries */
    uint8_t *ram;
    uint64_t ram_start;
    uint64_t ram_end;
    uint64_t entry; /* of the start stub  */
    bool was_interrupted;
    struct machine_regs fault_regs; /* of the last fault; the guest's, not ring 0's */
    bool at_fault;
};

/* ---- what each architecture provides -------------------------------------- */

/* Processor set-up that does not depend on the snapshot. */
int vcpu_open(struct vm *vm, struct uf_err *err);

/* Put the processor at the start stub with the ABI's registers. */
int vcpu_reset(struct vm *vm);

/* What the last exit from KVM_RUN means. */
void vcpu_stop(struct vm *vm, struct stop *stop);

int vcpu_regs(struct vm *vm, struct machine_regs *out);

/* ---- page tables: three levels of 512 entries over 4 KiB pages -------------- */

/* An entry that maps a page at pa, or a table at pa. */
uint64_t vcpu_page_entry(uint64_t pa, uint32_t prot, bool user);
uint64_t vcpu_table_entry(uint64_t pa);

/* Take n zeroed pages from the system area; returns their guest address. */
uint64_t vm_system_take(struct vm *vm, uint64_t npages);
void *vm_system_at(const struct vm *vm, uint64_t addr);

/* Map [start, end) to itself in the table `root` (a page of 1 GiB entries). */
void vm_map_range(struct vm *vm, uint64_t root, uint64_t start, uint64_t end, uint32_t prot,
                  bool user);

#endif
