/*
 * Address and servers of names of the only interface that there is. It asks nothing of WiFi, so that nothing of that is linked; the
 * SDK's modNet.c does.
 */
#include "xsmc.h"
#include "xsHost.h"
#include "mc.xs.h"

#include <stdio.h>

#include "esp_netif.h"

/* As ESP-IDF's default for Ethernet has it. */
#define INTERFACE "ETH_DEF"

static void tell(xsMachine *the, uint32_t address)
{
	const uint8_t *byte = (const uint8_t *)&address;
	char text[16];

	if (!address)
		return;
	snprintf(text, sizeof(text), "%u.%u.%u.%u", byte[0], byte[1], byte[2], byte[3]);
	xsmcSetString(xsResult, text);
}

void smarty_net_get_address(xsMachine *the)
{
	esp_netif_t *netif = esp_netif_get_handle_from_ifkey(INTERFACE);
	esp_netif_ip_info_t found = {0};

	if (netif && (ESP_OK == esp_netif_get_ip_info(netif, &found)))
		tell(the, found.ip.addr);
}

void smarty_net_get_server(xsMachine *the)
{
	esp_netif_t *netif = esp_netif_get_handle_from_ifkey(INTERFACE);
	esp_netif_dns_info_t found = {0};
	esp_netif_dns_type_t type = xsmcToInteger(xsArg(0)) ? ESP_NETIF_DNS_BACKUP : ESP_NETIF_DNS_MAIN;

	if (netif && (ESP_OK == esp_netif_get_dns_info(netif, type, &found)) && (ESP_IPADDR_TYPE_V4 == found.ip.type))
		tell(the, found.ip.u_addr.ip4.addr);
}
