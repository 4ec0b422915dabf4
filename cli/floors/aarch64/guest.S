// SPDX-License-Identifier: MIT
/*
 * guest.S (aarch64): write pages, then store to a device that nobody has, for
 * ever. An exception of EL0 (vector 0x400) stores beside it, and so ends the
 * measurement instead of the machine hanging.
 */
	.section .rodata.bare, "a", @progbits
	.globl	bare_guest, bare_guest_end
	.balign	2048
bare_guest:
	ldr	w0, pages
	ldr	w1, stride
	mov	x2, #0x200000		// BARE_DATA
	mov	x3, #0x40000000		// the door
	cbz	w0, 2f
1:	str	w0, [x2]
	add	x2, x2, x1
	subs	w0, w0, #1
	b.ne	1b
2:	str	w0, [x3]
	b	2b
	.org	bare_guest + 0x400
	mov	x3, #0x40000000
	str	w0, [x3, #8]
	b	.
	.balign	4
pages:	.word	0
stride:	.word	0
bare_guest_end:
	.section .note.GNU-stack, "", @progbits
