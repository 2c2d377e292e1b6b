/* The supervisor's side of certengine-probe. What it answers was made from bytes of strangers, by a
 * process that may have been taken over by them: everything is bounded and checked. */
#include <stdlib.h>
#include <string.h>

#include "base/dirs.h"
#include "base/message.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/keystore.h"
#include "net/agent.h"
#include "net/probe_wire.h"

/* What the helper may need beyond the time limits of its probes. */
#define GRACE_MS 10000
#define STOP_MS 500
/* PKCS#12 with its many rounds may take long. */
#define KEYSTORE_MS 60000
#define TIMEOUT_MAX_MS 600000
#define DEFAULT_TIMEOUT_MS 10000

static int
start(struct ce_helper *agent, struct ce_error *err)
{
	if (agent->fd >= 0)
		return CE_OK;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist argv = CE_STRLIST_INIT;
	int code = ce_strlist_addf(&argv, err, "%s/certengine-probe", ce_dirs_built.helpers);
	if (code >= 0)
		code = ce_helper_start((const char *const *)argv.items, NULL, 0, agent, err);
	return code < 0 ? ce_error_wrap(err, "start the probe process") : CE_OK;
}

/* After a failure nobody knows what the helper will say next: a new one is started for the next request. */
static int
give_up(struct ce_helper *agent, int code, struct ce_error *err)
{
	ce_helper_stop(agent, STOP_MS);
	if (code == CE_ERR_NOT_FOUND)
		return ce_fail(err, CE_ERR_SYSTEM, "the probe process ended before it answered");
	return ce_error_wrap(err, "the probe process");
}

static void
forget_answer(struct ce_probe *probe)
{
	probe->code = CE_ERR_NETWORK;
	probe->problem[0] = '\0';
	probe->fingerprint[0] = '\0';
	ce_buf_release(&probe->chain);
}

static int
timeout_of(const struct ce_probe *probe)
{
	if (probe->timeout_ms <= 0)
		return DEFAULT_TIMEOUT_MS;
	return probe->timeout_ms > TIMEOUT_MAX_MS ? TIMEOUT_MAX_MS : probe->timeout_ms;
}

static int
ask(struct ce_helper *agent, const struct ce_probe *probes, size_t count, int *ret_wait_ms, struct ce_error *err)
{
	int longest = 0;
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(CE_PROBE_RUN);
	ce_message_put_int(&message, (int64_t)count);
	for (size_t i = 0; i < count; i++) {
		int timeout_ms = timeout_of(&probes[i]);
		if (timeout_ms > longest)
			longest = timeout_ms;
		ce_message_put_str(&message, probes[i].host);
		ce_message_put_int(&message, probes[i].port);
		ce_message_put_str(&message, probes[i].sni);
		ce_message_put_int(&message, timeout_ms);
	}
	size_t rounds = (count + CE_PROBE_AT_ONCE - 1) / CE_PROBE_AT_ONCE;
	*ret_wait_ms = longest * (int)rounds + GRACE_MS;
	return ce_message_send(agent->fd, &message, err);
}

/* The chain is whole certificates, and its leaf gives the fingerprint. */
static int
take_chain(struct ce_probe *probe, struct ce_bytes chain, struct ce_error *err)
{
	size_t count = 0;
	for (size_t at = 0; at < chain.size; count++) {
		uint32_t size = 0;
		if (chain.size - at < sizeof(size) || count == CE_CHAIN_MAX)
			return ce_fail(err, CE_ERR_INVALID, "a malformed chain");
		memcpy(&size, chain.data + at, sizeof(size));
		at += sizeof(size);
		if (size == 0 || size > chain.size - at)
			return ce_fail(err, CE_ERR_INVALID, "a malformed chain");
		if (count == 0) {
			int code = ce_sha256_hex((struct ce_bytes){ chain.data + at, size }, probe->fingerprint, err);
			if (code < 0)
				return code;
		}
		at += size;
	}
	return ce_buf_add(&probe->chain, chain.data, chain.size, err);
}

