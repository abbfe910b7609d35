/*
 * Ethernet over the ESP32's own MAC and a chip on RMII, over ESP-IDF's driver.
 *
 * It is started once and runs until the board restarts. There is a network where the link is up and the interface has an IPv4
 * address; nothing else counts, least of all what is told of another interface. The clock of 50 MHz comes in, or goes out, on the
 * pin that the board has for it. The driver's events post at most one message to the XS machine at a time.
 */
#include "xsmc.h"
#include "xsHost.h"
#include "mc.xs.h"
#include "builtinCommon.h"

#include <stdio.h>
#include <string.h>

#include "driver/gpio.h"
#include "esp_eth.h"
#include "esp_event.h"
#include "esp_mac.h"
#include "esp_netif.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

/* Of the oscillator's switch: off, on, and until the chip answers. */
#define POWER_OFF_MS 100
#define POWER_ON_MS 200
/* Above the one of a station, so that packets leave by the cable wherever both are there. */
#define ROUTE_PRIORITY 150

typedef struct {
	xsSlot object;
	xsMachine *the;
	xsSlot *onChanged;
	esp_netif_t *netif;
	esp_eth_handle_t driver;
	uint8_t mac[6];
	uint8_t isLinked;
	uint8_t posted;
} EthernetRecord, *Ethernet;

void smarty_ethernet_destructor(void *data);

static void markEthernet(xsMachine *the, void *data, xsMarkRoot markRoot)
{
	Ethernet ethernet = data;
	if (ethernet->onChanged)
		(*markRoot)(the, ethernet->onChanged);
}

static const xsHostHooks ethernetHooks = {smarty_ethernet_destructor, markEthernet, NULL};

/* In the XS task. */
static void deliver(void *machine, void *reference, uint8_t *message, uint16_t length)
{
	xsMachine *the = machine;
	Ethernet ethernet = reference;
	(void)message;
	(void)length;

	/* Before the state is looked at: what comes after this posts again. */
	__atomic_store_n(&ethernet->posted, 0, __ATOMIC_SEQ_CST);
	xsBeginHost(the);
	xsCallFunction0(xsReference(ethernet->onChanged), ethernet->object);
	xsEndHost(the);
}

static void postChange(Ethernet ethernet)
{
	if (__atomic_exchange_n(&ethernet->posted, 1, __ATOMIC_SEQ_CST))
		return;
	if (modMessagePostToMachine(ethernet->the, NULL, 0, deliver, ethernet))
		__atomic_store_n(&ethernet->posted, 0, __ATOMIC_SEQ_CST);
}

/* In the task of ESP-IDF's events. */
static void onEthernet(void *argument, esp_event_base_t base, int32_t event, void *data)
{
	Ethernet ethernet = argument;
	(void)base;
	(void)data;

	if (ETHERNET_EVENT_CONNECTED == event)
		__atomic_store_n(&ethernet->isLinked, 1, __ATOMIC_SEQ_CST);
	else if ((ETHERNET_EVENT_DISCONNECTED == event) || (ETHERNET_EVENT_STOP == event))
		__atomic_store_n(&ethernet->isLinked, 0, __ATOMIC_SEQ_CST);
	else
		return;
	postChange(ethernet);
}

static void onAddress(void *argument, esp_event_base_t base, int32_t event, void *data)
{
	Ethernet ethernet = argument;
	ip_event_got_ip_t *address = data;
	(void)base;

	if (((IP_EVENT_ETH_GOT_IP == event) || (IP_EVENT_ETH_LOST_IP == event)) && address && (address->esp_netif == ethernet->netif))
		postChange(ethernet);
}

static int getInteger(xsMachine *the, xsIdentifier name, int low, int high)
{
	xsmcGet(xsVar(0), xsArg(0), name);
	int value = xsmcToInteger(xsVar(0));
	if ((value < low) || (value > high))
		xsRangeError("ethernet: option out of range");
	return value;
}

