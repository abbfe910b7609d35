#ifndef HOST_H
#define HOST_H

#include "xsAll.h"
#include "xsScript.h"

/* How a machine is made: the first message, one `name values` a line. */
typedef struct {
	txCreation creation;
	/* Most bytes of slots, chunks and stack together, 0 for no limit. */
	size_t limit;
	/* Whether code is compiled with lines and source maps. */
	int lines;
	/* Modules for the read-only memory, as in flash, one path a line, or NULL. */
	char* preload;
} Setup;

typedef struct {
	unsigned compute;
	unsigned instructions;
} Cost;

/* memory.c */
extern void startRoot(void);
extern void endRoot(void);
extern void limitMemory(size_t limit);
extern size_t reservedMemory(void);
extern void paintStack(txMachine* the);
extern int peakStack(txMachine* the);

/* flash.c */
extern txMachine* cloneFromFlash(txMachine* root, txCreation* creation);

/* modules.c */
extern int moduleLines;
extern size_t codeSize(int index, char** name);
extern int codeCount(void);
extern void importModule(txMachine* the, char* path);
extern char* readFile(char* path, size_t* size);

#endif
