// SPDX-License-Identifier: MIT
/*
 * entry.S (x86_64): where the tender enters. The stack pointer is at the top
 * of an empty stack, the first argument register points to struct uf_boot,
 * everything else is zero (abi/door.h).
 */
	.section .text.uf_entry, "ax", @progbits

	.globl	uf_boot_entry
	.type	uf_boot_entry, @function
uf_boot_entry:
	xorl	%ebp, %ebp		# ends the chain of frames
	call	uf_boot_main
	ud2
	.size	uf_boot_entry, . - uf_boot_entry

	.globl	uf_event_entry
	.type	uf_event_entry, @function
uf_event_entry:
	xorl	%ebp, %ebp		# ends the chain of frames
	call	uf_event_main
	ud2
	.size	uf_event_entry, . - uf_event_entry

	.section .note.GNU-stack, "", @progbits
