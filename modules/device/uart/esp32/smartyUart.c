/*
 * The UART of the meter's line and of the console, over ESP-IDF's driver.
 *
 * The driver's interrupt fills a ring and a queue of events; a task of ours, one for all UARTs, empties the queues, counts what
 * went wrong and posts at most one message for each UART to the XS machine at a time. The machine takes the bytes and the counts
 * when it comes to it. The task looks every few milliseconds and waits for no queue: a task for each would take 3 KB each.
 *
 * A line that stays away from its resting level is a break: no cable, no request, no meter. It is counted once, and the
 * receiver's interrupts rest until the line does. Nothing is thrown away then: what came before may not be read yet.
 *
 * The table "What may wait" in docs/device.md has each wait of this file and its bound.
 */
#include "xsmc.h" /* first: xsHost.h declares modMessagePostToMachine only after it */
#include "xsHost.h"
#include "mc.xs.h"
#include "builtinCommon.h"

#include "driver/gpio.h"
#include "driver/uart.h"
#include "esp_rom_sys.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/task.h"
#include "soc/soc_caps.h"
#include "soc/uart_reg.h"

#define EVENT_QUEUE_LENGTH 16
#define TASK_STACK_BYTES 2560
#define TASK_PRIORITY 10
/* How often the task looks at all UARTs. The interrupt empties the FIFO meanwhile. */
#define LOOK_MS 5
/* Bytes in the FIFO, and byte times of silence, after which the interrupt moves them to the ring. */
#define RECEIVE_THRESHOLD 64
#define RECEIVE_TIMEOUT 10
/* Longer than seven characters at 115200 baud: data would show the resting level at least once. */
#define LEVEL_SAMPLES 64
#define LEVEL_SAMPLE_MICROSECONDS 10
#define BREAK_LOOKS (50 / LOOK_MS) /* one of so many looks is at the level of a line in a break */
/* How long a stop waits for the task. */
#define STOP_WAIT_MS 1000
#define ERROR_INTERRUPTS (UART_BRK_DET_INT_ENA_M | UART_FRM_ERR_INT_ENA_M | UART_PARITY_ERR_INT_ENA_M)

enum { BREAKS, FRAMING_ERRORS, FIFO_OVERFLOWS, RING_OVERFLOWS, COUNTS };

typedef struct {
	xsSlot object;
	xsMachine *the;
	xsSlot *onReadable;
	QueueHandle_t events;
	uint32_t counts[COUNTS];
	uart_port_t port;
	int receivePin;
	int breakLevel;
	int uses; /* the object, the task, and the message under way */
	uint8_t posted;
	uint8_t closed;
	/* The task's own. */
	uint8_t suspect; /* the line may be in a break */
	uint8_t broken;  /* it is; counts the looks until its level is looked at */
} UartRecord, *Uart;

/* By port. The XS task puts in what it has opened, our task takes out what is closed. */
static Uart uarts[SOC_UART_HP_NUM];
/* From the first UART on, for good. */
static TaskHandle_t task;

void smarty_uart_destructor(void *data);

static void markUart(xsMachine *the, void *data, xsMarkRoot markRoot)
{
	Uart uart = data;
	if (uart->onReadable)
		(*markRoot)(the, uart->onReadable);
}

static const xsHostHooks uartHooks = {smarty_uart_destructor, markUart, NULL};

static void releaseUart(Uart uart)
{
	if (__atomic_sub_fetch(&uart->uses, 1, __ATOMIC_SEQ_CST))
		return;
	c_free(uart);
}

static void countCondition(Uart uart, int index)
{
	__atomic_add_fetch(&uart->counts[index], 1, __ATOMIC_SEQ_CST);
}

/* In the XS task. */
static void deliver(void *machine, void *reference, uint8_t *message, uint16_t length)
{
	xsMachine *the = machine;
	Uart uart = reference;
	(void)message;
	(void)length;

	/* Before the bytes are looked at: what comes after this posts again. */
	__atomic_store_n(&uart->posted, 0, __ATOMIC_SEQ_CST);
	if (!uart->closed) {
		xsBeginHost(the);
		xsCallFunction0(xsReference(uart->onReadable), uart->object);
		xsEndHost(the);
	}
	releaseUart(uart);
}

static void postUart(Uart uart)
{
	if (__atomic_exchange_n(&uart->posted, 1, __ATOMIC_SEQ_CST))
		return;
	__atomic_add_fetch(&uart->uses, 1, __ATOMIC_SEQ_CST);
	if (modMessagePostToMachine(uart->the, NULL, 0, deliver, uart)) {
		__atomic_store_n(&uart->posted, 0, __ATOMIC_SEQ_CST);
		releaseUart(uart);
	}
}

static int isBroken(Uart uart)
{
	for (int sample = 0; sample < LEVEL_SAMPLES; sample++) {
		if (gpio_get_level(uart->receivePin) != uart->breakLevel)
			return 0;
		esp_rom_delay_us(LEVEL_SAMPLE_MICROSECONDS);
	}
	return 1;
}