static esp_eth_mac_t *createMac(int mdcPin, int mdioPin, int clockPin, int isClockOut)
{
	eth_mac_config_t common = ETH_MAC_DEFAULT_CONFIG();
#if CONFIG_ETH_USE_OPENETH
	/* The emulated chip's. */
	(void)mdcPin;
	(void)mdioPin;
	(void)clockPin;
	(void)isClockOut;
	return esp_eth_mac_new_openeth(&common);
#else
	eth_esp32_emac_config_t own = ETH_ESP32_EMAC_DEFAULT_CONFIG();
	own.smi_gpio.mdc_num = mdcPin;
	own.smi_gpio.mdio_num = mdioPin;
	own.clock_config.rmii.clock_mode = isClockOut ? EMAC_CLK_OUT : EMAC_CLK_EXT_IN;
	own.clock_config.rmii.clock_gpio = clockPin;
	return esp_eth_mac_new_esp32(&own, &common);
#endif
}

static esp_err_t startDriver(Ethernet ethernet, esp_eth_mac_t *mac, int phyAddress)
{
	eth_phy_config_t chip = ETH_PHY_DEFAULT_CONFIG();
	chip.phy_addr = phyAddress;
	chip.reset_gpio_num = -1;
	esp_eth_phy_t *phy = esp_eth_phy_new_generic(&chip);
	if (!phy)
		return ESP_ERR_NO_MEM;
	esp_eth_config_t configuration = ETH_DEFAULT_CONFIG(mac, phy);
	esp_err_t fault = esp_eth_driver_install(&configuration, &ethernet->driver);
	if (ESP_OK != fault) {
		phy->del(phy);
		ethernet->driver = NULL;
		return fault;
	}
	fault = esp_eth_ioctl(ethernet->driver, ETH_CMD_S_MAC_ADDR, ethernet->mac);
	if (ESP_OK != fault)
		return fault;
	esp_netif_inherent_config_t base = ESP_NETIF_INHERENT_DEFAULT_ETH();
	base.route_prio = ROUTE_PRIORITY;
	esp_netif_config_t interface = {.base = &base, .driver = NULL, .stack = ESP_NETIF_NETSTACK_DEFAULT_ETH};
	ethernet->netif = esp_netif_new(&interface);
	if (!ethernet->netif)
		return ESP_ERR_NO_MEM;
	fault = esp_netif_attach(ethernet->netif, esp_eth_new_netif_glue(ethernet->driver));
	if (ESP_OK == fault)
		fault = esp_event_handler_register(ETH_EVENT, ESP_EVENT_ANY_ID, onEthernet, ethernet);
	if (ESP_OK == fault)
		fault = esp_event_handler_register(IP_EVENT, ESP_EVENT_ANY_ID, onAddress, ethernet);
	if (ESP_OK == fault)
		fault = esp_eth_start(ethernet->driver);
	return fault;
}

