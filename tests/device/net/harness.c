/* What smartyNet.c needs of XS and ESP-IDF, and a run over the courses of an interface. Prints a fact a line. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef int esp_err_t;
#define ESP_OK 0
#define ESP_FAIL (-1)
typedef struct { int unused; } esp_netif_t;
typedef struct { struct { uint32_t addr; } ip; } esp_netif_ip_info_t;
typedef enum { ESP_NETIF_DNS_MAIN, ESP_NETIF_DNS_BACKUP } esp_netif_dns_type_t;
enum { ESP_IPADDR_TYPE_V4 = 0, ESP_IPADDR_TYPE_V6 = 6 };
typedef struct { struct { union { struct { uint32_t addr; } ip4; } u_addr; uint8_t type; } ip; } esp_netif_dns_info_t;
typedef struct { int unused; } xsMachine;
static struct { int value; char text[32]; } result, argument;
#define xsResult result
#define xsArg(at) argument
#define xsmcSetString(slot, string) strcpy((slot).text, (string))
#define xsmcToInteger(slot) (slot).value

static esp_netif_t interface;
static esp_netif_t *present;
static uint32_t address, servers[2];
static uint8_t kind;
static const char *asked;

static esp_netif_t *esp_netif_get_handle_from_ifkey(const char *key)
{
	asked = key;
	return present;
}

static esp_err_t esp_netif_get_ip_info(esp_netif_t *netif, esp_netif_ip_info_t *into)
{
	into->ip.addr = address;
	return ESP_OK;
}

static esp_err_t esp_netif_get_dns_info(esp_netif_t *netif, esp_netif_dns_type_t type, esp_netif_dns_info_t *into)
{
	into->ip.u_addr.ip4.addr = servers[type];
	into->ip.type = kind;
	return ESP_OK;
}

#include "smartyNet.c"

static const char *ask(void (*get)(xsMachine *), int at)
{
	static xsMachine machine;
	argument.value = at;
	strcpy(result.text, "undefined");
	get(&machine);
	return result.text;
}

static void print(const char *name)
{
	printf("%s: %s", name, ask(smarty_net_get_address, 0));
	printf(" %s", ask(smarty_net_get_server, 0));
	printf(" %s\n", ask(smarty_net_get_server, 1));
}

int main(void)
{
	print("not started");
	present = &interface;
	print("no address");
	address = 0x0a01a8c0;
	servers[0] = 0x0101a8c0;
	print("one server");
	servers[1] = 0xffffffff;
	print("two servers");
	kind = ESP_IPADDR_TYPE_V6;
	print("servers of IPv6");
	printf("asked: %s\n", asked);
	return 0;
}
