// SPDX-License-Identifier: MIT
/*
 * note.S: struct uf_image_note (abi/image.h), which says how to enter the
 * image. Assembler because C can't put an address into a 32 bit field; nothing
 * in it depends on the architecture. start.c checks the numbers.
 */
	.section .note.unifaas, "a", %note
	.balign	4
	.long	8			/* n_namesz: UF_NOTE_NAME                 */
	.long	uf_note_end - uf_note	/* n_descsz                               */
	.long	1			/* n_type: UF_NOTE_TYPE                   */
	.asciz	"UniFaaS"
uf_note:
	.long	1			/* abi_version: UF_ABI_VERSION            */
	.long	uf_stack_size		/* stack_size: UF_STACK_SIZE() or script  */
	.quad	uf_boot_entry
	.quad	uf_event_entry
	.quad	uf_thread_pointer	/* from the linker script                 */
	.quad	uf_door_block
	.quad	0			/* symbols_offset: the builder's          */
	.quad	0			/* symbols_size: likewise                 */
uf_note_end:

	.section .note.GNU-stack, "", %progbits
