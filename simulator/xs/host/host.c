/*
	The XS machine of the simulator: a process that holds one machine and answers messages. A message is a netstring
	(`LENGTH:BYTES,`) on file descriptor 3, its answer one on 4. The first byte is the command:

	c  lines of text: makes the machine and preloads its flash (see `readSetup`)
	m  a path: imports the module, calls its `createGuest()` and keeps the guest
	?  bytes: the guest's `handle(bytes)`
	t  digits: sets the machine's clock, in ms since 1970
	g  collects garbage
	k  keeps the machine: what comes up to `b` happens to a copy of the process (not on Xtensa, which has no processes)
	b  back to the machine that was kept. Nothing else, where the copy has ended

	The answer is `.`, the figures as JSON, a byte 1 and the reply's bytes; or `!` and the text of an exception with its stack. A copy
	that ends before it answers is an exception, too, and the machine that was kept goes on.
*/
#include "host.h"
#include <fcntl.h>
#ifndef __xtensa__
	#include <sys/wait.h>
#endif

static txMachine* machine = NULL;
static txSlot guest;
static double now = 0;
static unsigned chance = 1;
/* Whether the latest message was answered, and whether this is a copy of the process (see `k`). */
static int isAnswered = 0;
static int isCopy = 0;

/* Exit codes: why the machine ended, from 10 on; that a copy's ended between messages, so much more; the end of a copy with a `b`. */
#define REASON 10
#define UNASKED 40
#define BACK 1

int hostChance(void)
{
	chance = chance * 1103515245u + 12345u;
	return (chance >> 1) & C_RAND_MAX;
}

int hostClock(struct hostTime* time, void* zone)
{
	time->tv_sec = (int)(now / 1000);
	time->tv_usec = (int)((now - time->tv_sec * 1000.0) * 1000);
	return 0;
}

void fxCreateMachinePlatform(txMachine* the)
{
}

void fxDeleteMachinePlatform(txMachine* the)
{
}

void fxQueuePromiseJobs(txMachine* the)
{
	the->promiseJobs = 1;
}

/* What an exception tells: its stack, or else itself. Valid until something else is allocated. */
static txString describeException(txMachine* the)
{
	txString text = "an exception that cannot be told";
	mxTry(the) {
		mxPush(mxException);
		mxException = mxUndefined;
		if (mxIsReference(the->stack)) {
			mxDub();
			mxGetID(mxID(_stack));
			if (mxIsStringPrimitive(the->stack))
				the->stack[1] = *the->stack;
			mxPop();
		}
		text = fxToString(the, the->stack);
		mxPop();
	}
	mxCatch(the) {
	}
	return text;
}

/* Where the program is, without allocating anything: names of functions, and lines if they were compiled. */
static void printFrames(txMachine* the)
{
	txSlot* frame;
	for (frame = the->frame; frame && frame->next; frame = frame->next) {
		txSlot* environment = mxFrameToEnvironment(frame);
		txSlot* function = frame + 3;
		txSlot* name = NULL;
		if (function->kind != XS_REFERENCE_KIND)
			continue;
		for (name = function->value.reference->next; name; name = name->next) {
			if ((name->ID == mxID(_name)) && mxIsStringPrimitive(name))
				break;
		}
		fprintf(stderr, " at %s", name ? name->value.string : "(function)");
		if (environment->ID != XS_NO_ID)
			fprintf(stderr, " (%s:%d)", fxGetKeyName(the, environment->ID), (int)environment->value.environment.line);
		fprintf(stderr, "\n");
	}
}

static const char* tellReason(int status)
{
	static const char* reasons[] = { "debugger", "memory full", "stack overflow", "fatal check", "dead strip",
		"unhandled exception", "not enough keys", "too much computation", "unhandled rejection" };
	return ((0 <= status) && (status < (int)(sizeof(reasons) / sizeof(reasons[0])))) ? reasons[status] : "abort";
}

/* The end of the process; the exit code and the text on standard error tell why. */
void fxAbort(txMachine* the, int status)
{
	fprintf(stderr, "%s: %d slots, %d bytes of chunks in use, %u bytes reserved\n", tellReason(status),
		(int)the->currentHeapCount, (int)the->currentChunksSize, (unsigned)reservedMemory());
	if ((status == XS_UNHANDLED_REJECTION_EXIT) || (status == XS_UNHANDLED_EXCEPTION_EXIT))
		fprintf(stderr, "%s\n", describeException(the));
	else
		printFrames(the);
	exit(REASON + status + (isCopy && isAnswered ? UNASKED : 0));
}

static void fail(const char* what)
{
	fprintf(stderr, "%s\n", what);
	exit(2);
}

static int readAll(char* bytes, size_t length)
{
	while (length) {
		long count = read(3, bytes, length);
		if (count <= 0)
			return 0;
		bytes += count;
		length -= count;
	}
	return 1;
}

static void writeAll(const char* bytes, size_t length)
{
	while (length) {
		long count = write(4, bytes, length);
		if (count <= 0)
			exit(0);
		bytes += count;
		length -= count;
	}
}

