/*
 * Pulses of a pin, counted by hardware, and the times of the first and the newest since the last look.
 *
 * A unit of the pulse counter counts, also while the flash is erased and nothing of the program runs; it loses none as long as
 * somebody looks before it is back where it was. An interrupt on the same pin notes the time: it lies in flash, and pulses that come
 * while that cannot be read have one time together. A contact that bounces is counted by the interrupt alone, which can leave
 * out what comes too soon.
 *
 * The last part keeps counts in memory that a restart leaves as it is.
 */
#include "xsmc.h"
#include "xsHost.h"
#include "mc.xs.h"

#include <string.h>

#include "driver/gpio.h"
#include "driver/pulse_cnt.h"
#include "esp_attr.h"
#include "esp_rom_crc.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"

/* At this count the unit is back at 0. */
#define COUNT_LIMIT 32767
/* Half of what the detector of the adapter leaves of its shortest pulse, and less. */
#define GLITCH_NANOSECONDS 5000
/* A pulse that the interrupt has seen and the filter has not let through yet. */
#define UNDER_WAY_MICROSECONDS 1000
#define PLACES 4

typedef struct {
	/* NULL where the interrupt counts. */
	pcnt_unit_handle_t unit;
	pcnt_channel_handle_t channel;
	portMUX_TYPE lock;
	int pin;
	int before;
	/* Microseconds. */
	int64_t pause;
	int64_t opened;
	int64_t first;
	int64_t newest;
	int64_t edge;
	uint32_t seen;
} PulsesRecord, *Pulses;

void smarty_pulses_destructor(void *data);

static const xsHostHooks pulsesHooks = {smarty_pulses_destructor, NULL, NULL};

static void onEdge(void *argument)
{
	Pulses pulses = argument;
	int64_t now = esp_timer_get_time();

	portENTER_CRITICAL_ISR(&pulses->lock);
	if (now - pulses->edge >= pulses->pause) {
		pulses->edge = now;
		if (!pulses->seen)
			pulses->first = now;
		pulses->newest = now;
		pulses->seen += 1;
	}
	portEXIT_CRITICAL_ISR(&pulses->lock);
}

static void closePulses(Pulses pulses)
{
	gpio_set_intr_type(pulses->pin, GPIO_INTR_DISABLE);
	gpio_isr_handler_remove(pulses->pin);
	if (pulses->unit) {
		pcnt_unit_stop(pulses->unit);
		pcnt_unit_disable(pulses->unit);
		if (pulses->channel)
			pcnt_del_channel(pulses->channel);
		pcnt_del_unit(pulses->unit);
	}
	c_free(pulses);
}

/* Also called when the machine ends. */
void smarty_pulses_destructor(void *data)
{
	if (data)
		closePulses(data);
}

static esp_err_t openUnit(Pulses pulses, int rising)
{
	pcnt_unit_config_t limits = {.low_limit = -COUNT_LIMIT, .high_limit = COUNT_LIMIT};
	pcnt_glitch_filter_config_t filter = {.max_glitch_ns = GLITCH_NANOSECONDS};
	pcnt_chan_config_t pins = {.edge_gpio_num = pulses->pin, .level_gpio_num = -1};
	esp_err_t fault = pcnt_new_unit(&limits, &pulses->unit);

	if (ESP_OK != fault) {
		pulses->unit = NULL;
		return fault;
	}
	fault = pcnt_unit_set_glitch_filter(pulses->unit, &filter);
	if (ESP_OK == fault)
		fault = pcnt_new_channel(pulses->unit, &pins, &pulses->channel);
	if (ESP_OK == fault)
		fault = pcnt_channel_set_edge_action(pulses->channel,
			rising ? PCNT_CHANNEL_EDGE_ACTION_INCREASE : PCNT_CHANNEL_EDGE_ACTION_HOLD,
			rising ? PCNT_CHANNEL_EDGE_ACTION_HOLD : PCNT_CHANNEL_EDGE_ACTION_INCREASE);
	if (ESP_OK == fault)
		fault = pcnt_unit_enable(pulses->unit);
	if (ESP_OK == fault)
		fault = pcnt_unit_clear_count(pulses->unit);
	if (ESP_OK == fault)
		fault = pcnt_unit_start(pulses->unit);
	return fault;
}

static esp_err_t openPin(Pulses pulses, int rising)
{
	esp_err_t fault = gpio_set_direction(pulses->pin, GPIO_MODE_INPUT);

	if ((ESP_OK == fault) && GPIO_IS_VALID_OUTPUT_GPIO(pulses->pin)) /* 34 to 39 have no pull-up */
		fault = gpio_set_pull_mode(pulses->pin, rising ? GPIO_PULLDOWN_ONLY : GPIO_PULLUP_ONLY);
	if (ESP_OK == fault)
		fault = gpio_set_intr_type(pulses->pin, rising ? GPIO_INTR_POSEDGE : GPIO_INTR_NEGEDGE);
	if (ESP_OK == fault) {
		fault = gpio_install_isr_service(0);
		if (ESP_ERR_INVALID_STATE == fault) /* somebody has it already */
			fault = ESP_OK;
	}
	if (ESP_OK == fault)
		fault = gpio_isr_handler_add(pulses->pin, onEdge, pulses);
	return fault;
}

