#include "cli/json.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"

#define SCHEMA_VERSION 1

/* Strings are made printable: consumers show them to people, and broken UTF-8 would be no JSON at all. NULL is null;
 * a NULL result is noticed when the document is put together. */
static json_t *
text_of(const char *text, bool lines)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf shown = CE_BUF_INIT;
	if (!text)
		return json_null();
	if (ce_text_add_printable(&shown, text, strlen(text), lines, NULL) < 0)
		return NULL;
	return json_string(ce_buf_text(&shown));
}

static json_t *
text(const char *value)
{
	return text_of(value, false);
}

static json_t *
moment(long long seconds)
{
	char when[21];
	if (seconds == 0)
		return json_null();
	ce_text_time(when, seconds);
	return json_string(when);
}

static json_t *
list(const struct ce_strlist *strings)
{
	json_t *array = json_array();
	for (size_t i = 0; array && i < strings->count; i++)
		if (json_array_append_new(array, text(strings->items[i])) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *
endpoint(const struct ce_endpoint_report *report)
{
	return json_pack("{s:o, s:i, s:o, s:o, s:o}", "host", text(report->host), "port", report->port,
		"sni", text(report->sni), "served", text(report->served[0] ? report->served : NULL),
		"problem", text(report->problem));
}

static json_t *
endpoints(const struct ce_target_report *report)
{
	json_t *array = json_array();
	for (size_t i = 0; array && i < report->endpoint_count; i++)
		if (json_array_append_new(array, endpoint(&report->endpoints[i])) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *
target(const struct ce_target_report *report)
{
	return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:b, s:I, s:o, s:o}",
		"name", text(report->name), "plugin", text(report->plugin),
		"state", ce_target_state_name(report->state), "step", text(report->step), "error", text(report->error),
		"diff", text_of(report->diff, true), "reload", text(report->reload), "reloaded", report->reloaded,
		"generation", (json_int_t)report->generation, "when", moment(report->when),
		"endpoints", endpoints(report));
}

static json_t *
targets(const struct ce_certificate_report *report)
{
	json_t *array = json_array();
	for (size_t i = 0; array && i < report->target_count; i++)
		if (json_array_append_new(array, target(&report->targets[i])) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

/* When the live certificate is renewed, and what the CA says about that. */
static json_t *
renewal(const struct ce_certificate_report *report)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "at", moment(report->renew_at), "why", text(report->renew_why),
		"window_start", moment(report->window_start), "window_end", moment(report->window_end),
		"next_poll", moment(report->next_poll), "explanation", text(report->explanation));
}

static json_t *
certificate(const struct ce_certificate_report *report)
{
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:i, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"name", text(report->name), "issuer", text(report->issuer), "names", list(&report->names),
		"state", ce_certificate_state_name(report->state), "reason", text(report->reason),
		"step", text(report->step), "error", text(report->error), "failure_class", text(report->failure_class),
		"failures", report->failures, "alert", text(report->alert), "generation", (json_int_t)report->generation,
		"fingerprint", text(report->fingerprint[0] ? report->fingerprint : NULL), "key", text(report->key_kind),
		"not_before", moment(report->not_before), "not_after", moment(report->not_after),
		"renew_at", moment(report->renew_at), "renewal", renewal(report), "wait_until", moment(report->wait_until),
		"targets", targets(report));
}

static json_t *
certificates(const struct ce_report *report)
{
	json_t *array = json_array();
	for (size_t i = 0; array && report && i < report->certificate_count; i++)
		if (json_array_append_new(array, certificate(&report->certificates[i])) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *
problems(const struct ce_problems *found)
{
	json_t *array = json_array();
	for (size_t i = 0; array && found && i < found->count; i++) {
		json_t *one = json_pack("{s:o, s:i, s:o}", "file", text(found->items[i].file), "line", found->items[i].line,
			"text", text(found->items[i].text));
		if (json_array_append_new(array, one) != 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *
failure(const struct ce_error *error)
{
	if (!error)
		return json_null();
	return json_pack("{s:s, s:o, s:o}", "code", ce_code_name(error->code),
		"step", text(error->step[0] ? error->step : NULL), "text", text(error->text));
}

CE_MUSTCHECK static int
print(struct ce_page *page, json_t *document, struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *owned = document;
	if (!owned)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	CE_CLEANUP(ce_freep) char *out = json_dumps(owned, JSON_INDENT(2));
	if (!out)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	ce_page_raw(page, out);
	ce_page_end(page);
	return CE_OK;
}

int
ce_json_outcome(struct ce_page *page, const struct ce_outcome_document *outcome, struct ce_error *err)
{
	static const struct ce_strlist none = CE_STRLIST_INIT;
	const struct ce_report *report = outcome->report;
	return print(page, json_pack("{s:i, s:s, s:i, s:o, s:o, s:o, s:o}", "schema_version", SCHEMA_VERSION,
		"command", outcome->command, "exit", outcome->status, "error", failure(outcome->error),
		"problems", problems(outcome->problems), "recovered", list(report ? &report->recovered : &none),
		"certificates", certificates(report)), err);
}

const char *
ce_option_type_name(int type)
{
	static const char *const names[] = {
		[CE_OPTION_STRING] = "string",
		[CE_OPTION_PATH] = "path",
		[CE_OPTION_INT] = "int",
		[CE_OPTION_BOOL] = "bool",
		[CE_OPTION_SECRET] = "secret",
		[CE_OPTION_LIST] = "list",
		[CE_OPTION_ENUM] = "enum",
	};
	return type > 0 && (size_t)type < CE_COUNT(names) ? names[type] : "unknown";
}

static json_t *
choices(const char *const *items)
{
	json_t *array = json_array();
	for (; array && items && *items; items++)
		if (json_array_append_new(array, text(*items)) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *
option(const struct ce_option *row)
{
	bool ranged = row->minimum != 0 || row->maximum != 0;
	return json_pack("{s:o, s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "name", text(row->name),
		"type", ce_option_type_name(row->type), "required", row->required != 0, "default", text(row->fallback),
		"minimum", ranged ? json_integer(row->minimum) : json_null(),
		"maximum", ranged ? json_integer(row->maximum) : json_null(),
		"choices", choices(row->choices), "help", text(row->help));
}

static json_t *
options(const struct ce_option *table)
{
	json_t *array = json_array();
	for (; array && table && table->name; table++)
		if (json_array_append_new(array, option(table)) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *
plugin(const struct ce_plugin_description *description)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:o, s:o}", "name", text(description->name),
		"version", text(description->version), "summary", text(description->summary),
		"path", text(description->path), "abi", (json_int_t)description->abi, "error", text(description->error),
		"options", options(description->options));
}

int
ce_json_plugins(struct ce_page *page, const struct ce_plugin_description *descriptions, size_t count,
	struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *array = json_array();
	for (size_t i = 0; array && i < count; i++)
		if (json_array_append_new(array, plugin(&descriptions[i])) != 0)
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	return print(page, json_pack("{s:i, s:O}", "schema_version", SCHEMA_VERSION, "plugins", array), err);
}

int
ce_json_plugin(struct ce_page *page, const struct ce_plugin_description *description, struct ce_error *err)
{
	return print(page, json_pack("{s:i, s:o}", "schema_version", SCHEMA_VERSION, "plugin", plugin(description)), err);
}

/* ------------------------------------------------------------ issuers, accounts */

int
ce_json_issuers(struct ce_page *page, const struct ce_config *config, struct ce_error *err)
{
	json_t *array = json_array();
	for (size_t i = 0; array && i < config->issuer_count; i++) {
		const struct ce_issuer_config *issuer = &config->issuers[i];
		json_t *one = json_pack("{s:o, s:o}", "name", text(issuer->name), "kind", text(issuer->kind));
		if (json_array_append_new(array, one) != 0) {
			json_decref(array);
			array = NULL;
		}
	}
	return print(page, json_pack("{s:i, s:s, s:o}", "schema_version", SCHEMA_VERSION, "command", "issuer", "issuers", array),
		err);
}

static json_t *
profiles(const struct ce_issuer_info *info)
{
	json_t *array = json_array();
	for (size_t i = 0; array && i < info->profiles.count; i++) {
		json_t *one = json_pack("{s:o, s:o}", "name", text(info->profiles.items[i]), "description",
			text(info->descriptions.items[i]));
		if (json_array_append_new(array, one) != 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *
issuer_info(const struct ce_issuer_info *info)
{
	if (!info)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:b}", "terms", text(info->terms), "website", text(info->website),
		"caa", list(&info->caa), "profiles", profiles(info), "external_account", info->external_account, "renewal_hints",
		info->renewal_hints, "revokes", info->revokes, "changes_keys", info->changes_keys);
}

int
ce_json_issuer(struct ce_page *page, const struct ce_issuer_config *issuer, const struct ce_issuer_info *info,
	struct ce_error *err)
{
	return print(page, json_pack("{s:i, s:s, s:o, s:o, s:o}", "schema_version", SCHEMA_VERSION, "command", "issuer", "issuer",
		text(issuer->name), "kind", text(issuer->kind), "info", issuer_info(info)), err);
}

static json_t *
account_object(const struct ce_account *account)
{
	if (!account->url)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "url", text(account->url), "status", text(account->status),
		"contact", list(&account->contact), "key", text(account->key_kind), "thumbprint", text(account->thumbprint), "terms",
		text(account->terms), "agreed_at", moment(account->agreed_at), "external_account", text(account->external));
}

int
ce_json_account(struct ce_page *page, const char *issuer, const char *outcome, const struct ce_account *account,
	struct ce_error *err)
{
	return print(page, json_pack("{s:i, s:s, s:o, s:o, s:o}", "schema_version", SCHEMA_VERSION, "command", "account", "issuer",
		text(issuer), "outcome", text(outcome), "account", account_object(account)), err);
}
