/*
 * What smartyPulses.c needs of XS and ESP-IDF, in one thread: a clock that the harness moves, a pulse counter of 16 bits with the
 * filter's delay, and an interrupt that waits while the flash is written.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int esp_err_t;
#define ESP_OK 0
#define ESP_FAIL (-1)
#define ESP_ERR_INVALID_STATE 0x103
#define ESP_ERR_NOT_FOUND 0x105

/* FreeRTOS: nothing runs beside. */
typedef struct { int held; } portMUX_TYPE;
#define portMUX_INITIALIZE(lock) ((lock)->held = 0)
#define portENTER_CRITICAL(lock) enter(lock)
#define portEXIT_CRITICAL(lock) leave(lock)
#define portENTER_CRITICAL_ISR(lock) enter(lock)
#define portEXIT_CRITICAL_ISR(lock) leave(lock)
void fail(const char *text);
static inline void enter(portMUX_TYPE *lock) { if (lock->held++) fail("entered twice"); }
static inline void leave(portMUX_TYPE *lock) { if (--lock->held) fail("left twice"); }

/* GPIO. */
#define GPIO_NUM_MAX 40
#define GPIO_IS_VALID_GPIO(pin) ((pin) != 24)
#define GPIO_IS_VALID_OUTPUT_GPIO(pin) ((pin) < 34)
enum { GPIO_MODE_INPUT, GPIO_PULLUP_ONLY, GPIO_PULLDOWN_ONLY, GPIO_INTR_DISABLE, GPIO_INTR_POSEDGE, GPIO_INTR_NEGEDGE };
esp_err_t gpio_set_direction(int pin, int mode);
esp_err_t gpio_set_pull_mode(int pin, int mode);
esp_err_t gpio_set_intr_type(int pin, int type);
esp_err_t gpio_install_isr_service(int flags);
esp_err_t gpio_isr_handler_add(int pin, void (*handler)(void *), void *argument);
esp_err_t gpio_isr_handler_remove(int pin);

/* The pulse counter. */
typedef struct Unit *pcnt_unit_handle_t;
typedef struct Unit *pcnt_channel_handle_t;
typedef struct { int clk_src, low_limit, high_limit, intr_priority; struct { uint32_t accum_count : 1; } flags; } pcnt_unit_config_t;
typedef struct { uint32_t max_glitch_ns; } pcnt_glitch_filter_config_t;
typedef struct { int edge_gpio_num, level_gpio_num; } pcnt_chan_config_t;
enum { PCNT_CHANNEL_EDGE_ACTION_HOLD, PCNT_CHANNEL_EDGE_ACTION_INCREASE };
esp_err_t pcnt_new_unit(const pcnt_unit_config_t *limits, pcnt_unit_handle_t *unit);
esp_err_t pcnt_del_unit(pcnt_unit_handle_t unit);
esp_err_t pcnt_unit_set_glitch_filter(pcnt_unit_handle_t unit, const pcnt_glitch_filter_config_t *filter);
esp_err_t pcnt_new_channel(pcnt_unit_handle_t unit, const pcnt_chan_config_t *pins, pcnt_channel_handle_t *channel);
esp_err_t pcnt_del_channel(pcnt_channel_handle_t channel);
esp_err_t pcnt_channel_set_edge_action(pcnt_channel_handle_t channel, int positive, int negative);
esp_err_t pcnt_unit_enable(pcnt_unit_handle_t unit);
esp_err_t pcnt_unit_disable(pcnt_unit_handle_t unit);
esp_err_t pcnt_unit_clear_count(pcnt_unit_handle_t unit);
esp_err_t pcnt_unit_start(pcnt_unit_handle_t unit);
esp_err_t pcnt_unit_stop(pcnt_unit_handle_t unit);
esp_err_t pcnt_unit_get_count(pcnt_unit_handle_t unit, int *value);

int64_t esp_timer_get_time(void);
uint32_t esp_rom_crc32_le(uint32_t crc, const uint8_t *bytes, uint32_t length);
#define RTC_NOINIT_ATTR

/* XS: one object, whose arguments the harness has. */
typedef struct xsMachineRecord { int unused; } xsMachine;
typedef struct { double number; void *data; uint32_t length; int isNull; } xsSlot;
typedef uint32_t xsUnsignedValue;
typedef struct { void (*destructor)(void *); void *mark; void *sweep; } xsHostHooks;
extern xsSlot arguments[3], result;
extern void *hostData;
#define xsArg(at) arguments[at]
#define xsResult result
#define xsThis result
#define xsRangeError(text) fail(text)
#define xsUnknownError(text) fail(text)
#define xsmcToInteger(slot) ((int)(slot).number)
#define xsmcToNumber(slot) (slot).number
#define xsmcToBoolean(slot) ((slot).number != 0)
#define xsmcSetNumber(slot, value) ((slot).isNull = 0, (slot).number = (value))
#define xsmcSetNull(slot) ((slot).isNull = 1)
#define xsmcSetHostData(slot, value) (hostData = (value))
#define xsSetHostHooks(slot, hooks)
#define xsmcSetHostDestructor(slot, destructor)
#define xsmcGetHostData(slot) hostData
#define xsmcGetHostDataValidate(slot, hooks) hostData
#define xsmcGetBufferWritable(slot, bytes, count) (*(bytes) = (slot).data, *(count) = (slot).length)
#define c_calloc calloc
#define c_free free
#define c_memcpy memcpy
