/*
 * What smartyEthernet.c needs of XS and ESP-IDF, in one thread: a chip that answers or not, a cable, and a server of addresses in the
 * hands of the harness.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int esp_err_t;
#define ESP_OK 0
#define ESP_FAIL (-1)
#define ESP_ERR_NO_MEM 0x101
#define ESP_ERR_INVALID_STATE 0x103

#define GPIO_NUM_MAX 40
enum { GPIO_MODE_OUTPUT };
#define pdMS_TO_TICKS(ms) (ms)
esp_err_t gpio_set_level(int pin, uint32_t level);
esp_err_t gpio_set_direction(int pin, int mode);
void vTaskDelay(uint32_t ticks);

typedef const char *esp_event_base_t;
#define ETH_EVENT "eth"
#define IP_EVENT "ip"
#define ESP_EVENT_ANY_ID (-1)
enum { ETHERNET_EVENT_START, ETHERNET_EVENT_STOP, ETHERNET_EVENT_CONNECTED, ETHERNET_EVENT_DISCONNECTED };
enum { IP_EVENT_STA_GOT_IP, IP_EVENT_ETH_GOT_IP, IP_EVENT_ETH_LOST_IP, IP_EVENT_GOT_IP6 };
typedef void (*esp_event_handler_t)(void *, esp_event_base_t, int32_t, void *);
esp_err_t esp_event_loop_create_default(void);
esp_err_t esp_event_handler_register(esp_event_base_t base, int32_t event, esp_event_handler_t handler, void *argument);

typedef struct Netif { int route; } esp_netif_t;
typedef struct { int route_prio; } esp_netif_inherent_config_t;
typedef struct { const esp_netif_inherent_config_t *base; void *driver; int stack; } esp_netif_config_t;
typedef struct { esp_netif_t *esp_netif; } ip_event_got_ip_t;
typedef struct { struct { uint32_t addr; } ip; } esp_netif_ip_info_t;
#define ESP_NETIF_INHERENT_DEFAULT_ETH() {.route_prio = 50}
#define ESP_NETIF_NETSTACK_DEFAULT_ETH 1
esp_err_t esp_netif_init(void);
esp_netif_t *esp_netif_new(const esp_netif_config_t *configuration);
esp_err_t esp_netif_attach(esp_netif_t *netif, void *glue);
esp_err_t esp_netif_get_ip_info(esp_netif_t *netif, esp_netif_ip_info_t *info);
esp_err_t esp_netif_dhcpc_stop(esp_netif_t *netif);
esp_err_t esp_netif_dhcpc_start(esp_netif_t *netif);
enum { ESP_MAC_WIFI_STA };
esp_err_t esp_read_mac(uint8_t *mac, int type);

typedef struct Mac { esp_err_t (*del)(struct Mac *); } esp_eth_mac_t;
typedef struct Phy { esp_err_t (*del)(struct Phy *); } esp_eth_phy_t;
typedef void *esp_eth_handle_t;
typedef struct { int unused; } eth_mac_config_t;
typedef struct { int phy_addr, reset_gpio_num; } eth_phy_config_t;
typedef struct { struct { int mdc_num, mdio_num; } smi_gpio; struct { struct { int clock_mode, clock_gpio; } rmii; } clock_config; } eth_esp32_emac_config_t;
typedef struct { esp_eth_mac_t *mac; esp_eth_phy_t *phy; } esp_eth_config_t;
enum { EMAC_CLK_EXT_IN, EMAC_CLK_OUT };
#define ETH_MAC_DEFAULT_CONFIG() {0}
#define ETH_PHY_DEFAULT_CONFIG() {0}
#define ETH_ESP32_EMAC_DEFAULT_CONFIG() {{23, 18}, {{EMAC_CLK_EXT_IN, 0}}}
#define ETH_DEFAULT_CONFIG(m, p) {.mac = (m), .phy = (p)}
enum { ETH_CMD_S_MAC_ADDR };
esp_eth_mac_t *esp_eth_mac_new_esp32(const eth_esp32_emac_config_t *own, const eth_mac_config_t *common);
esp_eth_phy_t *esp_eth_phy_new_generic(const eth_phy_config_t *configuration);
esp_err_t esp_eth_driver_install(const esp_eth_config_t *configuration, esp_eth_handle_t *driver);
esp_err_t esp_eth_ioctl(esp_eth_handle_t driver, int command, void *data);
void *esp_eth_new_netif_glue(esp_eth_handle_t driver);
esp_err_t esp_eth_start(esp_eth_handle_t driver);

/* XS: one object, whose options the harness has. */
typedef struct xsMachineRecord { int unused; } xsMachine;
typedef struct xsSlotRecord { int value; char text[32]; int isNull; } xsSlot;
typedef int xsIdentifier;
typedef void (*xsMarkRoot)(xsMachine *, xsSlot *);
typedef struct { void (*destructor)(void *); void (*mark)(xsMachine *, void *, xsMarkRoot); void *sweep; } xsHostHooks;
typedef void (*modMessageDeliver)(void *, void *, uint8_t *, uint16_t);
int modMessagePostToMachine(xsMachine *the, uint8_t *message, uint16_t length, modMessageDeliver deliver, void *reference);
enum { xsID_phyAddress, xsID_mdcPin, xsID_mdioPin, xsID_powerPin, xsID_clockPin, xsID_isClockOut, xsID_onChanged };
extern xsSlot slots[2], result, object;
extern int options[];
extern void *hostData;
void callChanged(void);
void fail(const char *text);
#define xsVar(at) slots[at]
#define xsArg(at) slots[1]
#define xsResult result
#define xsThis object
#define xsReference(slot) (*(slot))
#define xsBeginHost(the)
#define xsEndHost(the)
#define xsCallFunction0(function, target) callChanged()
#define xsRangeError(text) fail(text)
#define xsUnknownError(text) fail(text)
#define xsRemember(slot)
#define xsmcVars(count)
#define xsmcGet(into, from, name) ((into).value = options[name])
#define xsmcToInteger(slot) (slot).value
#define xsmcToBoolean(slot) (slot).value
#define xsmcSetNull(slot) ((slot).isNull = 1)
#define xsmcSetString(slot, string) ((slot).isNull = 0, strcpy((slot).text, (string)))
#define xsmcSetHostData(slot, data) (hostData = (data))
#define xsSetHostHooks(slot, hooks)
#define xsmcGetHostDataValidate(slot, hooks) hostData
static inline xsSlot *builtinGetCallback(xsMachine *the, int name) { return &slots[0]; }
#define c_calloc calloc