static void beginBreak(Uart uart)
{
	countCondition(uart, BREAKS);
	uart_disable_intr_mask(uart->port, ERROR_INTERRUPTS);
	uart_disable_rx_intr(uart->port);
	uart->broken = BREAK_LOOKS;
}

static void endBreak(Uart uart)
{
	uart_clear_intr_status(uart->port, ERROR_INTERRUPTS);
	uart_enable_intr_mask(uart->port, ERROR_INTERRUPTS);
	uart_enable_rx_intr(uart->port);
	uart->broken = 0;
}

/* Whether the event is one to tell the machine of. */
static int takeEvent(Uart uart, uart_event_type_t type)
{
	switch (type) {
		case UART_FIFO_OVF:
			countCondition(uart, FIFO_OVERFLOWS);
			return 1;
		case UART_BUFFER_FULL:
			countCondition(uart, RING_OVERFLOWS);
			return 1;
		case UART_FRAME_ERR:
		case UART_PARITY_ERR:
			countCondition(uart, FRAMING_ERRORS);
			uart->suspect = 1;
			return 1;
		case UART_BREAK:
			uart->suspect = 1;
			return 1;
		case UART_DATA:
			return 1;
		default:
			return 0;
	}
}

/* Whether there is something to tell the machine. A noisy line keeps nobody waiting: a look takes no more than a queue holds. */
static int lookAt(Uart uart)
{
	uart_event_t event;
	int news = 0;

	for (int count = 0; (count < EVENT_QUEUE_LENGTH) && (pdTRUE == xQueueReceive(uart->events, &event, 0)); count++) {
		if (!uart->broken)
			news |= takeEvent(uart, event.type);
	}
	if (uart->broken) {
		if (--uart->broken)
			return 0;
		if (isBroken(uart))
			uart->broken = BREAK_LOOKS;
		else
			endBreak(uart);
	} else if (uart->suspect) {
		uart->suspect = 0;
		if (isBroken(uart)) {
			beginBreak(uart);
			news = 1;
		}
	}
	return news;
}

static void runUarts(void *argument)
{
	(void)argument;
	for (;;) {
		for (int port = 0; port < SOC_UART_HP_NUM; port++) {
			Uart uart = __atomic_load_n(&uarts[port], __ATOMIC_SEQ_CST);
			if (!uart)
				continue;
			if (__atomic_load_n(&uart->closed, __ATOMIC_SEQ_CST)) {
				uart_driver_delete(port);
				__atomic_store_n(&uarts[port], NULL, __ATOMIC_SEQ_CST);
				releaseUart(uart);
			} else if (lookAt(uart))
				postUart(uart);
		}
		vTaskDelay(pdMS_TO_TICKS(LOOK_MS));
	}
}

static int getInteger(xsMachine *the, xsIdentifier name, int low, int high)
{
	xsmcGet(xsVar(0), xsArg(0), name);
	int value = xsmcToInteger(xsVar(0));
	if ((value < low) || (value > high))
		xsRangeError("uart: option out of range");
	return value;
}

