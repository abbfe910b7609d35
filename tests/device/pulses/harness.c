/* Runs the C of the pulse input through one course, named by the argument, and prints what came of it, a fact a line. */
#include <setjmp.h>
#include "harness.h"

#include "smartyPulses.c"

#define FILTER_MICROSECONDS 5

struct Unit { int used, enabled, started, filter, value, increases, pin; };

xsSlot arguments[3], result;
void *hostData;
static xsMachine machine;

static struct Unit units[8];
static int64_t now;
static int serviceRefuses, isService, interruptType, pullMode, unitsLeft = 8;
static void (*handler)(void *);
static void *handlerArgument;
/* An interrupt that came while the flash was written, and until when that is. */
static int isWaiting;
static int64_t writing;
/* A pulse that the filter has not let through. */
static int64_t through = -1;
static jmp_buf failure;
static int isCaught;

void fail(const char *text)
{
	printf("failed: %s\n", text);
	if (isCaught)
		longjmp(failure, 1);
	exit(1);
}

int64_t esp_timer_get_time(void) { return now; }

uint32_t esp_rom_crc32_le(uint32_t crc, const uint8_t *bytes, uint32_t length)
{
	crc = ~crc;
	for (uint32_t at = 0; at < length; at += 1) {
		crc ^= bytes[at];
		for (int bit = 0; bit < 8; bit += 1)
			crc = crc & 1 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
	}
	return ~crc;
}

esp_err_t gpio_set_direction(int pin, int mode) { return mode == GPIO_MODE_INPUT ? ESP_OK : ESP_FAIL; }
esp_err_t gpio_set_pull_mode(int pin, int mode) { if (pin >= 34) fail("the pin has no pulls"); pullMode = mode; return ESP_OK; }
esp_err_t gpio_set_intr_type(int pin, int type) { interruptType = type; return ESP_OK; }
esp_err_t gpio_install_isr_service(int flags)
{
	if (serviceRefuses)
		return ESP_FAIL;
	if (isService)
		return ESP_ERR_INVALID_STATE;
	isService = 1;
	return ESP_OK;
}
esp_err_t gpio_isr_handler_add(int pin, void (*called)(void *), void *argument)
{
	if (!isService)
		return ESP_ERR_INVALID_STATE;
	handler = called;
	handlerArgument = argument;
	return ESP_OK;
}
esp_err_t gpio_isr_handler_remove(int pin) { handler = NULL; return ESP_OK; }

