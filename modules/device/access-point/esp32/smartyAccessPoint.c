/*
 * The reader's own access point beside the SDK's station, which must have been started, and why the station lost its network: the SDK
 * tells neither. For the manifest's `ffi`. All of it is called by the task of XS, but for the handler of events.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "esp_event.h"
#include "esp_netif.h"
#include "esp_wifi.h"

enum {
	firstChannel = 1,
	beaconInterval = 100, /* units of 1.024 ms */
	clients = 1,
	shortestPassword = 8,
};

static esp_netif_t *accessPoint;
/* The DHCP server keeps a pointer to it. */
static char portalAddress[64];
static uint32_t disconnectReason;
static bool isWatching;

static void noteDisconnection(void *argument, esp_event_base_t base, int32_t event, void *data)
{
	(void)argument;
	(void)base;
	(void)event;
	const wifi_event_sta_disconnected_t *disconnection = data;
	__atomic_store_n(&disconnectReason, disconnection->reason, __ATOMIC_RELAXED);
}

/* Notes from now on why the station lost a network or did not join it, and forgets what was noted before. */
int32_t smarty_watch_station(void)
{
	__atomic_store_n(&disconnectReason, 0, __ATOMIC_RELAXED);
	if (isWatching) return ESP_OK;
	esp_err_t error = esp_event_handler_register(WIFI_EVENT, WIFI_EVENT_STA_DISCONNECTED, noteDisconnection, NULL);
	isWatching = error == ESP_OK;
	return error;
}

/* `wifi_err_reason_t` of the last disconnection, or 0. */
uint32_t smarty_station_reason(void)
{
	return __atomic_load_n(&disconnectReason, __ATOMIC_RELAXED);
}

/* Tells clients by DHCP where the portal is (RFC 8910). Without it they find it as well. */
static void offerPortal(const char *portal)
{
	size_t length = strlen(portal);
	if (length >= sizeof portalAddress) return;
	memcpy(portalAddress, portal, length + 1);
	esp_netif_dhcps_stop(accessPoint);
	esp_netif_dhcps_option(accessPoint, ESP_NETIF_OP_SET, ESP_NETIF_CAPTIVEPORTAL_URI, portalAddress, (uint32_t)length);
	esp_netif_dhcps_start(accessPoint);
}

static bool describe(wifi_ap_config_t *config, const char *name, const char *password)
{
	size_t nameLength = strlen(name);
	size_t passwordLength = strlen(password);
	/* Never open: what is typed on it are secrets. */
	if (nameLength == 0 || nameLength > sizeof config->ssid) return false;
	if (passwordLength < shortestPassword || passwordLength >= sizeof config->password) return false;
	memcpy(config->ssid, name, nameLength);
	config->ssid_len = (uint8_t)nameLength;
	memcpy(config->password, password, passwordLength);
	config->channel = firstChannel;
	config->authmode = WIFI_AUTH_WPA2_WPA3_PSK;
	config->sae_pwe_h2e = WPA3_SAE_PWE_BOTH;
	config->pmf_cfg.capable = true;
	config->max_connection = clients;
	config->beacon_interval = beaconInterval;
	return true;
}

/* 0 where it is open, else `esp_err_t`; then the station goes on alone. Either way it has lost its connections. */
int32_t smarty_open_access_point(char *name, char *password, char *portal)
{
	wifi_config_t config;
	memset(&config, 0, sizeof config);
	if (!describe(&config.ap, name, password)) return ESP_ERR_INVALID_ARG;
	if (accessPoint == NULL) accessPoint = esp_netif_create_default_wifi_ap();
	if (accessPoint == NULL) return ESP_ERR_NO_MEM;
	/* Configured before the radio is on again: not for a moment is there an access point with the driver's own name and no password. */
	esp_err_t error = esp_wifi_stop();
	if (error == ESP_OK) error = esp_wifi_set_mode(WIFI_MODE_APSTA);
	if (error == ESP_OK) error = esp_wifi_set_config(WIFI_IF_AP, &config);
	if (error == ESP_OK) error = esp_wifi_start();
	if (error == ESP_OK) {
		offerPortal(portal);
		return ESP_OK;
	}
	esp_wifi_set_mode(WIFI_MODE_STA);
	esp_wifi_start();
	return error;
}

void smarty_close_access_point(void)
{
	esp_wifi_set_mode(WIFI_MODE_STA);
}
