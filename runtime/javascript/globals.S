// SPDX-License-Identifier: MIT
/* globals.S: the texts of the runtime's own scripts, as constants, in the order in
 * which they are evaluated: js_globals is a table of name, text and size. And builtins.txt. */
	.macro	script name
	.section .rodata.js_text, "a", %progbits
1:	.asciz	"unifaas:\name"
2:	.incbin	"runtime/javascript/\name\().js"
3:	.byte	0
	.section .rodata.js_globals, "a", %progbits
	.quad	1b, 2b, 3b - 2b
	.endm

	.section .rodata.js_globals, "a", %progbits
	.balign	8
	.globl	js_globals, js_globals_end
js_globals:
	script	globals
	script	text
	script	abort
	script	timers
	script	url
	script	subtle
	script	fetch
	script	clone
	.section .rodata.js_globals, "a", %progbits
js_globals_end:

	.globl	js_builtins
js_builtins:
	.incbin	"runtime/javascript/builtins.txt"
	.byte	0

	.section .note.GNU-stack, "", %progbits