/* phyAddress, mdcPin, mdioPin, powerPin or -1, clockPin, isClockOut, onChanged. Once: what is taken is not given back. */
void smarty_ethernet_constructor(xsMachine *the)
{
	static uint8_t isStarted = 0;

	xsmcVars(1);
	int phyAddress = getInteger(the, xsID_phyAddress, -1, 31);
	int mdcPin = getInteger(the, xsID_mdcPin, 0, GPIO_NUM_MAX - 1);
	int mdioPin = getInteger(the, xsID_mdioPin, 0, GPIO_NUM_MAX - 1);
	int powerPin = getInteger(the, xsID_powerPin, -1, GPIO_NUM_MAX - 1);
	int clockPin = getInteger(the, xsID_clockPin, 0, GPIO_NUM_MAX - 1);
	xsmcGet(xsVar(0), xsArg(0), xsID_isClockOut);
	int isClockOut = xsmcToBoolean(xsVar(0));
	xsSlot *onChanged = builtinGetCallback(the, xsID_onChanged);
	if (!onChanged)
		xsUnknownError("ethernet: onChanged required");
	/* The chip has no others for its clock; at 17 it comes out upside down, which the board was made for. */
	if (isClockOut ? ((clockPin != 0) && (clockPin != 16) && (clockPin != 17)) : (clockPin != 0))
		xsRangeError("ethernet: no clock on that pin");
	if (isStarted)
		xsUnknownError("ethernet: started before; a restart tries again");

	Ethernet ethernet = c_calloc(1, sizeof(EthernetRecord));
	if (!ethernet)
		xsUnknownError("ethernet: no memory");
	isStarted = 1;
	ethernet->the = the;
	ethernet->object = xsThis;
	ethernet->onChanged = onChanged;
	xsmcSetHostData(xsThis, ethernet);
	xsSetHostHooks(xsThis, &ethernetHooks);
	xsRemember(ethernet->object);

	esp_err_t fault = esp_netif_init();
	if (ESP_OK == fault)
		fault = esp_event_loop_create_default();
	if (ESP_ERR_INVALID_STATE == fault) /* somebody made it */
		fault = ESP_OK;
	/* The address that a station would have: a reader keeps its name when it gets a cable. */
	if (ESP_OK == fault)
		fault = esp_read_mac(ethernet->mac, ESP_MAC_WIFI_STA);
	if ((ESP_OK == fault) && (powerPin >= 0)) {
		gpio_set_level(powerPin, 0);
		fault = gpio_set_direction(powerPin, GPIO_MODE_OUTPUT);
		vTaskDelay(pdMS_TO_TICKS(POWER_OFF_MS));
		gpio_set_level(powerPin, 1);
		vTaskDelay(pdMS_TO_TICKS(POWER_ON_MS));
	}
	if (ESP_OK == fault) {
		esp_eth_mac_t *mac = createMac(mdcPin, mdioPin, clockPin, isClockOut);
		fault = mac ? startDriver(ethernet, mac, phyAddress) : ESP_ERR_NO_MEM;
		if (mac && !ethernet->driver)
			mac->del(mac);
	}
	if (ESP_OK != fault)
		xsUnknownError("ethernet: no clock, no chip or no memory");
}

/* The machine ends with the program. */
void smarty_ethernet_destructor(void *data)
{
	(void)data;
}

/* The IPv4 address as a number, or 0 without a link. */
static uint32_t findAddress(Ethernet ethernet)
{
	esp_netif_ip_info_t found = {0};

	if (!ethernet->netif || !__atomic_load_n(&ethernet->isLinked, __ATOMIC_SEQ_CST))
		return 0;
	return (ESP_OK == esp_netif_get_ip_info(ethernet->netif, &found)) ? found.ip.addr : 0;
}

void smarty_ethernet_get_address(xsMachine *the)
{
	Ethernet ethernet = xsmcGetHostDataValidate(xsThis, (void *)&ethernetHooks);
	uint32_t address = findAddress(ethernet);
	const uint8_t *byte = (const uint8_t *)&address;
	char text[16];

	if (!address) {
		xsmcSetNull(xsResult);
		return;
	}
	snprintf(text, sizeof(text), "%u.%u.%u.%u", byte[0], byte[1], byte[2], byte[3]);
	xsmcSetString(xsResult, text);
}

void smarty_ethernet_get_mac(xsMachine *the)
{
	Ethernet ethernet = xsmcGetHostDataValidate(xsThis, (void *)&ethernetHooks);
	const uint8_t *mac = ethernet->mac;
	char text[13];

	snprintf(text, sizeof(text), "%02x%02x%02x%02x%02x%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	xsmcSetString(xsResult, text);
}

/* Gives the address back, and asks for one. */
void smarty_ethernet_renew(xsMachine *the)
{
	Ethernet ethernet = xsmcGetHostDataValidate(xsThis, (void *)&ethernetHooks);

	if (!ethernet->netif)
		return;
	esp_netif_dhcpc_stop(ethernet->netif);
	esp_netif_dhcpc_start(ethernet->netif);
}
