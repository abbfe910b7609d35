/* Finds modules by name below the working folder, as on the device, and compiles them. */
#include "host.h"
#include <fcntl.h>
#ifndef __xtensa__
	#include <sys/stat.h>
#endif

#define MODULES 256

int moduleLines = 0;
static struct {
	char name[96];
	size_t size;
} codes[MODULES];
static int count = 0;

int codeCount(void)
{
	return count;
}

size_t codeSize(int index, char** name)
{
	*name = codes[index].name;
	return codes[index].size;
}

/* The whole file with a zero behind it, or NULL. The caller frees it. */
char* readFile(char* path, size_t* size)
{
	size_t room = 65536, used = 0;
	char* bytes;
	int file = open(path, O_RDONLY);
	if (file < 0)
		return NULL;
	bytes = malloc(room);
	while (bytes) {
		long length = read(file, bytes + used, room - used - 1);
		if (length <= 0)
			break;
		used += length;
		if (used == room - 1)
			bytes = realloc(bytes, room *= 2);
	}
	close(file);
	if (bytes)
		bytes[used] = 0;
	*size = used;
	return bytes;
}

/* `./` and `../` are taken from the importing module's folder; all other names stand for themselves. */
txID fxFindModule(txMachine* the, txSlot* realm, txID moduleID, txSlot* slot)
{
	char name[C_PATH_MAX];
	char path[C_PATH_MAX];
	char* rest = name;
	char* slash;
	fxToStringBuffer(the, slot, name, sizeof(name));
	path[0] = 0;
	if ((name[0] == '.') && (moduleID != XS_NO_ID)) {
		c_strncpy(path, fxGetKeyName(the, moduleID), sizeof(path) - 1);
		path[sizeof(path) - 1] = 0;
		slash = c_strrchr(path, '/');
		*(slash ? slash : path) = 0;
		for (;;) {
			if (!c_strncmp(rest, "./", 2))
				rest += 2;
			else if (!c_strncmp(rest, "../", 3)) {
				rest += 3;
				slash = c_strrchr(path, '/');
				*(slash ? slash : path) = 0;
			}
			else
				break;
		}
	}
	if (c_strlen(path) + c_strlen(rest) + 2 > sizeof(path))
		mxRangeError("path too long");
	if (path[0])
		c_strcat(path, "/");
	c_strcat(path, rest);
	return fxNewNameC(the, path);
}

typedef struct {
	char* next;
	char* end;
} Text;

static int nextByte(void* it)
{
	Text* text = it;
	return (text->next < text->end) ? *(unsigned char*)(text->next++) : C_EOF;
}

/* With lines, the source map's only source gives the name and the lines that exceptions tell. */
static void readSourceMap(txParser* parser, char* path, char* map, txUnsigned flags)
{
	char real[C_PATH_MAX];
	txString source = NULL;
	size_t size;
	char* bytes;
	Text text;
	mxParserThrowElse(c_realpath(fxCombinePath(parser, path, map), real));
	bytes = readFile(real, &size);
	mxParserThrowElse(bytes);
	parser->path = fxNewParserSymbol(parser, real);
	text.next = bytes;
	text.end = bytes + size;
	fxParserSourceMap(parser, &text, nextByte, flags, &source);
	free(bytes);
	if ((parser->errorCount == 0) && source) {
		mxParserThrowElse(c_realpath(fxCombinePath(parser, real, source), real));
		parser->path = fxNewParserSymbol(parser, real);
	}
}

static txScript* compile(txMachine* the, char* path, char* bytes, size_t size)
{
	txParser _parser;
	txParser* parser = &_parser;
	txParserJump jump;
	txScript* script = NULL;
	txString map = NULL;
	txUnsigned flags = moduleLines ? mxDebugFlag : 0;
	Text text = { bytes, bytes + size };
	fxInitializeParser(parser, the, the->parserBufferSize, the->parserTableModulo);
	parser->firstJump = &jump;
	if (c_setjmp(jump.jmp_buf) == 0) {
		parser->path = fxNewParserSymbol(parser, path);
		fxParserTree(parser, &text, nextByte, flags, &map);
		if (map && moduleLines)
			readSourceMap(parser, path, map, flags);
		fxParserHoist(parser);
		fxParserBind(parser);
		script = fxParserCode(parser);
	}
	fxTerminateParser(parser);
	return script;
}

void fxLoadModule(txMachine* the, txSlot* module, txID moduleID)
{
	char path[C_PATH_MAX];
	size_t size;
	char* bytes;
	txScript* script;
	c_strncpy(path, fxGetKeyName(the, moduleID), sizeof(path) - 1);
	path[sizeof(path) - 1] = 0;
	bytes = readFile(path, &size);
	if (!bytes)
		return;
	script = compile(the, path, bytes, size);
	free(bytes);
	if (script) {
		if (script->codeBuffer && (count < MODULES)) {
			c_strncpy(codes[count].name, path, sizeof(codes[count].name) - 1);
			codes[count++].size = script->codeSize;
		}
		fxResolveModule(the, module, moduleID, script, C_NULL, C_NULL);
	}
}

/* Leaves the module's namespace on the stack. Throws what the module throws. */
void importModule(txMachine* the, char* path)
{
	mxPushStringC(path);
	fxAwaitImport(the, 0);
}
