/* What XS asks of the platform it runs on. Included by every file of XS in the place of its own choice of platforms. */
#ifndef PLATFORM_H
#define PLATFORM_H

#define _GNU_SOURCE 1
#define mxLittleEndian 1
#define mxExport extern
#define mxImport extern
#define XS_FUNCTION_NORETURN __attribute__((noreturn))

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef __xtensa__
	/* Bare metal: the calls of a system that the host brings along (lx106.c). */
	#include "lx106.h"
	#define C_PATH_MAX 512
	#define realpath copyPath
	/* lx106 has no unaligned loads and stores. */
	#define mxUnalignedAccess 0
	#define mxMisalignedSettersCrash 1
	#define c_read32(POINTER) readWord(POINTER)
#else
	#include <pthread.h>
	#include <sys/mman.h>
	#include <sys/time.h>
	#include <unistd.h>
	#define mxLinux 1
#endif

/* XS's record of a machine gets: whether promises wait, what is told of an abort, and what Atomics.wait would need. */
#define mxMachinePlatform \
	int connection; \
	int promiseJobs; \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink;

#define mxUseDefaultBuildKeys 1
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1
#ifdef mxDebug
	#define mxUseDefaultDebug 1
#endif

/* Slots of 32 bytes carry 32-bit identifiers, those of 16 bytes (as on ESP32) 16-bit ones. */
#if INTPTR_MAX == INT64_MAX
	#define mx32bitID 1
#endif

/* Chance and time are the simulator's: equal runs are equal to the digit. */
extern int hostChance(void);
#define c_rand hostChance
#define c_srand(SEED)
#define C_RAND_MAX 0x7FFFFFFF

struct hostTime {
	int tv_sec;
	int tv_usec;
};
extern int hostClock(struct hostTime* time, void* zone);
#define c_timeval struct hostTime
#define c_gettimeofday hostClock

#endif
