#include "net/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/wire.h"

#define ANSWER_MAX 65536
#define QUERY_MAX 512
#define CNAMES_MAX 10
#define TEXT_MAX 4096
#define TRY_S 3
#define TRIES 2

/* --- whom to ask --- */

static int
open_resolver(const char *server, struct __res_state *state, struct ce_error *err)
{
	struct sockaddr_in address;
	int rc = server ? ce_dns_server_read(server, &address, err) : CE_OK;
	if (rc)
		return rc;
	memset(state, 0, sizeof(*state));
	if (res_ninit(state))
		return ce_fail(err, CE_ERR_SYSTEM, "the resolver cannot be set up: see resolv.conf(5)");
	state->retrans = TRY_S;
	state->retry = TRIES;
	if (server) {
		state->nsaddr_list[0] = address;
		state->nscount = 1;
	}
	return CE_OK;
}

/* --- what was answered --- */

static int
set(char **text, const char *value, struct ce_error *err)
{
	size_t size = strlen(value);
	char *copy = strndup(value, size > 1 && value[size - 1] == '.' ? size - 1 : size);
	if (!copy)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	free(*text);
	*text = copy;
	return CE_OK;
}

/* The character strings of a TXT record, joined (RFC 1035 section 3.3.14). */
static int
add_text(struct ce_dns_answer *answer, const unsigned char *data, size_t size, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int rc = CE_OK;
	for (size_t at = 0; at < size && !rc; at += 1 + data[at]) {
		if (data[at] > size - at - 1 || text.size + data[at] > TEXT_MAX)
			return CE_OK; /* no text that we could have written */
		rc = ce_buf_add(&text, data + at + 1, data[at], err);
	}
	if (rc || answer->texts.count >= CE_DNS_TEXTS_MAX || memchr(ce_buf_text(&text), '\0', text.size))
		return rc;
	return ce_strlist_add(&answer->texts, ce_buf_text(&text), err);
}

static int
take_record(ns_msg *message, const ns_rr *record, ns_sect section, enum ce_dns_type type, struct ce_dns_answer *answer,
	struct ce_error *err)
{
	char name[NS_MAXDNAME];
	bool here = !strcasecmp(ns_rr_name(*record), answer->target);
	if (ns_rr_type(*record) == ns_t_soa && type == CE_DNS_PLACE)
		return set(&answer->zone, ns_rr_name(*record)[0] ? ns_rr_name(*record) : ".", err);
	if (section != ns_s_an || !here)
		return CE_OK;
	if (ns_rr_type(*record) == ns_t_txt && type == CE_DNS_TEXT)
		return add_text(answer, ns_rr_rdata(*record), ns_rr_rdlen(*record), err);
	if (ns_rr_type(*record) != ns_t_cname)
		return CE_OK;
	if (ns_name_uncompress(ns_msg_base(*message), ns_msg_end(*message), ns_rr_rdata(*record), name, sizeof(name)) < 0)
		return ce_fail(err, CE_ERR_NETWORK, "a CNAME of '%s' that cannot be read", answer->target);
	return set(&answer->target, name, err);
}

/* Answers come in order: a CNAME before what it leads to. */
static int
take_message(const unsigned char *bytes, int size, enum ce_dns_type type, struct ce_dns_answer *answer,
	struct ce_error *err)
{
	static const ns_sect sections[] = { ns_s_an, ns_s_ns };
	ns_msg message;
	if (ns_initparse(bytes, size, &message))
		return ce_fail(err, CE_ERR_NETWORK, "the name server's answer about '%s' is malformed", answer->target);
	int code = ns_msg_getflag(message, ns_f_rcode);
	if (code != ns_r_noerror && code != ns_r_nxdomain)
		return ce_fail(err, CE_ERR_NETWORK, "the name server refuses to tell of '%s' (code %d)", answer->target, code);
	for (size_t s = 0; s < CE_COUNT(sections); s++) {
		for (int i = 0; i < ns_msg_count(message, sections[s]); i++) {
			ns_rr record;
			if (ns_parserr(&message, sections[s], i, &record))
				return ce_fail(err, CE_ERR_NETWORK, "the name server's answer about '%s' is malformed", answer->target);
			int rc = take_record(&message, &record, sections[s], type, answer, err);
			if (rc)
				return rc;
		}
	}
	return CE_OK;
}

