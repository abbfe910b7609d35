/* The Xtensa variant runs on the bare metal of qemu-system-xtensa, which lends it the computer's files (SIMCALL). */
#include "lx106.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { callExit = 1, callRead = 3, callWrite = 4, callOpen = 5, callClose = 6 };

extern int simcall(int number, int a, int b, int c);
extern void spin(unsigned turns);
extern int main(int argc, char* argv[]);
extern char __heap_start[], __heap_end[], __tls_block[];

/* Instructions in 128 cycles. */
static unsigned rate;

long read(int file, void* bytes, size_t length)
{
	return simcall(callRead, file, (int)bytes, (int)length);
}

long write(int file, const void* bytes, size_t length)
{
	return simcall(callWrite, file, (int)bytes, (int)length);
}

int open(const char* path, int flags, ...)
{
	return simcall(callOpen, (int)path, flags, 0);
}

int close(int file)
{
	return simcall(callClose, file, 0, 0);
}

void _exit(int status)
{
	simcall(callExit, status, 0, 0);
	for (;;);
}

void* sbrk(ptrdiff_t length)
{
	static char* end = __heap_start;
	char* start = end;
	if (end + length > __heap_end)
		return (void*)-1;
	end += length;
	return start;
}

static int putError(char character, FILE* file)
{
	write(2, &character, 1);
	return character;
}

static FILE errorFile = FDEV_SETUP_STREAM(putError, NULL, NULL, _FDEV_SETUP_WRITE);
FILE* const stderr = &errorFile;
FILE* const stdout = &errorFile;
FILE* const stdin = &errorFile;

char* copyPath(const char* path, char* real)
{
	return strcpy(real, path);
}

unsigned countInstructions(unsigned start)
{
	return (unsigned)(((uint64_t)(readCycles() - start) * rate + 64) / 128);
}

/*
	Under `-icount shift=7` every instruction takes 128 ns of qemu's time, and the cycle counter tells that time in cycles of the
	clock that qemu gives this core. Which clock that is, is found with a loop whose instructions are known; a cycle is shorter
	than an instruction, so that no instruction is lost between two readings.
*/
void startProgram(void)
{
	const unsigned turns = 1000000;
	unsigned start = readCycles();
	unsigned cycles;
	spin(turns);
	cycles = readCycles() - start;
	rate = (2 * turns * 128u + cycles / 2) / cycles;
	if (rate > 128) {
		fprintf(stderr, "the cycle counter is too slow to count instructions: start qemu with -icount shift=7\n");
		exit(2);
	}
	exit(main(0, NULL));
}