/* The message's bytes with a zero behind them, or NULL at the end. The caller frees them. */
static char* readMessage(size_t* length)
{
	char digit;
	char* bytes;
	*length = 0;
	for (;;) {
		if (!readAll(&digit, 1))
			return NULL;
		if (digit == ':')
			break;
		if ((digit < '0') || ('9' < digit) || (*length > 100000000))
			fail("a message does not begin with its length");
		*length = *length * 10 + (digit - '0');
	}
	bytes = malloc(*length + 2);
	if (!bytes || !readAll(bytes, *length + 1) || (bytes[*length] != ','))
		fail("a message does not end where it should");
	bytes[*length] = 0;
	return bytes;
}

static void writeMessage(const char* head, const char* bytes, size_t length)
{
	char size[16];
	size_t headLength = strlen(head);
	sprintf(size, "%u:", (unsigned)(headLength + length));
	writeAll(size, strlen(size));
	writeAll(head, headLength);
	writeAll(bytes, length);
	writeAll(",", 1);
	isAnswered = 1;
}

static void answer(Cost* cost, const char* bytes, size_t length)
{
	static char head[384];
	snprintf(head, sizeof(head),
		".{\"compute\":%u,\"instructions\":%u,\"slots\":%d,\"slotsPeak\":%d,\"chunks\":%d,\"chunksPeak\":%d,"
		"\"stackPeak\":%d,\"reserved\":%u,\"slotSize\":%d}\1",
		cost->compute, cost->instructions, (int)machine->currentHeapCount, (int)machine->peakHeapCount,
		(int)machine->currentChunksSize, (int)machine->peakChunksSize, peakStack(machine), (unsigned)reservedMemory(),
		(int)sizeof(txSlot));
	writeMessage(head, bytes, length);
}

/* In an mxCatch. */
static void answerException(txMachine* the)
{
	txString text = describeException(the);
	writeMessage("!", text, strlen(text));
}

static void startCost(txMachine* the, Cost* cost)
{
	the->peakHeapCount = the->currentHeapCount;
	the->peakChunksSize = the->currentChunksSize;
	paintStack(the);
#ifdef mxMetering
	the->meterIndex = 0;
#endif
#ifdef __xtensa__
	cost->instructions = readCycles();
#endif
}

static void endCost(txMachine* the, Cost* cost)
{
#ifdef __xtensa__
	cost->instructions = countInstructions(cost->instructions);
#endif
#ifdef mxMetering
	cost->compute = the->meterIndex;
#endif
}

static void runJobs(txMachine* the)
{
	while (the->promiseJobs) {
		the->promiseJobs = 0;
		fxRunPromiseJobs(the);
	}
	fxEndJob(the);
	fxCheckUnhandledRejections(the, 1);
}

static void readSetup(Setup* setup, char* text)
{
	txCreation* creation = &setup->creation;
	char* line = text;
	char* end;
	for (; *line; line = end) {
		int a, b;
		end = strchr(line, '\n');
		if (!end)
			fail("a line of the setup does not end");
		*end++ = 0;
		if (sscanf(line, "chunks %d %d", &a, &b) == 2) {
			creation->initialChunkSize = a;
			creation->incrementalChunkSize = b;
		}
		else if (sscanf(line, "slots %d %d", &a, &b) == 2) {
			creation->initialHeapCount = a;
			creation->incrementalHeapCount = b;
		}
		else if (sscanf(line, "keys %d %d", &a, &b) == 2) {
			creation->initialKeyCount = a;
			creation->incrementalKeyCount = b;
		}
		else if (sscanf(line, "stack %d", &a) == 1)
			creation->stackCount = a;
		else if (sscanf(line, "limit %d", &a) == 1)
			setup->limit = a;
		else if (!strcmp(line, "lines"))
			setup->lines = 1;
		else if (!strcmp(line, "preload")) {
			setup->preload = end;
			return;
		}
		else
			fail("a line of the setup has no meaning");
	}
}

/* Where there is flash the machine starts with nothing in RAM; without, everything of XS is there too. */
static void createMachine(Setup* setup)
{
	txCreation large = { 4 << 20, 1 << 20, 1 << 16, 1 << 14, 4096, 8192, 4096, 1993, 127, 1 << 20, 1993 };
	txMachine* the;
	char* path;
	char* end;
	moduleLines = setup->lines;
	if (!setup->preload) {
		limitMemory(setup->limit);
		machine = fxCreateMachine(&setup->creation, "device", NULL, XS_NO_ID);
		return;
	}
	startRoot();
	the = fxCreateMachine(&large, "flash", NULL, XS_NO_ID);
	if (!the)
		fail("no memory for the flash");
	fxBeginHost(the);
	mxTry(the) {
		for (path = setup->preload; *path; path = end) {
			end = strchr(path, '\n');
			*end++ = 0;
			importModule(the, path);
			mxPop();
		}
	}
	mxCatch(the) {
		answerException(the);
		exit(0);
	}
	fxEndHost(the);
	runJobs(the);
	limitMemory(setup->limit);
	machine = cloneFromFlash(the, &setup->creation);
}

