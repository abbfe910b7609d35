/* smartyAccessPoint.c over an ESP-IDF of its own that writes down what it is told. Its arguments are a course: see the end. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int esp_err_t;
typedef struct esp_netif esp_netif_t;
typedef const char *esp_event_base_t;
typedef void (*esp_event_handler_t)(void *, esp_event_base_t, int32_t, void *);

enum { ESP_OK = 0, ESP_ERR_NO_MEM = 0x101, ESP_ERR_INVALID_ARG = 0x102 };
enum { WIFI_MODE_STA = 1, WIFI_MODE_APSTA = 3 };
enum { WIFI_IF_AP = 1 };
enum { WIFI_AUTH_OPEN = 0, WIFI_AUTH_WPA2_WPA3_PSK = 7 };
enum { WPA3_SAE_PWE_BOTH = 3 };
enum { WIFI_EVENT_STA_DISCONNECTED = 5 };
enum { ESP_NETIF_OP_SET = 1, ESP_NETIF_CAPTIVEPORTAL_URI = 114 };
#define WIFI_EVENT "WIFI_EVENT"

/* The members that are used, as ESP-IDF 6.0 has them. */
typedef struct {
	uint8_t ssid[32];
	uint8_t password[64];
	uint8_t ssid_len;
	uint8_t channel;
	int authmode;
	uint8_t ssid_hidden;
	uint8_t max_connection;
	uint16_t beacon_interval;
	struct {
		bool capable;
		bool required;
	} pmf_cfg;
	int sae_pwe_h2e;
} wifi_ap_config_t;

typedef union {
	wifi_ap_config_t ap;
} wifi_config_t;

typedef struct {
	uint8_t ssid[32];
	uint8_t reason;
} wifi_event_sta_disconnected_t;

static const char *failing = "";
static esp_event_handler_t handler;
static int handlers;
static char offered[128];

static esp_err_t tell(const char *name)
{
	printf("%s\n", name);
	return strcmp(name, failing) == 0 ? 0x3001 : ESP_OK;
}

static esp_err_t esp_event_handler_register(esp_event_base_t base, int32_t event, esp_event_handler_t called, void *argument)
{
	(void)argument;
	if (strcmp(base, WIFI_EVENT) == 0 && event == WIFI_EVENT_STA_DISCONNECTED) handler = called;
	handlers += 1;
	return ESP_OK;
}

static esp_netif_t *esp_netif_create_default_wifi_ap(void)
{
	return tell("create") == ESP_OK ? (esp_netif_t *)offered : NULL;
}

static esp_err_t esp_wifi_stop(void)
{
	return tell("stop");
}

static esp_err_t esp_wifi_start(void)
{
	return tell("start");
}

static esp_err_t esp_wifi_set_mode(int mode)
{
	return tell(mode == WIFI_MODE_APSTA ? "mode both" : mode == WIFI_MODE_STA ? "mode station" : "mode of another kind");
}

static esp_err_t esp_wifi_set_config(int interface, const wifi_config_t *config)
{
	const wifi_ap_config_t *ap = &config->ap;
	if (interface != WIFI_IF_AP) return tell("another interface");
	printf("%.*s, %s, %s, PMF %d, %d client, channel %d, hidden %d\n", ap->ssid_len, (const char *)ap->ssid,
		(const char *)ap->password, ap->authmode == WIFI_AUTH_WPA2_WPA3_PSK ? "WPA2 and WPA3" : "another mode", ap->pmf_cfg.capable,
		ap->max_connection, ap->channel, ap->ssid_hidden);
	return tell("config");
}

static esp_err_t esp_netif_dhcps_stop(esp_netif_t *network)
{
	(void)network;
	return ESP_OK;
}

static esp_err_t esp_netif_dhcps_start(esp_netif_t *network)
{
	(void)network;
	return tell("addresses");
}

static const char *kept;

static esp_err_t esp_netif_dhcps_option(esp_netif_t *network, int operation, int option, void *value, uint32_t length)
{
	(void)network;
	if (operation == ESP_NETIF_OP_SET) printf("option %d, %u bytes\n", option, length);
	kept = value;
	return ESP_OK;
}

#include "smartyAccessPoint.c"

static void lose(uint8_t reason)
{
	wifi_event_sta_disconnected_t event = { .reason = reason };
	handler(NULL, WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, &event);
}

/* `open NAME PASSWORD PORTAL [FAILING]`, or `reasons`. */
int main(int count, char **words)
{
	if (count > 4 && strcmp(words[1], "open") == 0) {
		failing = count > 5 ? words[5] : "";
		/* The strings of XS move. */
		char *portal = strdup(words[4]);
		int32_t error = smarty_open_access_point(words[2], words[3], portal);
		memset(portal, '?', strlen(portal));
		if (kept != NULL) printf("kept: %s\n", kept);
		free(portal);
		printf("error %d\n", error);
		if (error == 0) smarty_close_access_point();
		return 0;
	}
	printf("watch: %d\n", smarty_watch_station());
	printf("nothing: %u\n", smarty_station_reason());
	lose(15);
	printf("lost: %u\n", smarty_station_reason());
	smarty_watch_station();
	printf("again: %u, %d handler\n", smarty_station_reason(), handlers);
	lose(201);
	lose(202);
	printf("the last: %u\n", smarty_station_reason());
	return 0;
}
