/* What the heap of ESP-IDF and the stack of XS's task have left, and the chip's address, for the manifest's `ffi`. */
#include <stdint.h>

#include "esp_heap_caps.h"
#include "esp_mac.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

static uint32_t failures;

/* Called by ESP-IDF in the task that asked, for each allocation that it cannot serve: by us, by the SDK, by WiFi or by lwIP. */
static void countFailure(size_t size, uint32_t capabilities, const char *function)
{
	(void)size;
	(void)capabilities;
	(void)function;
	__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
}

/* Counts failed allocations from now on. */
void smarty_watch_memory(void)
{
	heap_caps_register_failed_alloc_callback(countFailure);
}

uint32_t smarty_failed_allocations(void)
{
	return __atomic_load_n(&failures, __ATOMIC_RELAXED);
}

/* Bytes of the largest block that could be allocated now. */
uint32_t smarty_largest_block(void)
{
	return (uint32_t)heap_caps_get_largest_free_block(MALLOC_CAP_8BIT);
}

/* The fewest bytes of its stack that the calling task, which is XS's, ever had left. */
uint32_t smarty_stack_left(void)
{
	return (uint32_t)uxTaskGetStackHighWaterMark(NULL);
}

/* Half of the chip's MAC address, the station's: its first three bytes, or with 1 the last three. */
uint32_t smarty_mac(uint32_t half)
{
	uint8_t mac[6] = { 0 };
	const uint8_t *bytes = mac + 3 * (half & 1);
	esp_read_mac(mac, ESP_MAC_WIFI_STA);
	return ((uint32_t)bytes[0] << 16) | ((uint32_t)bytes[1] << 8) | bytes[2];
}