/* The code's size of each module, as JSON. */
static void answerCodes(Cost* cost)
{
	size_t room = 16 + codeCount() * 128, used;
	char* text = malloc(room);
	int at;
	used = sprintf(text, "{");
	for (at = 0; at < codeCount(); at++) {
		char* name;
		size_t size = codeSize(at, &name);
		used += sprintf(text + used, "%s\"%s\":%u", at ? "," : "", name, (unsigned)size);
	}
	used += sprintf(text + used, "}");
	answer(cost, text, used);
	free(text);
}

static void makeGuest(txMachine* the, char* path)
{
	Cost cost = { 0, 0 };
	fxBeginHost(the);
	mxTry(the) {
		startCost(the, &cost);
		importModule(the, path);
		mxDub();
		mxGetID(fxID(the, "createGuest"));
		mxCall();
		mxRunCount(0);
		guest = *the->stack;
		fxRemember(the, &guest);
		endCost(the, &cost);
		answerCodes(&cost);
	}
	mxCatch(the) {
		answerException(the);
	}
	fxEndHost(the);
	runJobs(the);
}

static void callGuest(txMachine* the, char* bytes, size_t length)
{
	Cost cost = { 0, 0 };
	fxBeginHost(the);
	mxTry(the) {
		txSlot* buffer;
		if (!mxIsReference(&guest))
			mxTypeError("there is no guest");
		mxPushUndefined();
		buffer = the->stack;
		fxArrayBuffer(the, buffer, bytes, length, -1);
		mxPushSlot(&guest);
		mxDub();
		mxGetID(fxID(the, "handle"));
		mxCall();
		mxPushSlot(buffer);
		startCost(the, &cost);
		mxRunCount(1);
		while (the->promiseJobs) {
			the->promiseJobs = 0;
			fxRunPromiseJobs(the);
		}
		endCost(the, &cost);
		fxCheckUnhandledRejections(the, 1);
		answer(&cost, fxToArrayBuffer(the, the->stack), fxGetArrayBufferLength(the, the->stack));
	}
	mxCatch(the) {
		answerException(the);
	}
	fxEndHost(the);
	runJobs(the);
}

#ifdef __xtensa__
static int keepMachine(void)
{
	fail("there are no processes");
	return 0;
}
#else
/* In the copy 1. In the process itself it comes back when the copy has ended, with 0. */
static int keepMachine(void)
{
	static const char text[] = "the copy of the XS machine ended: ";
	char reason[80];
	int status;
	pid_t copy;
	fflush(NULL);
	copy = fork();
	if (copy < 0)
		fail("no memory for a copy of the process");
	if (!copy)
		return 1;
	if ((waitpid(copy, &status, 0) != copy) || !WIFEXITED(status))
		fail("the copy of the process was ended");
	status = WEXITSTATUS(status);
	if ((REASON <= status) && (status < REASON + UNASKED)) {
		snprintf(reason, sizeof(reason), "%s%s", text, tellReason(status - REASON));
		writeMessage("!", reason, strlen(reason));
	}
	else if (status != BACK)
		exit(status < UNASKED ? status : status - UNASKED);
	return 0;
}
#endif

int main(int argc, char* argv[])
{
	size_t length;
	char* message;
	Setup setup = { { 32 << 10, 1 << 10, 2 << 10, 64, 384, 32, 32, 53, 3, 1 << 20, 1993 }, 0, 0, NULL };
	guest.kind = XS_UNDEFINED_KIND;
#if XS_MAJOR_VERSION > 13
	fxInitializeSharedCluster(NULL);
#else
	fxInitializeSharedCluster();
#endif
	while ((message = readMessage(&length))) {
		Cost cost = { 0, 0 };
		char* text = message + 1;
		isAnswered = 0;
		if ((*message != 'c') == !machine)
			fail("the machine is made first, and once");
		switch (*message) {
		case 'c':
			readSetup(&setup, text);
			createMachine(&setup);
			if (!machine)
				fail("no memory for the machine");
			answerCodes(&cost);
			break;
		case 'm':
			makeGuest(machine, text);
			break;
		case '?':
			callGuest(machine, text, length - 1);
			break;
		case 't':
			now = strtod(text, NULL);
			answer(&cost, NULL, 0);
			break;
		case 'g':
			fxCollectGarbage(machine);
			answer(&cost, NULL, 0);
			break;
		case 'k':
			if (isCopy)
				fail("a machine that was kept is kept already");
			isCopy = keepMachine();
			if (isCopy)
				answer(&cost, NULL, 0);
			break;
		case 'b':
			answer(&cost, NULL, 0);
			if (isCopy)
				exit(BACK);
			break;
		default:
			fail("unknown command");
		}
		free(message);
	}
	return 0;
}
