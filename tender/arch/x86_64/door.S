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
 * area; without XSAVE there is FXRSTOR. Where user code can set the rights of its
 * protection keys, XRSTOR may need them first. The guest can read and run this
 * page, not write it.
 *
 * Ports are those of tender/kvm/x86_64/layout.h.
 */
	.section .rodata.door, "a", @progbits

# The ID flag is one that ptrace(2) does not set, and the pointers to the last x87
# instruction are some that AMD processors do not restore (Linux: FXSAVE_LEAK).
.macro reset_flags
	pushq	$2
	popfq
	fninit
.endm

.macro start_stubs prefix
	.balign 16
\prefix\()_start_keys:
	wrpkru				# EAX, ECX, EDX are zero: every page may be read again
\prefix\()_start_xsave:
	reset_flags
	movl	$-1, %eax
	movl	$-1, %edx
	xrstor64 \prefix\()_area(%rip)
	jmp	1f
	.balign 16
\prefix\()_start_fxsave:
	reset_flags
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
	.globl	\prefix\()_start_keys, \prefix\()_start_xsave, \prefix\()_start_fxsave
	.globl	\prefix\()_call
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

# System calls of the tender's choice, before the guest runs and between its runs:
# struct call from R12 up to R13, until one returns what it should not.
	.balign 16
door_proc_calls:
1:	cmpq	%r13, %r12
	je	2f
	movq	(%r12), %rax
	movq	8(%r12), %rdi
	movq	16(%r12), %rsi
	movq	24(%r12), %rdx
	movq	32(%r12), %r10
	movq	40(%r12), %r8
	movq	48(%r12), %r9
	syscall
	cmpq	56(%r12), %rax
	jne	2f
	addq	$64, %r12
	jmp	1b
2:	int3
	.globl	door_proc_calls
	start_stubs door_proc

	.section .note.GNU-stack, "", @progbits
