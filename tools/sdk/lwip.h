/*
 * What smartyHandover.c needs of lwIP, for a clone of ESP-IDF without its submodules and for a test on this computer. Declarations as
 * lwIP 2.2 has them; of a connection only the members that are used.
 */
#ifndef SMARTY_LWIP
#define SMARTY_LWIP

typedef signed char err_t;
enum { ERR_OK = 0, ERR_MEM = -1 };

struct pbuf;
struct tcp_pcb;
typedef err_t (*tcp_recv_fn)(void *arg, struct tcp_pcb *tpcb, struct pbuf *p, err_t err);

struct tcp_pcb {
	struct tcp_pcb *next;
	void *callback_arg;
	tcp_recv_fn recv;
};

extern struct tcp_pcb *tcp_active_pcbs;
void tcp_recv(struct tcp_pcb *pcb, tcp_recv_fn recv);

struct tcpip_api_call_data {
	err_t err;
};
typedef err_t (*tcpip_api_call_fn)(struct tcpip_api_call_data *call);
err_t tcpip_api_call(tcpip_api_call_fn fn, struct tcpip_api_call_data *call);

#endif
