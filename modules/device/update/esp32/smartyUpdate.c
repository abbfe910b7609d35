/* Whether the boot loader tries this program for the first time, for the manifest's `ffi`. */
#include <stdint.h>

#include "app_update/include/esp_ota_ops.h"

uint32_t smarty_is_on_trial(void)
{
	esp_ota_img_states_t state;
	return esp_ota_get_state_partition(esp_ota_get_running_partition(), &state) == ESP_OK &&
		state == ESP_OTA_IMG_PENDING_VERIFY;
}
