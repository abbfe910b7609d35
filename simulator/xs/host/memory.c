/* Where slots and chunks live: in a limited heap as on the device, or, for what is preloaded, in a region that becomes read-only. */
#include "host.h"

#ifdef __xtensa__
	#define ROOT_SIZE (24 * 1024 * 1024)
#else
	#define ROOT_SIZE (256 * 1024 * 1024)
	#include <signal.h>
#endif

static struct {
	char* base;
	size_t used;
	int open;
} root;
static size_t heapLimit = 0;
static size_t heapReserved = 0;

void startRoot(void)
{
#ifdef __xtensa__
	root.base = malloc(ROOT_SIZE);
#else
	root.base = mmap(NULL, ROOT_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (root.base == MAP_FAILED)
		root.base = NULL;
#endif
	if (!root.base)
		exit(1);
	root.open = 1;
}

#ifndef __xtensa__
static txMachine* running;

/* A write that XS does not refuse by itself. The fault is synchronous, so that it can be thrown as an exception from here. */
static void onFault(int number, siginfo_t* information, void* context)
{
	char* address = information->si_addr;
	if ((root.base <= address) && (address < root.base + ROOT_SIZE) && running->firstJump) {
		txMachine* the = running;
		mxTypeError("preloaded memory is read-only");
	}
	signal(number, SIG_DFL);
}

void guardRoot(txMachine* the)
{
	struct sigaction action = { .sa_sigaction = onFault, .sa_flags = SA_SIGINFO | SA_NODEFER };
	running = the;
	mprotect(root.base, ROOT_SIZE, PROT_READ);
	sigaction(SIGSEGV, &action, NULL);
}
#else
void guardRoot(txMachine* the)
{
}
#endif

/* From here on memory comes from the heap. */
void endRoot(void)
{
	root.open = 0;
}

void limitMemory(size_t limit)
{
	heapLimit = limit;
}

size_t reservedMemory(void)
{
	return heapReserved;
}

static void* reserve(txMachine* the, size_t size)
{
	if (root.open) {
		char* result = root.base + root.used;
		root.used += (size + 15) & ~(size_t)15;
		if (root.used > ROOT_SIZE)
			fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT);
		return result;
	}
	if (heapLimit && (heapReserved + size > heapLimit))
		fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT);
	heapReserved += size;
	/* Padded, so that XS never finds two pieces side by side and joins them: that would depend on malloc. */
	return malloc(size + 64);
}

void* fxAllocateChunks(txMachine* the, txSize size)
{
	return reserve(the, size);
}

void fxFreeChunks(txMachine* the, void* chunks)
{
}

txSlot* fxAllocateSlots(txMachine* the, txSize count)
{
	return reserve(the, count * sizeof(txSlot));
}

void fxFreeSlots(txMachine* the, void* slots)
{
}

/*
	The free part of the stack gets a pattern, and what has lost it was used. XS borrows the far end of the stack for regular
	expressions and numbers; that is not counted, because it asks for what is free.
*/
#define PATTERN 0x5A

void paintStack(txMachine* the)
{
	memset(the->stackBottom, PATTERN, (char*)the->stack - (char*)the->stackBottom);
}

int peakStack(txMachine* the)
{
	txSlot pattern;
	txSlot* slot = the->stack;
	int untouched = 0;
	memset(&pattern, PATTERN, sizeof(pattern));
	while ((slot > the->stackBottom) && (untouched < 4)) {
		slot--;
		untouched = memcmp(slot, &pattern, sizeof(pattern)) ? 0 : untouched + 1;
	}
	return the->stackTop - slot - untouched;
}
