/* smartySpi.c over pins of its own, at which a chip in mode 0 listens: it reads while the clock rises, and changes its output while it falls. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct xsMachine xsMachine;
typedef uint32_t xsUnsignedValue;

static int numbers[5];
static uint8_t block[4];

#define xsArg(index) (index)
#define xsmcToInteger(index) (numbers[index])
#define xsmcGetBufferWritable(index, data, length) (*(data) = block, *(length) = sizeof(block))
#define xsRangeError(text) (puts(text), exit(0))

enum { CLOCK = 5, OUT = 27, IN = 19 };

static const uint8_t answers[] = {0x80, 0x01, 0xa5, 0x3c};
static uint8_t heard[4];
static int bits, clockLevel, outLevel, inLevel;

static int nextBit(void)
{
	return (answers[(bits >> 3) & 3] >> (7 - (bits & 7))) & 1;
}

static void gpio_set_level(int pin, int level)
{
	if (pin == OUT) {
		if (clockLevel && level != outLevel)
			puts("out changes while the clock is high");
		outLevel = level;
	} else if (pin == CLOCK) {
		if (level && !clockLevel) {
			inLevel = nextBit();
			heard[bits >> 3] = (uint8_t)((heard[bits >> 3] << 1) | outLevel);
			bits += 1;
		}
		clockLevel = level;
	} else
		puts("another pin is set");
}

static int gpio_get_level(int pin)
{
	if (pin != IN || !clockLevel)
		puts("read at another pin, or while the clock is low");
	return inLevel;
}

#include "smartySpi.c"

int main(int count, char **words)
{
	numbers[0] = CLOCK;
	numbers[1] = OUT;
	numbers[2] = IN;
	numbers[4] = count > 1 ? atoi(words[1]) : 0;
	memcpy(block, "\x12\x00\xff\x81", 4);
	smarty_spi_transfer(NULL);
	printf("heard %02x %02x %02x %02x, ", heard[0], heard[1], heard[2], heard[3]);
	printf("came %02x %02x %02x %02x, clock %d, %d bits\n", block[0], block[1], block[2], block[3], clockLevel, bits);
	return 0;
}