static int
take_answer(struct ce_message *message, struct ce_probe *probe, struct ce_error *err)
{
	static const int codes[] = { CE_OK, CE_ERR_NETWORK, CE_ERR_TIMEOUT, CE_ERR_VERIFY };
	int64_t code = ce_message_get_int(message);
	const char *problem = ce_message_get_str(message);
	struct ce_bytes chain = ce_message_get_bytes(message);
	int rc = ce_message_end(message, err);
	if (rc < 0)
		return rc;
	if (message->kind != CE_PROBE_DONE || chain.size > CE_CHAIN_BYTES_MAX)
		return ce_fail(err, CE_ERR_INVALID, "an answer out of order");
	rc = take_chain(probe, chain, err);
	if (rc < 0)
		return rc;

	probe->code = CE_ERR_NETWORK; /* whatever else it may have met */
	for (size_t i = 0; i < CE_COUNT(codes); i++)
		if (codes[i] == code)
			probe->code = codes[i];
	if (probe->code == CE_OK && probe->fingerprint[0] == '\0')
		return ce_fail(err, CE_ERR_INVALID, "a handshake without a certificate");
	if (probe->code != CE_OK)
		ce_text_printable(probe->problem, sizeof(probe->problem), problem && *problem ? problem : "no reason given");
	return CE_OK;
}

static int
run_batch(struct ce_helper *agent, struct ce_probe *probes, size_t count, struct ce_error *err)
{
	int wait_ms = 0;
	int code = ask(agent, probes, count, &wait_ms, err);
	for (size_t i = 0; i < count && code >= 0; i++) {
		CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(0);
		code = ce_message_receive(agent->fd, wait_ms, &message, err);
		if (code >= 0)
			code = take_answer(&message, &probes[i], err);
	}
	return code;
}

int
ce_probe_run(struct ce_helper *agent, struct ce_probe *probes, size_t count, struct ce_error *err)
{
	for (size_t i = 0; i < count; i++)
		forget_answer(&probes[i]);
	for (size_t done = 0; done < count;) {
		int code = start(agent, err);
		if (code < 0)
			return code;
		size_t batch = count - done < CE_PROBE_BATCH ? count - done : CE_PROBE_BATCH;
		code = run_batch(agent, probes + done, batch, err);
		if (code < 0)
			return give_up(agent, code, err);
		done += batch;
	}
	return CE_OK;
}

void
ce_probe_release(struct ce_probe *probe)
{
	ce_buf_release(&probe->chain);
}

/* --- keystores --- */

static bool
is_fingerprint(const char *text)
{
	return text && (text[0] == '\0' || (strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64));
}

static int
take_entry(struct ce_message *message, struct ce_keystore_entry *entry, struct ce_error *err)
{
	const char *alias = ce_message_get_str(message);
	int64_t is_key = ce_message_get_int(message);
	const char *fingerprint = ce_message_get_str(message);
	int64_t chain_length = ce_message_get_int(message);
	if (message->broken || !is_fingerprint(fingerprint) || chain_length < 0 || chain_length > CE_MESSAGE_LIMIT)
		return ce_fail(err, CE_ERR_INVALID, "a malformed keystore entry");

	CE_CLEANUP(ce_buf_release) struct ce_buf printable = CE_BUF_INIT;
	int code = ce_text_add_printable(&printable, alias ? alias : "", alias ? strlen(alias) : 0, false, err);
	if (code < 0)
		return code;
	entry->alias = ce_buf_steal_text(&printable);
	if (!entry->alias)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	entry->is_key = is_key != 0;
	entry->chain_length = (size_t)chain_length;
	memcpy(entry->fingerprint, fingerprint, strlen(fingerprint) + 1);
	return CE_OK;
}

static int
take_entries(struct ce_message *message, struct ce_keystore *ret_keystore, struct ce_error *err)
{
	const char *kind = ce_message_get_str(message);
	int64_t count = ce_message_get_int(message);
	if (message->broken || !kind || count < 0 || count > CE_PROBE_ENTRIES_MAX)
		return ce_fail(err, CE_ERR_INVALID, "a malformed answer about a keystore");

	CE_CLEANUP(ce_keystore_release) struct ce_keystore keystore = { 0 };
	keystore.kind = strcmp(kind, "JKS") == 0 ? "JKS" : "PKCS#12";
	keystore.entries = calloc((size_t)count + 1, sizeof(*keystore.entries));
	if (!keystore.entries)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (int64_t i = 0; i < count; i++) {
		int code = take_entry(message, &keystore.entries[i], err);
		if (code < 0)
			return code;
		keystore.count++;
	}
	int code = ce_message_end(message, err);
	if (code < 0)
		return code;

	*ret_keystore = keystore;
	keystore = (struct ce_keystore){ 0 };
	return CE_OK;
}

