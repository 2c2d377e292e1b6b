/* Questions to the DNS, the side that has them asked. */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "net/dns.h"
#include "net/wire.h"

void
ce_dns_answer_release(struct ce_dns_answer *answer)
{
	free(answer->problem);
	free(answer->target);
	free(answer->zone);
	ce_strlist_release(&answer->texts);
	memset(answer, 0, sizeof(*answer));
}

int
ce_dns_server_read(const char *text, struct sockaddr_in *ret_address, struct ce_error *err)
{
	char host[INET_ADDRSTRLEN] = "", *end = NULL;
	size_t size = strcspn(text, ":");
	long port = text[size] ? strtol(text + size + 1, &end, 10) : NAMESERVER_PORT;
	if (size < sizeof(host))
		memcpy(host, text, size);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1 || port < 1 || port > 65535 || (end && *end))
		return ce_fail(err, CE_ERR_INVALID, "'%s' is not the IPv4 address of a name server", text);
	*ret_address = address;
	return CE_OK;
}

int
ce_dns_begin(int fd, const char *server, enum ce_dns_type type, const char *const *names, struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_NET_DNS);
	ce_message_put_str(&message, server);
	ce_message_put_int(&message, type);
	ce_message_put_list(&message, names);
	int rc = ce_message_send(fd, &message, err);
	ce_message_release(&message);
	return rc;
}

static int
take_answer(struct ce_message *message, struct ce_dns_answer *answer, struct ce_error *err)
{
	answer->code = (int)ce_message_get_int(message);
	const char *problem = ce_message_get_str(message);
	int rc = ce_text_assign(&answer->problem, problem, err);
	if (!rc)
		rc = ce_text_assign(&answer->target, ce_message_get_str(message), err);
	if (!rc)
		rc = ce_text_assign(&answer->zone, ce_message_get_str(message), err);
	if (!rc)
		rc = ce_message_get_list(message, CE_DNS_TEXTS_MAX, &answer->texts, err);
	if (!rc && answer->code == CE_OK && !answer->target)
		rc = ce_fail(err, CE_ERR_INVALID, "an answer of the DNS without a name");
	return rc;
}

int
ce_dns_take(struct ce_message *message, struct ce_dns_answer *answers, size_t count, struct ce_error *err)
{
	if (message->kind != CE_NET_DNS_DONE)
		return ce_fail(err, CE_ERR_INVALID, "an answer out of order");
	for (size_t i = 0; i < count; i++) {
		int rc = take_answer(message, &answers[i], err);
		if (rc)
			return rc;
	}
	return ce_message_end(message, err);
}
