// SPDX-License-Identifier: MIT
/*
 * door.S (aarch64): the door page, one for each backend.
 *
 * The guest calls offset 0; the tender starts every run at the start stub,
 * with nothing but the program counter and the processor state set: writing a
 * register from outside costs a system call each, here it costs nothing. The
 * stub leaves x16 = the entry's address, the thread register, the stack
 * pointer and x0 from the slots, all else zero. Writing a V register zeroes
 * the rest of its SVE register (Arm ARM B1.2.1); where a host has SVE the
 * process backend clears predicates from outside.
 *
 * The store of the kvm door goes to KVM_DOOR_DEVICE of
 * tender/kvm/aarch64/layout.h, which nothing backs.
 */
	.section .rodata.door, "a", %progbits

.macro start_stub prefix
	.balign 16
\prefix\()_start:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	movi	d\n, #0
	.endr
	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	mov	x\n, xzr
	.endr
	msr	fpcr, xzr
	msr	fpsr, xzr
	msr	nzcv, xzr
	ldr	x16, \prefix\()_slots + 24
	msr	tpidr_el0, x16
	ldr	x16, \prefix\()_slots + 8
	mov	sp, x16
	ldr	x0, \prefix\()_slots + 16
	ldr	x16, \prefix\()_slots
	br	x16

	.org	\prefix + 0x800
\prefix\()_slots:			// struct arch_slots, filled in later
	.quad	0, 0, 0, 0
\prefix\()_end:
	.globl	\prefix, \prefix\()_end, \prefix\()_start, \prefix\()_call
.endm

	.balign 64
door_kvm:
	movz	x16, #0x0e01, lsl #16
door_kvm_call:
	str	wzr, [x16]
	ret
	start_stub door_kvm

	.balign 64
door_proc:
door_proc_call:
	svc	#0
	ret

// System calls of the tender's choice, before the guest runs and between its
// runs: struct call from X19 up to X20, until one returns what it should not.
	.balign 16
door_proc_calls:
1:	cmp	x19, x20
	b.eq	2f
	ldp	x8, x0, [x19]
	ldp	x1, x2, [x19, #16]
	ldp	x3, x4, [x19, #32]
	ldp	x5, x9, [x19, #48]
	svc	#0
	cmp	x0, x9
	b.ne	2f
	add	x19, x19, #64
	b	1b
2:	brk	#0
	.globl	door_proc_calls
	start_stub door_proc

	.section .note.GNU-stack, "", %progbits
