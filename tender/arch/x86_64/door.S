// SPDX-License-Identifier: MIT
/*
 * door.S (x86_64): the door page, one for each backend.
 *
 * The guest calls offset 0; the tender starts every run at a start stub. The
 * tender sets all general registers to constants; the stub sets floating point
 * and vector state to the architecture's initial state, which costs the guest
 * one instruction and would cost the tender a system call. XRSTOR with an
 * all-zero XSTATE_BV puts every component the kernel has switched on into its
 * initial configuration (Intel SDM 1, 13.6 and 13.8), MXCSR comes from the
 * area; without XSAVE there is FXRSTOR. The guest can read and run this page,
 * not write it.
 *
 * Ports are those of tender/kvm/x86_64/layout.h.
 */
	.section .rodata.door, "a", @progbits

.macro start_stubs prefix
	.balign 16
\prefix\()_start_xsave:
	movl	$-1, %eax
	movl	$-1, %edx
	xrstor64 \prefix\()_area(%rip)
	jmp	1f
	.balign 16
\prefix\()_start_fxsave:
	fxrstor64 \prefix\()_area(%rip)
1:	xorl	%eax, %eax
	xorl	%edx, %edx
	jmp	*\prefix\()_slots(%rip)

	.org	\prefix + 0x400
\prefix\()_area:			# 512 bytes legacy, 64 bytes header
	.word	0x037f			# FCW
	.org	\prefix + 0x400 + 24
	.long	0x1f80			# MXCSR
	.org	\prefix + 0x800
\prefix\()_slots:			# struct arch_slots, filled in later
	.quad	0, 0, 0, 0
\prefix\()_end:
	.globl	\prefix, \prefix\()_end
	.globl	\prefix\()_start_xsave, \prefix\()_start_fxsave, \prefix\()_call
.endm

	.balign 64
door_kvm:
door_kvm_call:
	outl	%eax, $0xf0
	ret
	start_stubs door_kvm

	.balign 64
door_proc:
door_proc_call:
	syscall
	ret
	start_stubs door_proc

	.section .note.GNU-stack, "", @progbits
