/* Questions to the DNS by the system's resolver library. It waits, so it is asked in a helper process only. */
#ifndef CE_NET_DNS_H
#define CE_NET_DNS_H

#include <netinet/in.h>

#include "base/message.h"
#include "base/strlist.h"

#define CE_DNS_QUESTIONS_MAX 1000
#define CE_DNS_TEXTS_MAX 64

/* What one question is about. */
enum ce_dns_type { CE_DNS_PLACE = 1, CE_DNS_TEXT = 2 };

struct ce_dns_answer {
	int code;               /* CE_OK; CE_ERR_TIMEOUT: nobody answered; CE_ERR_NETWORK: no use can be made of it */
	char *problem;          /* why; only from ce_dns_take */
	char *target;           /* the name at the end of the CNAMEs, without final dot */
	char *zone;             /* PLACE: the zone it lies in; NULL: not told */
	struct ce_strlist texts; /* TEXT: the values there are */
};

/* "ADDRESS" or "ADDRESS:PORT" of IPv4: the resolver library can be told no other. CE_ERR_INVALID. */
CE_MUSTCHECK int ce_dns_server_read(const char *text, struct sockaddr_in *ret_address, struct ce_error *err);

/* server: NULL: as /etc/resolv.conf says. */
CE_MUSTCHECK int ce_dns_ask(const char *server, enum ce_dns_type type, const char *name, struct ce_dns_answer *ret_answer,
	struct ce_error *err);
void ce_dns_answer_release(struct ce_dns_answer *answer);

/* The helper's side of CE_NET_DNS (net/wire.h): asks one after the other and answers on fd. */
CE_MUSTCHECK int ce_dns_serve(int fd, struct ce_message *message, struct ce_error *err);

/* The supervisor's side: begins, and takes the answers, as many as names, from the message that comes. */
CE_MUSTCHECK int ce_dns_begin(int fd, const char *server, enum ce_dns_type type, const char *const *names,
	struct ce_error *err);
CE_MUSTCHECK int ce_dns_take(struct ce_message *message, struct ce_dns_answer *answers, size_t count, struct ce_error *err);

#endif
