/* certengine-probe: makes TLS handshakes and reads keystores of foreign origin. It holds no key, no
 * right and no writable path; requests come and answers go over descriptor 3. */
#include <stdio.h>
#include <stdlib.h>

#include "base/dirs.h"
#include "base/message.h"
#include "base/process.h"
#include "crypto/digest.h"
#include "crypto/keystore.h"
#include "net/probe_wire.h"
#include "net/tls_probe.h"

#define SUPERVISOR 3

/* What resolving names reads, and the modules that it loads late. */
static const char *const readable[] = {
	"/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/ld.so.cache",
	"/lib", "/lib64", "/usr/lib", "/usr/lib64", NULL,
};

static int
read_probes(struct ce_message *message, struct ce_probe *probes, size_t count, struct ce_error *err)
{
	for (size_t i = 0; i < count; i++) {
		probes[i].host = ce_message_get_str(message);
		probes[i].port = (int)ce_message_get_int(message);
		probes[i].sni = ce_message_get_str(message);
		probes[i].timeout_ms = (int)ce_message_get_int(message);
		if (!probes[i].host)
			return ce_fail(err, CE_ERR_INVALID, "a probe without a host");
	}
	return ce_message_end(message, err);
}

static int
answer_probe(const struct ce_probe *probe, struct ce_error *err)
{
	CE_CLEANUP(ce_message_release) struct ce_message answer = CE_MESSAGE_INIT(CE_PROBE_DONE);
	ce_message_put_int(&answer, probe->code);
	ce_message_put_str(&answer, probe->problem);
	ce_message_put_bytes(&answer, ce_buf_bytes(&probe->chain));
	return ce_message_send(SUPERVISOR, &answer, err);
}

static int
serve_run(struct ce_message *message, struct ce_error *err)
{
	int64_t count = ce_message_get_int(message);
	if (count < 0 || count > CE_PROBE_BATCH)
		return ce_fail(err, CE_ERR_LIMIT, "%lld probes at once", (long long)count);
	static struct ce_probe probes[CE_PROBE_BATCH];
	int code = read_probes(message, probes, (size_t)count, err);
	if (code >= 0)
		code = ce_tls_probe_run(probes, (size_t)count, err);
	for (int64_t i = 0; i < count; i++) {
		if (code >= 0)
			code = answer_probe(&probes[i], err);
		ce_buf_release(&probes[i].chain);
		probes[i] = (struct ce_probe){ 0 };
	}
	return code;
}

static int
serve_keystore(struct ce_message *message, struct ce_error *err)
{
	struct ce_bytes bytes = ce_message_get_bytes(message);
	const char *password = ce_message_get_str(message);
	int code = ce_message_end(message, err);
	if (code < 0)
		return code;

	CE_CLEANUP(ce_keystore_release) struct ce_keystore keystore = { 0 };
	struct ce_error verdict = { 0 };
	code = ce_keystore_read(bytes, password, &keystore, &verdict);
	if (code >= 0 && keystore.count > CE_PROBE_ENTRIES_MAX)
		code = ce_fail(&verdict, CE_ERR_LIMIT, "the keystore has %zu entries; %d are read", keystore.count,
			CE_PROBE_ENTRIES_MAX);
	CE_CLEANUP(ce_message_release) struct ce_message answer = CE_MESSAGE_INIT(CE_PROBE_KEYSTORE_DONE);
	ce_message_put_int(&answer, code < 0 ? code : CE_OK);
	ce_message_put_str(&answer, code < 0 ? verdict.text : NULL);
	if (code >= 0) {
		ce_message_put_str(&answer, keystore.kind);
		ce_message_put_int(&answer, (int64_t)keystore.count);
		for (size_t i = 0; i < keystore.count; i++) {
			ce_message_put_str(&answer, keystore.entries[i].alias);
			ce_message_put_int(&answer, keystore.entries[i].is_key);
			ce_message_put_str(&answer, keystore.entries[i].fingerprint);
			ce_message_put_int(&answer, (int64_t)keystore.entries[i].chain_length);
		}
	}
	return ce_message_send(SUPERVISOR, &answer, err);
}

static int
serve_truststore(struct ce_message *message, struct ce_error *err)
{
	struct ce_bytes bytes = ce_message_get_bytes(message);
	struct ce_truststore_edit edit = { .ca = ce_message_get_bytes(message) };
	CE_CLEANUP(ce_strlist_release) struct ce_strlist ours = CE_STRLIST_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf made = CE_BUF_SECRET;
	edit.alias = ce_message_get_str(message);
	edit.password = ce_message_get_str(message);
	int code = ce_message_get_list(message, CE_PROBE_OURS_MAX, &ours, err);
	edit.when = ce_message_get_int(message);
	edit.ours = (const char *const *)ours.items;
	if (code >= 0)
		code = ce_message_end(message, err);
	if (code < 0)
		return code;

	struct ce_error verdict = { 0 };
	code = ce_truststore_add(bytes, &edit, &made, &verdict);
	CE_CLEANUP(ce_message_release) struct ce_message answer = CE_MESSAGE_INIT(CE_PROBE_TRUSTSTORE_DONE);
	ce_message_put_int(&answer, code);
	ce_message_put_str(&answer, code < 0 ? verdict.text : NULL);
	ce_message_put_bytes(&answer, ce_buf_bytes(&made));
	return ce_message_send(SUPERVISOR, &answer, err);
}

static const struct {
	int kind;
	int (*serve)(struct ce_message *message, struct ce_error *err);
} jobs[] = {
	{ CE_PROBE_RUN, serve_run },
	{ CE_PROBE_KEYSTORE, serve_keystore },
	{ CE_PROBE_TRUSTSTORE, serve_truststore },
};

static int
serve_one(struct ce_message *message, struct ce_error *err)
{
	for (size_t i = 0; i < CE_COUNT(jobs); i++)
		if (jobs[i].kind == message->kind)
			return jobs[i].serve(message, err);
	return ce_fail(err, CE_ERR_INVALID, "a job of unknown kind %d", message->kind);
}

/* Until the supervisor closes its end. */
static int
serve_all(struct ce_error *err)
{
	for (;;) {
		CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(0);
		int code = ce_message_receive(SUPERVISOR, -1, &message, err);
		if (code == CE_ERR_NOT_FOUND)
			return CE_OK;
		if (code >= 0)
			code = serve_one(&message, err);
		if (code < 0)
			return code;
	}
}

int
main(int argc, char **argv)
{
	(void)argv;
	ce_build_begin();
	if (argc != 1) {
		fprintf(stderr, "certengine-probe is started by certengine\n");
		return 2;
	}
	ce_process_hygiene(SUPERVISOR + 1);
	struct ce_error err = { 0 };
	int code = ce_crypto_begin(&err);
	if (code >= 0)
		code = ce_process_confine(readable, &err);
	if (code >= 0)
		code = serve_all(&err);
	if (code < 0)
		fprintf(stderr, "certengine-probe: %s\n", err.text);
	return code < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