/* pin, whether a rising edge counts, milliseconds of pause */
void smarty_pulses_constructor(xsMachine *the)
{
	int pin = xsmcToInteger(xsArg(0));
	int rising = xsmcToBoolean(xsArg(1));
	int pause = xsmcToInteger(xsArg(2));

	if ((pin < 0) || (pin >= GPIO_NUM_MAX) || !GPIO_IS_VALID_GPIO(pin))
		xsRangeError("pulses: no such pin");
	if ((pause < 0) || (pause > 60000))
		xsRangeError("pulses: pause out of range");
	Pulses pulses = c_calloc(1, sizeof(PulsesRecord));
	if (!pulses)
		xsUnknownError("pulses: no memory");
	portMUX_INITIALIZE(&pulses->lock);
	pulses->pin = pin;
	pulses->pause = (int64_t)pause * 1000;
	pulses->opened = esp_timer_get_time();
	pulses->edge = pulses->opened - pulses->pause;
	/* The unit sets the pin's pulls as it likes: it comes first. */
	esp_err_t fault = pause ? ESP_OK : openUnit(pulses, rising);
	if (ESP_OK == fault)
		fault = openPin(pulses, rising);
	if (ESP_OK != fault) {
		closePulses(pulses);
		xsUnknownError("pulses: no counter left, or the driver refused");
	}
	xsmcSetHostData(xsThis, pulses);
	xsSetHostHooks(xsThis, &pulsesHooks);
}

void smarty_pulses_close(xsMachine *the)
{
	if (!xsmcGetHostData(xsThis))
		return;
	Pulses pulses = xsmcGetHostDataValidate(xsThis, (void *)&pulsesHooks);
	xsmcSetHostData(xsThis, NULL);
	xsmcSetHostDestructor(xsThis, NULL);
	closePulses(pulses);
}

/* Four doubles: how many came since the last look, the times of the first and the newest, and the time now, microseconds since it was opened. */
void smarty_pulses_take(xsMachine *the)
{
	Pulses pulses = xsmcGetHostDataValidate(xsThis, (void *)&pulsesHooks);
	void *bytes;
	xsUnsignedValue length;
	double told[4];
	int value = 0, count;
	int64_t first, newest, now;
	uint32_t seen;

	if (pulses->unit)
		pcnt_unit_get_count(pulses->unit, &value);
	portENTER_CRITICAL(&pulses->lock);
	now = esp_timer_get_time();
	seen = pulses->seen;
	first = pulses->first;
	newest = pulses->newest;
	count = pulses->unit ? value - pulses->before : (int)seen;
	if (count < 0)
		count += COUNT_LIMIT;
	if (count || (now - newest > UNDER_WAY_MICROSECONDS))
		pulses->seen = 0;
	portEXIT_CRITICAL(&pulses->lock);
	pulses->before = value;
	/* Counted, and its interrupt is still to come. */
	if (count && !seen)
		first = newest = now;
	told[0] = count;
	told[1] = (double)(first - pulses->opened);
	told[2] = (double)(newest - pulses->opened);
	told[3] = (double)(now - pulses->opened);
	/* Nothing of XS is called between here and the copy: the buffer could move. */
	xsmcGetBufferWritable(xsArg(0), &bytes, &length);
	if (length < sizeof(told))
		xsRangeError("pulses: no room for four numbers");
	c_memcpy(bytes, told, sizeof(told));
}

/* After a loss of power it holds anything: a checksum tells. */
typedef struct {
	uint32_t tag;
	uint32_t low;
	uint32_t high;
	uint32_t checksum;
} Retained;

static RTC_NOINIT_ATTR Retained retained[PLACES];

static uint32_t computeChecksum(const Retained *from)
{
	return esp_rom_crc32_le(0, (const uint8_t *)from, offsetof(Retained, checksum));
}

static Retained *findPlace(xsMachine *the)
{
	int place = xsmcToInteger(xsArg(0));

	if ((place < 0) || (place >= PLACES))
		xsRangeError("pulses: no such place");
	return &retained[place];
}

/* place, tag; the number, or null */
void smarty_retained_read(xsMachine *the)
{
	const Retained *from = findPlace(the);
	uint32_t tag = (uint32_t)xsmcToNumber(xsArg(1));

	if ((from->tag == tag) && (from->checksum == computeChecksum(from)))
		xsmcSetNumber(xsResult, (double)from->high * 4294967296.0 + from->low);
	else
		xsmcSetNull(xsResult);
}

/* place, tag, number */
void smarty_retained_write(xsMachine *the)
{
	Retained *into = findPlace(the);
	double number = xsmcToNumber(xsArg(2));
	Retained fresh = {
		.tag = (uint32_t)xsmcToNumber(xsArg(1)),
		.low = (uint32_t)((uint64_t)number & 0xffffffff),
		.high = (uint32_t)((uint64_t)number >> 32),
	};

	/* What a restart finds half written, it does not believe. */
	into->checksum = ~computeChecksum(into);
	fresh.checksum = computeChecksum(&fresh);
	*into = fresh;
}
