/* Reset: set the stack and call main. And the one instruction by which programs under qemu call the computer. */
	.section .vector, "ax"
	.align 4
	.global reset
reset:
	j 1f
	.align 4
literalStack:
	.word __stack_top
literalStart:
	.word startProgram
literalFaults:
	.word faults
1:
	l32r a2, literalFaults
	wsr.vecbase a2
	l32r a1, literalStack
	l32r a0, literalStart
	callx0 a0
2:
	j 2b

/* Any exception of the processor, an unaligned address for instance, ends the program. */
	.text
	.align 256
faults:
	.org faults + 0x30
	j fault
	.org faults + 0x50
	j fault
	.org faults + 0x70
fault:
	movi a2, 1
	movi a3, 21
	simcall

	.align 4
	.global simcall
	.type simcall, @function
/* int simcall(int number, int a, int b, int c): the arguments are already where they belong. */
simcall:
	simcall
	ret

	.align 4
	.global readCycles
	.type readCycles, @function
readCycles:
	rsr a2, ccount
	ret

	.align 4
	.global spin
	.type spin, @function
/* void spin(unsigned turns): two instructions a turn, four more in all with the call. */
spin:
1:
	addi a2, a2, -1
	bnez a2, 1b
	ret
