/* Runs the driver's C through one course, named by the argument, and prints what came of it, a fact a line. */
#include "harness.h"

#include "smartyUart.c"

struct Queue { uart_event_t items[EVENT_QUEUE_LENGTH]; int count; };

/* Port, receivePin, transmitPin, baud, receiveRing, transmitRing, invert. */
static const int usual[] = {2, 16, -1, 115200, 4096, 0, 1, 0};
static const int second[] = {1, 4, -1, 115200, 4096, 0, 1, 0};
static const int console[] = {0, 3, 1, 115200, 1024, 4096, 0, 0};
static const int third[] = {0, 19, 1, 115200, 4096, 4096, 1, 0};
/* An input only, which has no pull-up. */
static const int thirdAtInput[] = {0, 35, 1, 115200, 4096, 4096, 1, 0};
static const int thirdWithoutPin[] = {0, 19, 34, 115200, 4096, 4096, 1, 0};
const int *options = usual;
xsSlot slots[3], result, object;
void *hostData;
static xsMachine machine;

/* A port of the chip. Its line is away from rest until `broken`. */
static struct { struct Queue *queue; int installed, receiving, hears, ringCount; uint32_t broken; char ring[4096]; } ports[SOC_UART_HP_NUM];
static int calls, tasks, inTask, refuses;
static uint32_t now;
/* The machine's queue has no room: who posts waits. */
static int stuck;
static struct { modMessageDeliver deliver; void *reference; } posted[8];
static int postedCount;
static ucontext_t outside, inside;
static char stack[65536];
static void (*taskRun)(void *);
static void *taskArgument;

void fail(const char *text)
{
	printf("failed: %s\n", text);
	if (refuses)
		printf("installed: %d\n", ports[2].installed);
	exit(1);
}

static void yield(void)
{
	swapcontext(&inside, &outside);
}

static void startTask(void)
{
	taskRun(taskArgument);
}

/* Lets the task run, and a millisecond pass. */
static void tick(void)
{
	now += 1;
	if (!tasks)
		return;
	inTask = 1;
	swapcontext(&outside, &inside);
	inTask = 0;
}

/* Waits until `isReady`, in the task or outside of it; false after `ticks`. */
static int await(int (*isReady)(void *), void *about, TickType_t ticks)
{
	uint32_t start = now;
	if (!inTask && ticks == portMAX_DELAY)
		fail("the machine waits without a bound");
	for (;;) {
		if (isReady(about))
			return 1;
		if (ticks != portMAX_DELAY && now - start >= ticks)
			return 0;
		if (inTask)
			yield();
		else
			tick();
	}
}

static int hasItem(void *about) { return ((QueueHandle_t)about)->count > 0; }
static int never(void *about) { return 0; }
static int isFree(void *about) { return !stuck; }

BaseType_t xQueueReceive(QueueHandle_t from, void *item, TickType_t ticks)
{
	if (!await(hasItem, from, ticks))
		return 0;
	*(uart_event_t *)item = from->items[0];
	from->count -= 1;
	memmove(from->items, from->items + 1, from->count * sizeof(uart_event_t));
	return 1;
}

void vTaskDelay(TickType_t ticks) { await(never, NULL, ticks); }

BaseType_t xTaskCreate(void (*run)(void *), const char *name, uint32_t size, void *argument, int priority, void *task)
{
	tasks += 1;
	if (tasks > 1)
		fail("a second task");
	*(int *)task = 1;
	taskRun = run;
	taskArgument = argument;
	getcontext(&inside);
	inside.uc_stack.ss_sp = stack;
	inside.uc_stack.ss_size = sizeof(stack);
	inside.uc_link = &outside;
	makecontext(&inside, startTask, 0);
	return pdPASS;
}

esp_err_t uart_driver_install(uart_port_t port, int receive, int transmit, int length, QueueHandle_t *events, int flags)
{
	*events = ports[port].queue = calloc(1, sizeof(struct Queue));
	ports[port].installed = ports[port].receiving = 1;
	ports[port].ringCount = 0;
	return ESP_OK;
}

esp_err_t uart_driver_delete(uart_port_t port)
{
	free(ports[port].queue);
	ports[port].installed = 0;
	return ESP_OK;
}

