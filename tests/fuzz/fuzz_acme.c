/* A CA that answers with any bytes. The input is cut at each 0xff into answers, used in turn and over
 * again: the first byte picks the status, then come header lines up to an empty line, then the body. Whatever they
 * are, the batch ends, each order has one outcome, and nothing but https is contacted (tests/unit/acme/stage.c
 * aborts otherwise). */
#include <stdlib.h>
#include <string.h>

#include "acme/directory.h"
#include "acme/pem.h"
#include "net/link.h"
#include "unit/acme/stage.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

struct input {
	const unsigned char *data;
	size_t size, at;
};

static struct ce_bytes
next(struct input *input)
{
	if (input->at >= input->size)
		input->at = 0;
	const unsigned char *from = input->data + input->at;
	const unsigned char *end = memchr(from, 0xff, input->size - input->at);
	size_t size = end ? (size_t)(end - from) : input->size - input->at;
	input->at += size + 1;
	return (struct ce_bytes){ from, size };
}

/* One "name: value" line; returns what follows it. */
static const char *
take_header(struct ce_http_answer *answer, const char *line)
{
	char name[64] = "", value[256] = "";
	size_t size = strcspn(line, "\n"), colon = strcspn(line, ":\n");
	if (colon < size && colon < sizeof(name) && size - colon - 1 < sizeof(value)) {
		memcpy(name, line, colon);
		memcpy(value, line + colon + 1, size - colon - 1);
		stage_header(answer, name, value);
		char *link = ce_link_find(value, "up", 0);
		free(link);
	}
	return line[size] ? line + size + 1 : line + size;
}

static void
answer(struct stage *stage, const struct ce_http_call *call, const char *payload, struct ce_http_answer *ret_answer)
{
	static const int statuses[] = { 200, 201, 200, 201, 302, 400, 403, 404, 429, 500, 503 };
	struct ce_bytes bytes = next(stage->context);
	(void)call;
	(void)payload;
	if (bytes.size == 0) {
		ret_answer->code = CE_ERR_NETWORK;
		return;
	}
	char *text = strndup((const char *)bytes.data + 1, bytes.size - 1);
	const char *at = text;
	while (*at && *at != '\n')
		at = take_header(ret_answer, at);
	if (*at == '\n')
		at++;
	if (bytes.data[0] & 0x40)
		stage_nonce(stage, ret_answer);
	stage_body(ret_answer, statuses[bytes.data[0] % (sizeof(statuses) / sizeof(statuses[0]))], at);
	free(text);
}

/* The same answers to errands, each of which must have one end. */
static void
run_errands(const unsigned char *data, size_t size)
{
	static const enum ce_acme_errand_kind kinds[] = { CE_ACME_RENEWAL_INFO, CE_ACME_ACCOUNT_SHOW, CE_ACME_ACCOUNT_ROLLOVER,
		CE_ACME_REVOKE };
	struct input input = { data, size, 0 };
	struct stage stage;
	stage_open(&stage, answer);
	stage.context = &input;
	stage.batch.issuers[0].has_account = size % 2;
	stage.batch.issuers[0].existing_only = true;
	for (size_t i = 0; i < CE_COUNT(kinds); i++) {
		struct ce_acme_errand_job *errand = stage_errand(&stage, kinds[i], kinds[i] == CE_ACME_REVOKE ? "1" : "AKI.serial");
		errand->own_key = kinds[i] == CE_ACME_ACCOUNT_ROLLOVER;
		errand->url = strdup("https://ca/account/1");
	}
	if (!stage_run(&stage))
		abort();
	for (size_t i = 0; i < CE_COUNT(kinds); i++)
		if (!stage.ended[i])
			abort();
	stage_close(&stage);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const char *const names[] = { "a.test", "b.test", NULL };
	struct input input = { data, size, 0 };
	struct ce_acme_directory directory = { 0 };
	struct ce_error err = { 0 };
	struct stage stage;
	if (size == 0 || size > 65536)
		return 0;
	if (ce_acme_directory_read((struct ce_bytes){ data, size }, &directory, &err) == CE_OK)
		ce_acme_directory_release(&directory);
	(void)!ce_acme_pem_check((struct ce_bytes){ data, size }, &err); /* must only not fall over */
	stage_open(&stage, answer);
	stage.context = &input;
	stage.batch.issuers[0].has_account = size % 2;
	stage_order(&stage, names, NULL);
	stage_order(&stage, names, "{\"directory\":\"https://ca/dir\",\"order\":\"https://ca/order\"}");
	if (!stage_run(&stage) || !stage.kinds[0] || !stage.kinds[1])
		abort();
	stage_close(&stage);
	run_errands(data, size);
	return 0;
}
