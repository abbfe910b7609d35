/* Runs the C of Ethernet through one course, named by the argument, and prints what came of it, a fact a line. */
#include <setjmp.h>
#include "harness.h"

#include "smartyEthernet.c"

int options[] = {1, 23, 18, 16, 0, 0, 0};
xsSlot slots[2], result, object;
void *hostData;
static xsMachine machine;
static jmp_buf failure;
static int waited, levels[40], changes, refuses, deleted, stops, starts, hasServer = 1;
static esp_netif_t netif, other;
static uint32_t address;
static esp_event_handler_t onLink, onIp;
static void *argument;
static eth_esp32_emac_config_t used;
static int phyAddress;
static uint8_t mac[6];
static struct { modMessageDeliver deliver; void *reference; } posted[8];
static int postedCount;

void fail(const char *text)
{
	printf("failed: %s\n", text);
	longjmp(failure, 1);
}

esp_err_t gpio_set_level(int pin, uint32_t level) { levels[pin] = level; return ESP_OK; }
esp_err_t gpio_set_direction(int pin, int mode) { return ESP_OK; }
void vTaskDelay(uint32_t ticks) { waited += ticks; }
/* The SDK's modules, or WiFi's, have made it already. */
esp_err_t esp_event_loop_create_default(void) { return ESP_ERR_INVALID_STATE; }
esp_err_t esp_event_handler_register(esp_event_base_t base, int32_t event, esp_event_handler_t handler, void *about)
{
	if (!strcmp(base, ETH_EVENT))
		onLink = handler;
	else
		onIp = handler;
	argument = about;
	return ESP_OK;
}
esp_err_t esp_netif_init(void) { return ESP_OK; }
esp_netif_t *esp_netif_new(const esp_netif_config_t *configuration) { netif.route = configuration->base->route_prio; return &netif; }
esp_err_t esp_netif_attach(esp_netif_t *to, void *glue) { return ESP_OK; }
esp_err_t esp_netif_get_ip_info(esp_netif_t *of, esp_netif_ip_info_t *info) { info->ip.addr = address; return ESP_OK; }
esp_err_t esp_netif_dhcpc_stop(esp_netif_t *of) { stops += 1; address = 0; return ESP_OK; }
esp_err_t esp_netif_dhcpc_start(esp_netif_t *of) { starts += 1; return ESP_OK; }
esp_err_t esp_read_mac(uint8_t *into, int type) { memcpy(into, "\xa0\xb1\xc2\xd3\xe4\xf5", 6); return ESP_OK; }
static esp_err_t deleteMac(esp_eth_mac_t *it) { deleted += 1; return ESP_OK; }
static esp_err_t deletePhy(esp_eth_phy_t *it) { deleted += 1; return ESP_OK; }
static esp_eth_mac_t ownMac = {deleteMac};
static esp_eth_phy_t ownPhy = {deletePhy};
esp_eth_mac_t *esp_eth_mac_new_esp32(const eth_esp32_emac_config_t *own, const eth_mac_config_t *common) { used = *own; return &ownMac; }
esp_eth_phy_t *esp_eth_phy_new_generic(const eth_phy_config_t *configuration) { phyAddress = configuration->phy_addr; return &ownPhy; }
esp_err_t esp_eth_driver_install(const esp_eth_config_t *configuration, esp_eth_handle_t *driver)
{
	*driver = &ownMac;
	return refuses ? ESP_FAIL : ESP_OK;
}
esp_err_t esp_eth_ioctl(esp_eth_handle_t driver, int command, void *data) { memcpy(mac, data, 6); return ESP_OK; }
void *esp_eth_new_netif_glue(esp_eth_handle_t driver) { return driver; }
esp_err_t esp_eth_start(esp_eth_handle_t driver) { return ESP_OK; }

int modMessagePostToMachine(xsMachine *the, uint8_t *message, uint16_t length, modMessageDeliver deliver, void *reference)
{
	posted[postedCount].deliver = deliver;
	posted[postedCount++].reference = reference;
	return 0;
}

void callChanged(void) { changes += 1; }

static void takeMessages(void)
{
	int count = postedCount;
	postedCount = 0;
	for (int at = 0; at < count; at += 1)
		posted[at].deliver(&machine, posted[at].reference, NULL, 0);
}

static void link(int event) { onLink(argument, ETH_EVENT, event, NULL); }

static void ip(int event, esp_netif_t *of, uint32_t value)
{
	ip_event_got_ip_t about = {of};
	if (of == &netif)
		address = value;
	onIp(argument, IP_EVENT, event, &about);
}

static void tell(const char *name)
{
	takeMessages();
	smarty_ethernet_get_address(&machine);
	printf("%s: %s, %d\n", name, result.isNull ? "none" : result.text, changes);
}

int main(int count, char **words)
{
	const char *course = words[1];
	/* 10.0.0.7 as it lies in memory. */
	uint32_t seven;
	memcpy(&seven, "\x0a\x00\x00\x07", 4);

	if (setjmp(failure)) {
		printf("deleted: %d\n", deleted);
		return 0;
	}
	if (!strcmp(course, "no chip"))
		refuses = 1;
	if (!strcmp(course, "clock out")) {
		options[xsID_isClockOut] = 1;
		options[xsID_clockPin] = 17;
		options[xsID_powerPin] = 12;
		options[xsID_phyAddress] = 0;
	}
	if (!strcmp(course, "bad clock"))
		options[xsID_clockPin] = 17;
	if (!strcmp(course, "bad chip"))
		options[xsID_phyAddress] = 32;
	smarty_ethernet_constructor(&machine);
	smarty_ethernet_get_mac(&machine);
	printf("chip: %d, pins %d %d, clock %s %d, power %d after %d ms\n", phyAddress, used.smi_gpio.mdc_num, used.smi_gpio.mdio_num,
		used.clock_config.rmii.clock_mode == EMAC_CLK_OUT ? "out" : "in", used.clock_config.rmii.clock_gpio,
		levels[options[xsID_powerPin]], waited);
	printf("name: %s, route %d\n", result.text, netif.route);
	tell("at first");
	ip(IP_EVENT_ETH_GOT_IP, &netif, seven);
	tell("an address of before, without a link");
	link(ETHERNET_EVENT_CONNECTED);
	tell("link");
	address = 0;
	link(ETHERNET_EVENT_DISCONNECTED);
	link(ETHERNET_EVENT_CONNECTED);
	tell("off and on, one message");
	ip(IP_EVENT_GOT_IP6, &netif, 0);
	ip(IP_EVENT_ETH_GOT_IP, &other, 0);
	ip(IP_EVENT_STA_GOT_IP, &other, 0);
	tell("what others have");
	ip(IP_EVENT_ETH_GOT_IP, &netif, seven);
	tell("an address");
	ip(IP_EVENT_ETH_LOST_IP, &netif, 0);
	tell("lost");
	ip(IP_EVENT_ETH_GOT_IP, &netif, seven);
	smarty_ethernet_renew(&machine);
	tell("given back");
	printf("asked again: %d %d\n", stops, starts);
	smarty_ethernet_constructor(&machine);
	return 0;
}