esp_err_t pcnt_new_unit(const pcnt_unit_config_t *limits, pcnt_unit_handle_t *unit)
{
	if (limits->low_limit >= 0 || limits->high_limit != 32767)
		fail("limits");
	for (int at = 0; at < unitsLeft; at += 1) {
		if (units[at].used)
			continue;
		memset(&units[at], 0, sizeof(struct Unit));
		units[at].used = 1;
		units[at].value = 12345;
		*unit = &units[at];
		return ESP_OK;
	}
	return ESP_ERR_NOT_FOUND;
}
esp_err_t pcnt_del_unit(pcnt_unit_handle_t unit)
{
	if (unit->enabled || unit->pin)
		fail("a unit is deleted that is in use");
	unit->used = 0;
	return ESP_OK;
}
esp_err_t pcnt_unit_set_glitch_filter(pcnt_unit_handle_t unit, const pcnt_glitch_filter_config_t *filter)
{
	/* 1023 cycles at 80 MHz. */
	if (unit->enabled || filter->max_glitch_ns > 12787)
		return ESP_ERR_INVALID_STATE;
	unit->filter = filter->max_glitch_ns;
	return ESP_OK;
}
esp_err_t pcnt_new_channel(pcnt_unit_handle_t unit, const pcnt_chan_config_t *pins, pcnt_channel_handle_t *channel)
{
	if (pins->level_gpio_num != -1)
		fail("a level decides");
	unit->pin = pins->edge_gpio_num;
	*channel = unit;
	return ESP_OK;
}
esp_err_t pcnt_del_channel(pcnt_channel_handle_t channel) { channel->pin = 0; return ESP_OK; }
esp_err_t pcnt_channel_set_edge_action(pcnt_channel_handle_t channel, int positive, int negative)
{
	channel->increases = positive == PCNT_CHANNEL_EDGE_ACTION_INCREASE ? 1 : negative == PCNT_CHANNEL_EDGE_ACTION_INCREASE ? -1 : 0;
	return positive == negative ? ESP_FAIL : ESP_OK;
}
esp_err_t pcnt_unit_enable(pcnt_unit_handle_t unit) { unit->enabled = 1; return ESP_OK; }
esp_err_t pcnt_unit_disable(pcnt_unit_handle_t unit) { if (unit->started) return ESP_ERR_INVALID_STATE; unit->enabled = 0; return ESP_OK; }
esp_err_t pcnt_unit_clear_count(pcnt_unit_handle_t unit) { unit->value = 0; return ESP_OK; }
esp_err_t pcnt_unit_start(pcnt_unit_handle_t unit) { if (!unit->enabled) return ESP_ERR_INVALID_STATE; unit->started = 1; return ESP_OK; }
esp_err_t pcnt_unit_stop(pcnt_unit_handle_t unit) { unit->started = 0; return ESP_OK; }
esp_err_t pcnt_unit_get_count(pcnt_unit_handle_t unit, int *value) { *value = unit->value; return ESP_OK; }

static void increase(void)
{
	struct Unit *unit = ((Pulses)hostData)->unit;
	through = -1;
	if (!unit || !unit->started)
		return;
	unit->value += 1;
	if (unit->value == 32767)
		unit->value = 0;
}

/* Time goes on to `time`: what was under way comes through, and what waited for the flash is served. */
static void pass(int64_t time)
{
	if (through >= 0 && through <= time)
		increase();
	if (isWaiting && writing <= time) {
		isWaiting = 0;
		now = writing;
		handler(handlerArgument);
	}
	now = time;
}

/* The edge that counts, or one that is too short for the filter. */
static void edgeAt(int64_t time, int isGlitch)
{
	pass(time);
	if (!isGlitch)
		through = time + FILTER_MICROSECONDS;
	if (time < writing)
		isWaiting = 1;
	else
		handler(handlerArgument);
}

static double told[4];

static void take(void)
{
	arguments[0].data = told;
	arguments[0].length = sizeof(told);
	smarty_pulses_take(&machine);
}

static void openPulses(int pin, int rising, int pause)
{
	arguments[0].number = pin;
	arguments[1].number = rising;
	arguments[2].number = pause;
	smarty_pulses_constructor(&machine);
}

static void tell(const char *name) { printf("%s: %.0f %.0f %.0f %.0f\n", name, told[0], told[1], told[2], told[3]); }

/* 350 pulses a second for an hour; a look each second, sometimes three late; each ten seconds the flash is written for 60 ms. */
static void countHour(void)
{
	int64_t total = 0, stray = 0, next = 1000000, write = 10000000;
	double newest = 0;
	now = 777;
	openPulses(34, 0, 0);
	for (int64_t pulse = 1; pulse <= 1260000; pulse += 1) {
		int64_t time = 777 + pulse * 1000000 / 350;
		if (time >= 777 + write) {
			writing = time + 60000;
			write += 10000000;
		}
		while (777 + next < time) {
			pass(777 + next);
			take();
			total += (int64_t)told[0];
			/* Times only of pulses that came since the look before. */
			if (told[0] && (told[1] <= newest || told[2] < told[1] || told[2] > told[3]))
				stray += 1;
			newest = told[3];
			next += (next / 1000000) % 97 == 0 ? 3000000 : 1000000;
		}
		edgeAt(time, 0);
	}
	pass(now + 100);
	take();
	total += (int64_t)told[0];
	printf("counted: %lld\nstray times: %lld\n", (long long)total, (long long)stray);
}