void smarty_uart_constructor(xsMachine *the)
{
	xsmcVars(1);
	int port = getInteger(the, xsID_port, 0, SOC_UART_HP_NUM - 1);
	int receivePin = getInteger(the, xsID_receivePin, 0, GPIO_NUM_MAX - 1);
	int transmitPin = getInteger(the, xsID_transmitPin, -1, GPIO_NUM_MAX - 1);
	int baud = getInteger(the, xsID_baud, 300, 921600);
	int receiveRing = getInteger(the, xsID_receiveRing, UART_HW_FIFO_LEN(port) + 1, 32768);
	int transmitRing = getInteger(the, xsID_transmitRing, 0, 32768);
	if (transmitRing && (transmitRing <= UART_HW_FIFO_LEN(port)))
		xsRangeError("uart: transmitRing is smaller than the FIFO");
	if (!GPIO_IS_VALID_GPIO(receivePin))
		xsRangeError("uart: no such receivePin");
	if ((transmitPin >= 0) && !GPIO_IS_VALID_OUTPUT_GPIO(transmitPin))
		xsRangeError("uart: transmitPin cannot send");
	xsmcGet(xsVar(0), xsArg(0), xsID_invert);
	int invert = xsmcToBoolean(xsVar(0));
	xsSlot *onReadable = builtinGetCallback(the, xsID_onReadable);
	if (!onReadable)
		xsUnknownError("uart: onReadable required");
#ifdef mxDebug
	if (0 == port)
		xsUnknownError("uart: port 0 is the debugger's");
#endif
	if (uarts[port] || uart_is_driver_installed(port))
		xsUnknownError("uart: port in use");
	if (!task && (pdPASS != xTaskCreate(runUarts, "smartyUart", TASK_STACK_BYTES, NULL, TASK_PRIORITY, &task)))
		xsUnknownError("uart: no memory");

	Uart uart = c_calloc(1, sizeof(UartRecord));
	if (!uart)
		xsUnknownError("uart: no memory");
	if (ESP_OK != uart_driver_install(port, receiveRing, transmitRing, EVENT_QUEUE_LENGTH, &uart->events, 0)) {
		c_free(uart);
		xsUnknownError("uart: no memory");
	}

	uart_config_t configuration = {
		.baud_rate = baud,
		.data_bits = UART_DATA_8_BITS,
		.parity = UART_PARITY_DISABLE,
		.stop_bits = UART_STOP_BITS_1,
		.flow_ctrl = UART_HW_FLOWCTRL_DISABLE,
		.source_clk = UART_SCLK_DEFAULT,
	};
	esp_err_t fault = uart_param_config(port, &configuration);
	if (ESP_OK == fault)
		fault = uart_set_pin(port, (transmitPin < 0) ? UART_PIN_NO_CHANGE : transmitPin, receivePin, UART_PIN_NO_CHANGE, UART_PIN_NO_CHANGE);
	if (ESP_OK == fault)
		fault = uart_set_line_inverse(port, invert ? UART_SIGNAL_RXD_INV : UART_SIGNAL_INV_DISABLE);
	if (ESP_OK == fault)
		fault = uart_set_rx_full_threshold(port, RECEIVE_THRESHOLD);
	if (ESP_OK == fault)
		fault = uart_set_rx_timeout(port, RECEIVE_TIMEOUT);
	if ((ESP_OK == fault) && GPIO_IS_VALID_OUTPUT_GPIO(receivePin)) /* 34 to 39 have no pull-up */
		fault = gpio_set_pull_mode(receivePin, GPIO_PULLUP_ONLY); /* after uart_set_pin, which sets its own */
	uart_flush_input(port);

	if (ESP_OK != fault) {
		uart_driver_delete(port);
		c_free(uart);
		xsUnknownError("uart: the driver refused");
	}

	uart->the = the;
	uart->object = xsThis;
	uart->onReadable = onReadable;
	uart->port = port;
	uart->receivePin = receivePin;
	uart->breakLevel = invert ? 1 : 0;
	uart->suspect = 1;
	uart->uses = 2;
	/* From here on the task has it. */
	__atomic_store_n(&uarts[port], uart, __ATOMIC_SEQ_CST);

	xsmcSetHostData(xsThis, uart);
	xsSetHostHooks(xsThis, &uartHooks);
	xsRemember(uart->object);
}

/* The task gives the port back itself: when it waits for the machine to take a message, that may be after this. */
static void stopUart(Uart uart)
{
	uart_port_t port = uart->port;

	__atomic_store_n(&uart->closed, 1, __ATOMIC_SEQ_CST);
	for (int waited = 0; (waited < STOP_WAIT_MS) && __atomic_load_n(&uarts[port], __ATOMIC_SEQ_CST); waited += LOOK_MS)
		vTaskDelay(pdMS_TO_TICKS(LOOK_MS));
	releaseUart(uart);
}

/* Also called when the machine ends. */
void smarty_uart_destructor(void *data)
{
	if (data)
		stopUart(data);
}

void smarty_uart_close(xsMachine *the)
{
	if (!xsmcGetHostData(xsThis))
		return;
	Uart uart = xsmcGetHostDataValidate(xsThis, (void *)&uartHooks);
	xsForget(uart->object);
	xsmcSetHostData(xsThis, NULL);
	xsmcSetHostDestructor(xsThis, NULL);
	stopUart(uart);
}

void smarty_uart_read(xsMachine *the)
{
	Uart uart = xsmcGetHostDataValidate(xsThis, (void *)&uartHooks);
	void *bytes;
	xsUnsignedValue length;

	/* Nothing of XS is called between here and the copy: the buffer could move. */
	xsmcGetBufferWritable(xsArg(0), &bytes, &length);
	int count = uart_read_bytes(uart->port, bytes, length, 0);
	xsmcSetInteger(xsResult, (count < 0) ? 0 : count);
}

void smarty_uart_write(xsMachine *the)
{
	Uart uart = xsmcGetHostDataValidate(xsThis, (void *)&uartHooks);
	void *bytes;
	xsUnsignedValue length;
	size_t room = 0;

	xsmcGetBufferReadable(xsArg(0), &bytes, &length);
	uart_get_tx_buffer_free_size(uart->port, &room);
	/* uart_write_bytes would wait for room, and the ring keeps a header for each write. */
	int count = (room < length + 16) ? 0 : uart_write_bytes(uart->port, bytes, length);
	xsmcSetInteger(xsResult, (count < 0) ? 0 : count);
}

void smarty_uart_take(xsMachine *the)
{
	Uart uart = xsmcGetHostDataValidate(xsThis, (void *)&uartHooks);
	int index = xsmcToInteger(xsArg(0));

	if ((index < 0) || (index >= COUNTS))
		xsRangeError("uart: no such count");
	xsmcSetInteger(xsResult, (xsIntegerValue)__atomic_exchange_n(&uart->counts[index], 0, __ATOMIC_SEQ_CST));
}
