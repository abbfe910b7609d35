/* What the image's table of C functions names, for a board without a radio. Nobody calls them. */
#include <stdint.h>

#include "esp_err.h"

int32_t smarty_watch_station(void);
uint32_t smarty_station_reason(void);
int32_t smarty_open_access_point(char *name, char *password, char *portal);
void smarty_close_access_point(void);

int32_t smarty_watch_station(void)
{
	return ESP_ERR_NOT_SUPPORTED;
}

uint32_t smarty_station_reason(void)
{
	return 0;
}

int32_t smarty_open_access_point(char *name, char *password, char *portal)
{
	(void)name;
	(void)password;
	(void)portal;
	return ESP_ERR_NOT_SUPPORTED;
}

void smarty_close_access_point(void)
{
}
