/* smartyHandover.c over four connections of its own: two have the socket's record, as a closed one may have had it before. */
#include <stddef.h>
#include <stdio.h>

#include "lwip.h"

typedef struct xsMachine xsMachine;

static int record, another;
static void *socketRecord = &record;
static int isInTask;

#define xsArg(index) (index)
#define xsmcGetHostData(index) (socketRecord)

static struct tcp_pcb connections[4] = {
	{&connections[1], &another, NULL},
	{&connections[2], &record, NULL},
	{&connections[3], NULL, NULL},
	{NULL, &record, NULL},
};
struct tcp_pcb *tcp_active_pcbs = connections;

void tcp_recv(struct tcp_pcb *connection, tcp_recv_fn receive)
{
	if (!isInTask)
		puts("set in another task than lwIP's");
	connection->recv = receive;
}

err_t tcpip_api_call(tcpip_api_call_fn function, struct tcpip_api_call_data *call)
{
	isInTask = 1;
	err_t error = function(call);
	isInTask = 0;
	return error;
}

#include "smartyHandover.c"

static void show(const char *when)
{
	printf("%s:", when);
	for (int at = 0; at < 4; at += 1)
		printf(" %d", connections[at].recv != NULL);
	puts("");
}

int main(void)
{
	struct tcp_pcb *held = &connections[1];

	smarty_handover_hold(NULL);
	show("held");
	printf("bytes: %s\n", held->recv(&record, held, (struct pbuf *)&another, ERR_OK) == ERR_MEM ? "kept" : "taken");
	printf("end: %d\n", held->recv(&record, held, NULL, ERR_OK));
	for (int at = 0; at < 4; at += 1)
		connections[at].recv = NULL;
	tcp_active_pcbs = NULL;
	smarty_handover_hold(NULL);
	show("gone");
	return 0;
}