static int
ask_once(struct __res_state *state, enum ce_dns_type type, struct ce_dns_answer *answer, unsigned char *reply,
	struct ce_error *err)
{
	unsigned char query[QUERY_MAX];
	int size = res_nmkquery(state, ns_o_query, answer->target, ns_c_in, type == CE_DNS_TEXT ? ns_t_txt : ns_t_soa, NULL, 0,
		NULL, query, sizeof(query));
	if (size < 0)
		return ce_fail(err, CE_ERR_INVALID, "'%s' is no name of the DNS", answer->target);
	size = res_nsend(state, query, size, reply, ANSWER_MAX);
	if (size < 0)
		return ce_fail(err, CE_ERR_TIMEOUT, "no name server answers about '%s'", answer->target);
	return take_message(reply, size < ANSWER_MAX ? size : ANSWER_MAX, type, answer, err);
}

/* A server that is not a resolver leaves the end of a CNAME to us. */
static int
ask_all(struct __res_state *state, enum ce_dns_type type, struct ce_dns_answer *answer, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) unsigned char *reply = malloc(ANSWER_MAX);
	if (!reply)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (int i = 0; i < CNAMES_MAX; i++) {
		CE_CLEANUP(ce_freep) char *before = strdup(answer->target);
		int rc = before ? ask_once(state, type, answer, reply, err) : ce_fail(err, CE_ERR_MEMORY, "out of memory");
		if (rc || !strcasecmp(before, answer->target) || answer->zone || answer->texts.count > 0)
			return rc;
	}
	return ce_fail(err, CE_ERR_NETWORK, "the CNAMEs from '%s' come to no end", answer->target);
}

int
ce_dns_ask(const char *server, enum ce_dns_type type, const char *name, struct ce_dns_answer *ret_answer,
	struct ce_error *err)
{
	struct __res_state state;
	CE_CLEANUP(ce_dns_answer_release) struct ce_dns_answer answer = { 0 };
	int rc = set(&answer.target, name, err);
	if (!rc)
		rc = open_resolver(server, &state, err);
	if (rc)
		return rc;
	rc = ask_all(&state, type, &answer, err);
	res_nclose(&state);
	if (rc)
		return rc;
	*ret_answer = answer;
	memset(&answer, 0, sizeof(answer));
	return CE_OK;
}

/* --- the helper's side --- */

static void
put_answer(struct ce_message *message, int code, const struct ce_error *problem, const struct ce_dns_answer *answer)
{
	static const char *const nothing[] = { NULL };
	ce_message_put_int(message, code);
	ce_message_put_str(message, code < 0 ? problem->text : NULL);
	ce_message_put_str(message, answer->target);
	ce_message_put_str(message, answer->zone);
	ce_message_put_list(message, answer->texts.items ? (const char *const *)answer->texts.items : nothing);
}

/* Once no server answers the rest is not waited for. */
static void
answer_all(const char *server, enum ce_dns_type type, const struct ce_strlist *names, struct ce_message *reply)
{
	struct ce_error problem = { 0 };
	bool dead = false;
	for (size_t i = 0; i < names->count; i++) {
		CE_CLEANUP(ce_dns_answer_release) struct ce_dns_answer answer = { 0 };
		int rc = dead ? problem.code : ce_dns_ask(server, type, names->items[i], &answer, &problem);
		dead = dead || rc == CE_ERR_TIMEOUT;
		put_answer(reply, rc, &problem, &answer);
	}
}

int
ce_dns_serve(int fd, struct ce_message *message, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	const char *server = ce_message_get_str(message);
	int64_t type = ce_message_get_int(message);
	int rc = ce_message_get_list(message, CE_DNS_QUESTIONS_MAX, &names, err);
	if (!rc)
		rc = ce_message_end(message, err);
	if (rc)
		return rc;
	if (type != CE_DNS_PLACE && type != CE_DNS_TEXT)
		return ce_fail(err, CE_ERR_INVALID, "a question of unknown type to the DNS");
	struct ce_message reply = CE_MESSAGE_INIT(CE_NET_DNS_DONE);
	answer_all(server, (enum ce_dns_type)type, &names, &reply);
	rc = ce_message_send(fd, &reply, err);
	ce_message_release(&reply);
	return rc;
}