/* Which pins the port has, and -2 where none were set: what was there stays over the driver's end, as in the chip's matrix. */
static int sending = -2, inverted, pulled = -1;

esp_err_t uart_set_pin(uart_port_t port, int tx, int rx, int rts, int cts)
{
	if (tx != UART_PIN_NO_CHANGE)
		sending = tx;
	ports[port].hears = rx;
	return refuses ? -1 : ESP_OK;
}

esp_err_t uart_set_line_inverse(uart_port_t port, uint32_t mask)
{
	inverted = mask == UART_SIGNAL_RXD_INV;
	return ESP_OK;
}

esp_err_t gpio_set_pull_mode(int pin, int mode)
{
	pulled = pin;
	return ESP_OK;
}

int uart_is_driver_installed(uart_port_t port) { return ports[port].installed; }
esp_err_t uart_enable_rx_intr(uart_port_t port) { ports[port].receiving = 1; return ESP_OK; }
esp_err_t uart_disable_rx_intr(uart_port_t port) { ports[port].receiving = 0; return ESP_OK; }
esp_err_t uart_flush_input(uart_port_t port) { ports[port].ringCount = 0; return ESP_OK; }
esp_err_t uart_get_tx_buffer_free_size(uart_port_t port, size_t *size) { *size = 4096; return ESP_OK; }

int uart_write_bytes(uart_port_t port, const void *bytes, size_t length)
{
	printf("GPIO %d says: %.*s\n", sending, (int)length, (const char *)bytes);
	return length;
}


int uart_read_bytes(uart_port_t port, void *bytes, uint32_t length, TickType_t ticks)
{
	char *ring = ports[port].ring;
	int count = ports[port].ringCount < (int)length ? ports[port].ringCount : (int)length;
	if (ticks != 0)
		fail("a read waits");
	memcpy(bytes, ring, count);
	ports[port].ringCount -= count;
	memmove(ring, ring + count, ports[port].ringCount);
	return count;
}

/* Inverted: high is away from rest. */
int gpio_get_level(int pin)
{
	for (int port = 0; port < SOC_UART_HP_NUM; port += 1) {
		if (ports[port].installed && ports[port].hears == pin)
			return now < ports[port].broken;
	}
	return 0;
}

int modMessagePostToMachine(xsMachine *the, uint8_t *message, uint16_t length, modMessageDeliver deliver, void *reference)
{
	await(isFree, NULL, portMAX_DELAY);
	posted[postedCount].deliver = deliver;
	posted[postedCount++].reference = reference;
	return 0;
}

/* The machine takes its messages. */
static void takeMessages(void)
{
	for (int at = 0; at < postedCount; at += 1)
		posted[at].deliver(&machine, posted[at].reference, NULL, 0);
	postedCount = 0;
}

void callReadable(void) { calls += 1; }

static void pass(uint32_t ticks)
{
	for (uint32_t at = 0; at < ticks; at += 1)
		tick();
}

/* The interrupt: bytes in the ring, an event in the queue. */
static void happenAt(uart_port_t port, uart_event_type_t type, const char *bytes)
{
	struct Queue *queue = ports[port].queue;
	if (ports[port].receiving) {
		memcpy(ports[port].ring + ports[port].ringCount, bytes, strlen(bytes));
		ports[port].ringCount += strlen(bytes);
	}
	if (queue->count < EVENT_QUEUE_LENGTH)
		queue->items[queue->count++].type = type;
}

/* At the port that was opened last. */
static void happen(uart_event_type_t type, const char *bytes) { happenAt(options[0], type, bytes); }

static void printRead(void)
{
	char bytes[100] = {0};
	slots[1].data = bytes;
	slots[1].length = 99;
	smarty_uart_read(&machine);
	printf("read: %s\n", bytes);
}

static void printCount(const char *name, int index)
{
	slots[1].value = index;
	smarty_uart_take(&machine);
	printf("%s: %d\n", name, result.value);
}

static void closeAndTell(void)
{
	uint32_t start = now;
	smarty_uart_close(&machine);
	printf("waited: %u ms\ninstalled: %d\n", now - start, ports[options[0]].installed);
}

