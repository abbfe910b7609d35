/*
 * SPI in mode 0 by the program: some 2 MHz, which radios take, and a transfer of 258 bytes is a millisecond. ESP-IDF's driver with the
 * SDK's module over it would be 23 KB of flash, a task and two buffers; the radio's few bytes per frame need none of them.
 */
#include "xsmc.h"
#include "xsHost.h"
#include "mc.xs.h"

#include "driver/gpio.h"

/* Pins of clock, out and in, which are open; bytes, and how many of them. What came takes their place. */
void smarty_spi_transfer(xsMachine *the)
{
	int clock = xsmcToInteger(xsArg(0));
	int out = xsmcToInteger(xsArg(1));
	int in = xsmcToInteger(xsArg(2));
	int count = xsmcToInteger(xsArg(4));
	void *data;
	xsUnsignedValue length;
	uint8_t *bytes;

	/* Last: what allocates could move the bytes. */
	xsmcGetBufferWritable(xsArg(3), &data, &length);
	if ((count < 0) || ((xsUnsignedValue)count > length))
		xsRangeError("spi: no such bytes");
	bytes = data;
	for (int at = 0; at < count; at += 1) {
		unsigned byte = bytes[at], received = 0;

		for (int bit = 7; bit >= 0; bit -= 1) {
			gpio_set_level(out, (byte >> bit) & 1);
			/* Both sides read while the clock is high, and change while it is low. */
			gpio_set_level(clock, 1);
			received = (received << 1) | (unsigned)gpio_get_level(in);
			gpio_set_level(clock, 0);
		}
		bytes[at] = (uint8_t)received;
	}
}