int main(int count, char **words)
{
	const char *course = words[1];

	if (!strcmp(course, "hour"))
		countHour();
	else if (!strcmp(course, "times")) {
		now = 5000;
		openPulses(34, 0, 0);
		take();
		tell("nothing");
		edgeAt(105000, 0);
		edgeAt(205000, 0);
		edgeAt(305000, 0);
		pass(405000);
		take();
		tell("three");
		/* Seen by the interrupt, and not yet through the filter. */
		edgeAt(505000, 0);
		pass(505001);
		take();
		tell("under way");
		pass(605000);
		take();
		tell("through");
		edgeAt(705000, 1);
		pass(805000);
		take();
		tell("a glitch");
		edgeAt(905000, 0);
		pass(1005000);
		take();
		tell("after it");
		/* Counted while the flash is written; the interrupt waits. */
		writing = 1300000;
		edgeAt(1105000, 0);
		edgeAt(1205000, 0);
		pass(1210000);
		take();
		tell("in an erase");
		pass(1400000);
		take();
		tell("after the erase");
	} else if (!strcmp(course, "bounce")) {
		openPulses(33, 1, 50);
		printf("pull: %s\nunits: %d\n", pullMode == GPIO_PULLDOWN_ONLY ? "down" : "up", units[0].used);
		for (int pulse = 0; pulse < 100; pulse += 1)
			for (int bounce = 0; bounce < 5; bounce += 1)
				edgeAt(1000000 + pulse * 200000 + bounce * 900, 0);
		pass(30000000);
		take();
		tell("a hundred");
	} else if (!strcmp(course, "refused")) {
		isCaught = 1;
		unitsLeft = 1;
		units[0].used = 1;
		if (!setjmp(failure))
			openPulses(34, 0, 0);
		units[0].used = 0;
		serviceRefuses = 1;
		if (!setjmp(failure))
			openPulses(34, 0, 0);
		printf("used: %d\n", units[0].used);
		if (!setjmp(failure))
			openPulses(24, 0, 0);
		if (!setjmp(failure))
			openPulses(34, 0, -1);
	} else if (!strcmp(course, "close")) {
		openPulses(4, 0, 0);
		printf("pull: %s\ninterrupt: %s\n", pullMode == GPIO_PULLUP_ONLY ? "up" : "down", interruptType == GPIO_INTR_NEGEDGE ? "falling" : "rising");
		smarty_pulses_close(&machine);
		smarty_pulses_close(&machine);
		printf("used: %d\ninterrupt off: %d\nhandler: %d\n", units[0].used, interruptType == GPIO_INTR_DISABLE, handler != NULL);
	} else if (!strcmp(course, "retained")) {
		/* What lies in the memory after a loss of power. */
		for (int fill = 0; fill < 256; fill += 51) {
			memset(retained, fill, sizeof(retained));
			arguments[0].number = 2;
			arguments[1].number = fill * 16843009.0;
			smarty_retained_read(&machine);
			if (!result.isNull)
				printf("believed: %d\n", fill);
		}
		arguments[0].number = 3;
		arguments[1].number = 4294967295.0;
		arguments[2].number = 9007199254740991.0;
		smarty_retained_write(&machine);
		smarty_retained_read(&machine);
		printf("kept: %.0f\n", result.isNull ? -1 : result.number);
		arguments[1].number = 4294967294.0;
		smarty_retained_read(&machine);
		printf("another tag: %s\n", result.isNull ? "nothing" : "something");
		arguments[1].number = 4294967295.0;
		retained[3].low ^= 1;
		smarty_retained_read(&machine);
		printf("another bit: %s\n", result.isNull ? "nothing" : "something");
		isCaught = 1;
		arguments[0].number = 4;
		if (!setjmp(failure))
			smarty_retained_read(&machine);
	}
	return 0;
}
