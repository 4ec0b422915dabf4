// SPDX-License-Identifier: MIT
/* guest.S (x86_64): write pages, then leave through port 0x10, for ever. */
	.section .rodata.bare, "a", @progbits
	.globl	bare_guest, bare_guest_end
bare_guest:
	movl	pages(%rip), %ecx
	movl	stride(%rip), %esi
	movl	$0x200000, %edi		# BARE_DATA
	testl	%ecx, %ecx
	jz	2f
1:	movl	%ecx, (%rdi)
	addq	%rsi, %rdi
	decl	%ecx
	jnz	1b
2:	outl	%eax, $0x10
	jmp	2b
	.balign 4
pages:	.long	0
stride:	.long	0
bare_guest_end:
	.section .note.GNU-stack, "", @progbits