/* Another driver, where the one before is closed. */
static void open(const int *with)
{
	options = with;
	hostData = NULL;
	smarty_uart_constructor(&machine);
	pass(20);
}

static void printPins(const char *name)
{
	printf("%s: hears GPIO %d%s, pull-up at %d, speaks at %d\n", name, ports[options[0]].hears, inverted ? " inverted" : "", pulled, sending);
}

static int say(const char *text)
{
	slots[1].data = (void *)text;
	slots[1].length = strlen(text);
	smarty_uart_write(&machine);
	return result.value;
}

/* As `uart.ts` does it: the console's driver is closed, and its port opened with another pin to receive from. */
static void takeConsole(const int *with)
{
	open(console);
	printPins("console");
	smarty_uart_close(&machine);
	open(with);
	printPins("third line");
	happen(UART_DATA, "a meter's frame");
	pass(10);
	takeMessages();
	printRead();
	if (say("the log goes on") != 15)
		fail("nothing was said");
	smarty_uart_close(&machine);
	open(console);
	printPins("console again");
	smarty_uart_close(&machine);
	printf("installed: %d\n", ports[0].installed);
}

int main(int count, char **words)
{
	const char *course = words[1];
	if (!strcmp(course, "third line") || !strcmp(course, "third line at an input")) {
		takeConsole(strcmp(course, "third line") ? thirdAtInput : third);
		return 0;
	}
	if (!strcmp(course, "third line beside the console")) {
		open(console);
		open(third);
	} else if (!strcmp(course, "third line without a pin to speak"))
		open(thirdWithoutPin);
	refuses = !strcmp(course, "refused");
	open(usual);
	if (!strcmp(course, "break")) {
		happen(UART_DATA, "a whole frame");
		ports[2].broken = now + 10000;
		happen(UART_BREAK, "");
		pass(9000);
		printf("receiving in the break: %d\n", ports[2].receiving);
		pass(1200);
		happen(UART_DATA, ", and the next");
		pass(100);
		printf("receiving after it: %d\n", ports[2].receiving);
		takeMessages();
		printf("calls: %d\n", calls);
		printRead();
		printCount("breaks", 0);
	} else if (!strcmp(course, "close")) {
		closeAndTell();
	} else if (!strcmp(course, "close in a break")) {
		ports[2].broken = now + 1000000;
		happen(UART_BREAK, "");
		pass(1000);
		closeAndTell();
	} else if (!strcmp(course, "close with a full queue")) {
		for (int at = 0; at < EVENT_QUEUE_LENGTH; at += 1)
			happen(UART_DATA, "x");
		closeAndTell();
	} else if (!strcmp(course, "close while the task is stuck")) {
		stuck = 1;
		happen(UART_DATA, "x");
		pass(10);
		closeAndTell();
		stuck = 0;
		pass(2000);
		takeMessages();
		printf("later installed: %d\ncalls: %d\n", ports[2].installed, calls);
		open(usual);
		printf("opened again: %d\n", ports[2].installed);
	} else if (!strcmp(course, "two lines")) {
		void *first = hostData;
		open(second);
		ports[2].broken = now + 10000;
		happenAt(2, UART_BREAK, "");
		for (int at = 0; at < 100; at += 1) {
			happenAt(2, UART_FRAME_ERR, "");
			happenAt(1, UART_DATA, "0123456789");
			pass(10);
			takeMessages();
		}
		printf("calls: %d\nreceiving: %d and %d\n", calls, ports[2].receiving, ports[1].receiving);
		void *other = hostData;
		hostData = first;
		printCount("breaks of the one", 0);
		printCount("framing errors of the one", 1);
		smarty_uart_close(&machine);
		hostData = other;
		printCount("breaks of the other", 0);
		printRead();
		printf("installed: %d and %d\n", ports[2].installed, ports[1].installed);
	} else if (!strcmp(course, "noise")) {
		for (int at = 0; at < 1000; at += 1) {
			happen(UART_FRAME_ERR, "?");
			tick();
			takeMessages();
		}
		pass(10);
		takeMessages();
		printf("calls: %d\n", calls);
		printCount("breaks", 0);
		printCount("framing errors", 1);
	} else
		fail("no such course");
	return 0;
}
