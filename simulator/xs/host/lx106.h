/* What bare metal lacks, for the Xtensa variant. */
#ifndef LX106_H
#define LX106_H

#include <stddef.h>
#include <stdint.h>

extern long read(int file, void* bytes, size_t length);
extern long write(int file, const void* bytes, size_t length);
extern int open(const char* path, int flags, ...);
extern int close(int file);

/* The processor's clock, and how many instructions have been executed since it showed `start`. */
extern unsigned readCycles(void);
extern unsigned countInstructions(unsigned start);

/* There are no links here: a path is its own real path. */
extern char* copyPath(const char* path, char* real);

static inline uint32_t readWord(const void* pointer)
{
	const uint8_t* bytes = pointer;
	return bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) | ((uint32_t)bytes[3] << 24);
}

#endif