/* Why a store could not be read or edited, as far as that is known here. */
static int
verdict_of(int64_t code, const char *problem, struct ce_error *err)
{
	static const int verdicts[] = { CE_ERR_REFUSED, CE_ERR_LIMIT, CE_ERR_CRYPTO, CE_ERR_MEMORY };
	int verdict = CE_ERR_INVALID;
	for (size_t i = 0; i < CE_COUNT(verdicts); i++)
		if (verdicts[i] == code)
			verdict = verdicts[i];
	return ce_fail(err, verdict, "%s", problem ? problem : "the store cannot be read");
}

/* A keystore that cannot be read is an answer like any other: *ret_verdict and text. */
static int
take_keystore(struct ce_message *message, struct ce_keystore *ret_keystore, int *ret_verdict, struct ce_error *err)
{
	int64_t code = ce_message_get_int(message);
	const char *problem = ce_message_get_str(message);
	if (message->broken || message->kind != CE_PROBE_KEYSTORE_DONE)
		return ce_fail(err, CE_ERR_INVALID, "an answer out of order");
	if (code == CE_OK)
		return take_entries(message, ret_keystore, err);

	*ret_verdict = verdict_of(code, problem, err);
	return CE_OK;
}

int
ce_probe_keystore(struct ce_helper *agent, struct ce_bytes bytes, const char *password,
	struct ce_keystore *ret_keystore, struct ce_error *err)
{
	int code = start(agent, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(CE_PROBE_KEYSTORE);
	ce_message_put_bytes(&message, bytes);
	ce_message_put_str(&message, password);
	code = ce_message_send(agent->fd, &message, err);
	CE_CLEANUP(ce_message_release) struct ce_message answer = CE_MESSAGE_INIT(0);
	int verdict = CE_OK;
	if (code >= 0)
		code = ce_message_receive(agent->fd, KEYSTORE_MS, &answer, err);
	if (code >= 0)
		code = take_keystore(&answer, ret_keystore, &verdict, err);
	return code < 0 ? give_up(agent, code, err) : verdict;
}

/* --- truststores --- */

static int
take_truststore(struct ce_message *message, struct ce_buf *ret_bytes, int *ret_verdict, struct ce_error *err)
{
	int64_t code = ce_message_get_int(message);
	const char *problem = ce_message_get_str(message);
	struct ce_bytes bytes = ce_message_get_bytes(message);
	int rc = ce_message_end(message, err);
	if (rc < 0)
		return rc;
	if (message->kind != CE_PROBE_TRUSTSTORE_DONE || (code == CE_OK && bytes.size == 0))
		return ce_fail(err, CE_ERR_INVALID, "an answer out of order");
	if (code == CE_OK)
		return ce_buf_add(ret_bytes, bytes.data, bytes.size, err);
	*ret_verdict = code == CE_UNCHANGED ? CE_UNCHANGED : verdict_of(code, problem, err);
	return CE_OK;
}

int
ce_probe_truststore(struct ce_helper *agent, struct ce_bytes bytes, const struct ce_truststore_edit *edit,
	struct ce_buf *ret_bytes, struct ce_error *err)
{
	int code = start(agent, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(CE_PROBE_TRUSTSTORE);
	ce_message_put_bytes(&message, bytes);
	ce_message_put_bytes(&message, edit->ca);
	ce_message_put_str(&message, edit->alias);
	ce_message_put_str(&message, edit->password);
	ce_message_put_list(&message, edit->ours);
	ce_message_put_int(&message, edit->when);
	code = ce_message_send(agent->fd, &message, err);
	CE_CLEANUP(ce_message_release) struct ce_message answer = CE_MESSAGE_INIT(0);
	int verdict = CE_OK;
	if (code >= 0)
		code = ce_message_receive(agent->fd, KEYSTORE_MS, &answer, err);
	if (code >= 0)
		code = take_truststore(&answer, ret_bytes, &verdict, err);
	return code < 0 ? give_up(agent, code, err) : verdict;
}
