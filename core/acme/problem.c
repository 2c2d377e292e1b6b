#include "acme/problem.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

static const char prefix[] = "urn:ietf:params:acme:error:";

/* RFC 8555 section 6.7 and the profiles draft; "agreementRequired" is what older servers send. */
static const struct {
	const char *type;
	enum ce_acme_class class;
	const char *advice;
} types[] = {
	{ "accountDoesNotExist", CE_ACME_INPUT, NULL },
	{ "agreementRequired", CE_ACME_INPUT, "agree to the CA's terms of service" },
	{ "badCSR", CE_ACME_INPUT, "the CA does not accept this key kind or subject" },
	{ "badNonce", CE_ACME_CA, NULL },
	{ "badPublicKey", CE_ACME_INPUT, "choose another account_key" },
	{ "badSignatureAlgorithm", CE_ACME_INPUT, "choose another account_key" },
	{ "caa", CE_ACME_INPUT, "a CAA record in DNS forbids this CA" },
	{ "compound", CE_ACME_INPUT, NULL },
	{ "connection", CE_ACME_ENVIRONMENT, "the CA must reach the name on port 80" },
	{ "dns", CE_ACME_ENVIRONMENT, "the name must resolve in public DNS" },
	{ "externalAccountRequired", CE_ACME_INPUT, "set eab.kid and eab.hmac_key_file as the CA gave them" },
	{ "incorrectResponse", CE_ACME_ENVIRONMENT, "the name must lead to this machine, or to the webroot configured" },
	{ "invalidContact", CE_ACME_INPUT, "correct contact" },
	{ "invalidProfile", CE_ACME_INPUT, NULL },
	{ "malformed", CE_ACME_INPUT, NULL },
	{ "orderNotReady", CE_ACME_CA, NULL },
	{ "rateLimited", CE_ACME_LIMIT, NULL },
	{ "rejectedIdentifier", CE_ACME_INPUT, "the CA does not issue for this name" },
	{ "serverInternal", CE_ACME_CA, NULL },
	{ "tls", CE_ACME_ENVIRONMENT, NULL },
	{ "unauthorized", CE_ACME_ENVIRONMENT, NULL },
	{ "unsupportedContact", CE_ACME_INPUT, "use mailto: addresses in contact" },
	{ "unsupportedIdentifier", CE_ACME_INPUT, "the CA does not issue for this kind of name" },
	{ "userActionRequired", CE_ACME_INPUT, "agree to the CA's terms of service" },
};

/* What a bare status means; the first row that reaches it counts. */
static const struct {
	int from;
	enum ce_acme_class class;
} statuses[] = {
	{ 500, CE_ACME_CA }, { 430, CE_ACME_CA }, { 429, CE_ACME_LIMIT }, { 404, CE_ACME_CA },
	{ 401, CE_ACME_ENVIRONMENT }, { 400, CE_ACME_INPUT }, { 0, CE_ACME_CA },
};

static void
classify(struct ce_acme_problem *problem)
{
	for (size_t i = 0; i < CE_COUNT(statuses); i++) {
		if (problem->status >= statuses[i].from) {
			problem->class = statuses[i].class;
			break;
		}
	}
	for (size_t i = 0; i < CE_COUNT(types); i++) {
		if (!strcmp(types[i].type, problem->type)) {
			problem->class = types[i].class;
			problem->advice = types[i].advice;
		}
	}
}

static const char *
short_type(const json_t *object)
{
	const char *type = ce_json_text(object, "type");
	if (!type || !strcmp(type, "about:blank"))
		return "";
	return strncmp(type, prefix, sizeof(prefix) - 1) ? type : type + sizeof(prefix) - 1;
}

static void
append(char *out, size_t room, const char *text)
{
	size_t used = strlen(out);
	ce_text_printable(out + used, room - used, text);
}

bool
ce_acme_problem_line(const json_t *subproblem, char *out, size_t room)
{
	const char *name = ce_json_text(json_object_get(subproblem, "identifier"), "value");
	const char *type = short_type(subproblem), *detail = ce_json_text(subproblem, "detail");
	out[0] = '\0';
	const char *const parts[] = { name, type, detail };
	for (size_t i = 0; i < CE_COUNT(parts); i++) {
		if (!parts[i] || !parts[i][0])
			continue;
		append(out, room, out[0] ? ": " : "");
		append(out, room, parts[i]);
	}
	return out[0] != '\0';
}

static void
read_members(struct ce_acme_problem *problem, const json_t *object)
{
	const char *detail = ce_json_text(object, "detail"), *title = ce_json_text(object, "title");
	const char *instance = ce_json_text(object, "instance");
	ce_text_printable(problem->type, sizeof(problem->type), short_type(object));
	ce_text_printable(problem->text, sizeof(problem->text), detail ? detail : title ? title : "");
	ce_text_printable(problem->instance, sizeof(problem->instance), instance ? instance : "");
	const json_t *subs = json_object_get(object, "subproblems");
	for (size_t i = 0; i < json_array_size(subs); i++) {
		char line[400];
		if (!ce_acme_problem_line(json_array_get(subs, i), line, sizeof(line)))
			continue;
		append(problem->text, sizeof(problem->text), problem->text[0] ? "; " : "");
		append(problem->text, sizeof(problem->text), line);
	}
}

void
ce_acme_problem_read(struct ce_acme_problem *ret_problem, const json_t *object)
{
	*ret_problem = (struct ce_acme_problem){ .class = CE_ACME_CA };
	if (object)
		read_members(ret_problem, object);
	classify(ret_problem);
}

void
ce_acme_problem_of(struct ce_acme_problem *ret_problem, const struct ce_http_answer *answer)
{
	*ret_problem = (struct ce_acme_problem){ .status = answer->status };
	CE_CLEANUP(json_decrefp) json_t *json = ce_json_object(ce_buf_bytes(&answer->body));
	if (json)
		read_members(ret_problem, json);
	classify(ret_problem);
	/* A front end that is overloaded tells when to come back, but speaks no JSON. */
	if (answer->status == 503 && ce_http_header(answer, "Retry-After", 0))
		ret_problem->class = CE_ACME_LIMIT;
	CE_CLEANUP(ce_freep) char *help = ce_http_link(answer, "help", 0);
	ce_text_printable(ret_problem->help, sizeof(ret_problem->help), help ? help : "");
	const char *location = ce_http_header(answer, "Location", 0);
	if (answer->status < 400 && location) {
		append(ret_problem->text, sizeof(ret_problem->text), "it redirects to ");
		append(ret_problem->text, sizeof(ret_problem->text), location);
	}
}

void
ce_acme_problem_sentence(const struct ce_acme_problem *problem, char *out, size_t room)
{
	char status[24] = "";
	if (problem->status)
		snprintf(status, sizeof(status), problem->type[0] ? " (%d)" : "HTTP status %d", problem->status);
	snprintf(out, room, "%s%s%s%s%s%s%s%s", problem->type, status, problem->text[0] ? ": " : "", problem->text,
		problem->advice ? "; " : "", problem->advice ? problem->advice : "", problem->help[0] ? "; see " : "", problem->help);
}
