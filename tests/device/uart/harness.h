/*
 * What smartyUart.c needs of XS and ESP-IDF, in one thread: the driver's task is a coroutine that runs while the machine's side
 * waits. A wait of the machine's side without a bound ends the program.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

/* FreeRTOS: one tick is a millisecond. */
typedef int BaseType_t;
typedef uint32_t TickType_t;
typedef struct Queue *QueueHandle_t;
typedef int TaskHandle_t;
#define pdTRUE 1
#define pdPASS 1
#define portMAX_DELAY 0xffffffffu
#define pdMS_TO_TICKS(ms) (ms)
BaseType_t xQueueReceive(QueueHandle_t queue, void *item, TickType_t ticks);
BaseType_t xTaskCreate(void (*run)(void *), const char *name, uint32_t stack, void *argument, int priority, void *task);
void vTaskDelay(TickType_t ticks);

/* ESP-IDF. */
typedef int esp_err_t;
typedef int uart_port_t;
typedef enum { UART_DATA, UART_BREAK, UART_BUFFER_FULL, UART_FIFO_OVF, UART_FRAME_ERR, UART_PARITY_ERR, UART_EVENT_MAX } uart_event_type_t;
typedef struct { uart_event_type_t type; } uart_event_t;
typedef struct { int baud_rate, data_bits, parity, stop_bits, flow_ctrl, source_clk; } uart_config_t;
enum { UART_DATA_8_BITS, UART_PARITY_DISABLE, UART_STOP_BITS_1, UART_HW_FLOWCTRL_DISABLE, UART_SCLK_DEFAULT };
enum { UART_SIGNAL_INV_DISABLE, UART_SIGNAL_RXD_INV, GPIO_PULLUP_ONLY, GPIO_MODE_OUTPUT };
#define ESP_OK 0
#define SOC_UART_HP_NUM 3
#define GPIO_NUM_MAX 40
#define UART_PIN_NO_CHANGE (-1)
#define UART_HW_FIFO_LEN(port) 128
#define GPIO_IS_VALID_GPIO(pin) 1
#define GPIO_IS_VALID_OUTPUT_GPIO(pin) ((pin) < 34)
#define UART_BRK_DET_INT_ENA_M 1
#define UART_FRM_ERR_INT_ENA_M 2
#define UART_PARITY_ERR_INT_ENA_M 4
esp_err_t uart_driver_install(uart_port_t port, int receive, int transmit, int length, QueueHandle_t *queue, int flags);
esp_err_t uart_driver_delete(uart_port_t port);
int uart_is_driver_installed(uart_port_t port);
esp_err_t uart_flush_input(uart_port_t port);
int uart_read_bytes(uart_port_t port, void *bytes, uint32_t length, TickType_t ticks);
int uart_write_bytes(uart_port_t port, const void *bytes, size_t length);
esp_err_t uart_get_tx_buffer_free_size(uart_port_t port, size_t *size);
esp_err_t uart_enable_rx_intr(uart_port_t port);
esp_err_t uart_disable_rx_intr(uart_port_t port);
static inline esp_err_t uart_enable_intr_mask(uart_port_t port, uint32_t mask) { return ESP_OK; }
static inline esp_err_t uart_disable_intr_mask(uart_port_t port, uint32_t mask) { return ESP_OK; }
static inline esp_err_t uart_clear_intr_status(uart_port_t port, uint32_t mask) { return ESP_OK; }
static inline esp_err_t uart_param_config(uart_port_t port, const uart_config_t *configuration) { return ESP_OK; }
esp_err_t uart_set_pin(uart_port_t port, int tx, int rx, int rts, int cts);
esp_err_t uart_set_line_inverse(uart_port_t port, uint32_t mask);
static inline esp_err_t uart_set_rx_full_threshold(uart_port_t port, int threshold) { return ESP_OK; }
static inline esp_err_t uart_set_rx_timeout(uart_port_t port, uint8_t threshold) { return ESP_OK; }
esp_err_t gpio_set_pull_mode(int pin, int mode);
static inline esp_err_t gpio_set_direction(int pin, int mode) { return ESP_OK; }
esp_err_t gpio_set_level(int pin, uint32_t level);
int gpio_get_level(int pin);
static inline void esp_rom_delay_us(uint32_t microseconds) {}

/* XS: one object, whose options and arguments the harness has. */
typedef struct xsMachineRecord { int unused; } xsMachine;
typedef struct xsSlotRecord { int value; void *data; uint32_t length; } xsSlot;
typedef int xsIdentifier;
typedef int32_t xsIntegerValue;
typedef uint32_t xsUnsignedValue;
typedef void (*xsMarkRoot)(xsMachine *, xsSlot *);
typedef struct { void (*destructor)(void *); void (*mark)(xsMachine *, void *, xsMarkRoot); void *sweep; } xsHostHooks;
typedef void (*modMessageDeliver)(void *, void *, uint8_t *, uint16_t);
int modMessagePostToMachine(xsMachine *the, uint8_t *message, uint16_t length, modMessageDeliver deliver, void *reference);
enum { xsID_port, xsID_receivePin, xsID_transmitPin, xsID_baud, xsID_receiveRing, xsID_transmitRing, xsID_invert, xsID_onReadable };
extern xsSlot slots[3], result, object;
extern const int *options;
extern void *hostData;
void callReadable(void);
void fail(const char *text);
#define xsVar(at) slots[at]
#define xsArg(at) slots[1 + (at)]
#define xsResult result
#define xsThis object
#define xsReference(slot) (*(slot))
#define xsBeginHost(the)
#define xsEndHost(the)
#define xsCallFunction0(function, target) callReadable()
#define xsRangeError(text) fail(text)
#define xsUnknownError(text) fail(text)
#define xsRemember(slot)
#define xsForget(slot)
#define xsmcVars(count)
#define xsmcGet(into, from, name) ((into).value = options[name])
#define xsmcToInteger(slot) (slot).value
#define xsmcToBoolean(slot) (slot).value
#define xsmcSetInteger(slot, number) ((slot).value = (number))
#define xsmcSetHostData(slot, data) (hostData = (data))
#define xsSetHostHooks(slot, hooks)
#define xsmcSetHostDestructor(slot, destructor)
#define xsmcGetHostData(slot) hostData
#define xsmcGetHostDataValidate(slot, hooks) hostData
#define xsmcGetBufferWritable(slot, bytes, count) (*(bytes) = (slot).data, *(count) = (slot).length)
#define xsmcGetBufferReadable(slot, bytes, count) xsmcGetBufferWritable(slot, bytes, count)
static inline xsSlot *builtinGetCallback(xsMachine *the, int name) { return &slots[0]; }
#define c_calloc calloc
#define c_free free
