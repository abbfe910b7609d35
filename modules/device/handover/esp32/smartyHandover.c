/*
 * What the SDK's sockets need while a connection goes from one to another (`from`): the SDK's tcp.c frees the old one's record before
 * lwIP, whose task runs beside XS's, knows the new one. Bytes that come in between would be put into the freed record and be lost.
 *
 * So lwIP keeps them, and offers them again with what comes next or after 250 ms, to the function that the new socket has set by then.
 * An end (FIN) with such bytes or after them is kept as well. Alone in between it is lost, because lwIP offers it only once: the client
 * says nothing more, and the server's time limit ends the connection, or the reset that answers what is sent. A reset (RST) in between
 * is beyond help: the SDK goes on with a connection that is gone.
 */
#include "xsmc.h"
#include "xsHost.h"
#include "mc.xs.h"

#include "lwip/priv/tcp_priv.h"
#include "lwip/priv/tcpip_priv.h"

typedef struct {
	struct tcpip_api_call_data call; /* first */
	void *record;
} Handover;

static err_t keep(void *record, struct tcp_pcb *connection, struct pbuf *bytes, err_t error)
{
	(void)record;
	(void)connection;
	(void)error;
	return bytes ? ERR_MEM : ERR_OK;
}

/*
 * In lwIP's task. A connection that is gone is not in the list. One that was closed, whose record lay at the same place, may be: that does no
 * harm, as lwIP takes no more bytes for it.
 */
static err_t hold(struct tcpip_api_call_data *call)
{
	for (struct tcp_pcb *connection = tcp_active_pcbs; connection; connection = connection->next) {
		if (connection->callback_arg == ((Handover *)call)->record)
			tcp_recv(connection, keep);
	}
	return ERR_OK;
}

/* A socket of the SDK's that is open. What came before is in its record, and goes over with it. */
void smarty_handover_hold(xsMachine *the)
{
	Handover handover = {.record = xsmcGetHostData(xsArg(0))};

	tcpip_api_call(hold, &handover.call);
}
