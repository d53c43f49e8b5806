/* switch.S - change from one stack to another.
 *
 *   void rt_switch(void **save_sp, void *to_sp)
 *
 * pushes what the ABI says a callee preserves, stores the stack pointer through
 * save_sp, loads to_sp and pops the same there. The floating-point control words
 * (MXCSR, x87 CW, FPCR) are not part of it: they belong to the OS thread.
 * The last step is a plain `ret`: a task that leaves goes to the next one directly, both
 * came here by the same calls, and so the processor's return stack, which holds the other
 * task's callers, is right up to where they differ. With `pop; jmp` every return after it
 * is off by one and mispredicted (measured: 40 ns against 28 an element of a stream).
 *
 * A function that ends in a switch is called through a few instructions made by
 * `through`, which return by a jump: here the two tasks' ways do part, and where an
 * indirect jump goes the processor learns from what went before (4 ns a switch). On x86-64
 * all of them are called by one instruction, so that they return to where the return stack
 * says even when the other task was in another of them (5 of 52 ns an item of a select).
 *
 * rt_enter is where a new stack starts; rt_stack_start in switch.h lays out the frame
 * that leads there, with entry and its argument in two preserved registers. The
 * frame pointer is zero, which ends every walk of the stack. entry returns when the task is
 * over, and what it returns is the stack to go on with. So the return stack holds
 * what it held when the task began: a switch jumps to rt_enter, which uses up no entry of
 * it, and after the task the one at its top is right for the task that made way for it
 * (measured: 57 ns instead of 81 for a leaf of a tree).
 */

#if defined(__x86_64__)

	/* The stack pointer is another stack's: go on there. */
	.macro	arrive
	popq	%r15
	.cfi_adjust_cfa_offset -8
	popq	%r14
	.cfi_adjust_cfa_offset -8
	popq	%r13
	.cfi_adjust_cfa_offset -8
	popq	%r12
	.cfi_adjust_cfa_offset -8
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	leaq	rt_enter(%rip), %rcx
	cmpq	%rcx, (%rsp)
	je	1f
	ret
1:	addq	$8, %rsp
	jmp	rt_enter
	.endm

	.text
	.globl	rt_switch
	.hidden	rt_switch
	.type	rt_switch, @function
	.p2align 4
rt_switch:
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r15, 0
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	arrive
	.cfi_endproc
	.size	rt_switch, .-rt_switch

	.macro	through name, function
	.globl	\name
	.hidden	\name
	.type	\name, @function
	.p2align 4
\name:
	.cfi_startproc
	leaq	\function(%rip), %rax
	jmp	rt_through
	.cfi_endproc
	.size	\name, .-\name
	.endm

	.type	rt_through, @function
	.p2align 4
rt_through:
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	movq	%rsp, %rbp
	callq	*%rax
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbp
	popq	%rcx
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rcx
	jmp	*%rcx
	.cfi_endproc
	.size	rt_through, .-rt_through

	.globl	rt_enter
	.hidden	rt_enter
	.type	rt_enter, @function
	.p2align 4
rt_enter:
	.cfi_startproc
	.cfi_undefined %rip
	movq	%r12, %rdi
	callq	*%r13
	movq	%rax, %rsp
	.cfi_adjust_cfa_offset 48
	arrive
	.cfi_endproc
	.size	rt_enter, .-rt_enter

#elif defined(__aarch64__)

	.macro	arrive
	ldp	x19, x20, [sp, #0]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	add	sp, sp, #160
	.cfi_def_cfa_offset 0
	br	x30
	.endm

	.text
	.globl	rt_switch
	.hidden	rt_switch
	.type	rt_switch, %function
	.p2align 4
rt_switch:
	.cfi_startproc
	sub	sp, sp, #160
	.cfi_def_cfa_offset 160
	stp	x19, x20, [sp, #0]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	.cfi_offset x29, -80
	.cfi_offset x30, -72
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mov	x9, sp
	str	x9, [x0]
	mov	sp, x1
	arrive
	.cfi_endproc
	.size	rt_switch, .-rt_switch

	.macro	through name, function
	.globl	\name
	.hidden	\name
	.type	\name, %function
	.p2align 4
\name:
	.cfi_startproc
	stp	x29, x30, [sp, #-16]!
	.cfi_def_cfa_offset 16
	.cfi_offset x29, -16
	.cfi_offset x30, -8
	mov	x29, sp
	bl	\function
	ldp	x29, x30, [sp], #16
	.cfi_def_cfa_offset 0
	.cfi_restore x29
	.cfi_restore x30
	br	x30
	.cfi_endproc
	.size	\name, .-\name
	.endm

	.globl	rt_enter
	.hidden	rt_enter
	.type	rt_enter, %function
	.p2align 4
rt_enter:
	.cfi_startproc
	.cfi_undefined x30
	mov	x0, x19
	blr	x20
	mov	sp, x0
	.cfi_def_cfa_offset 160
	arrive
	.cfi_endproc
	.size	rt_enter, .-rt_enter

#else
#error "chanrt knows x86-64 and aarch64 only"
#endif

	through	rt_chan_wait, rt_chan_wait_in_queue
	through	rt_select_wait, rt_select_wait_for_any

	.section .note.GNU-stack, "", %progbits
