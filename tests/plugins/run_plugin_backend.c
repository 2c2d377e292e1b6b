#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "run_plugin.h"

static int
material(const struct ce_plugin_target *target, const struct ce_material *wanted, struct ce_bytes existing,
	const char *path, struct ce_buf *ret_bytes, char **ret_note, struct ce_error *err)
{
	if (existing.size >= 7 && memcmp(existing.data, "FOREIGN", 7) == 0)
		return ce_fail(err, CE_ERR_REFUSED, "'%s' holds entries of somebody else", path);
	int code = ce_buf_addf(ret_bytes, err, "material %d for %s\n", wanted->kind, target->certificate);
	if (code != CE_OK)
		return code;
	*ret_note = strdup("material");
	return *ret_note ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

static int
truststore(const struct ce_plugin_target *target, const struct ce_trust_words *words, struct ce_bytes existing,
	struct ce_buf *ret_bytes, char **ret_note, struct ce_error *err)
{
	if (existing.size >= 4 && memcmp(existing.data, "HAS ", 4) == 0)
		return CE_UNCHANGED;
	int code = ce_buf_addf(ret_bytes, err, "%s trusted for %s\n", words->alias, target->certificate);
	if (code != CE_OK)
		return code;
	*ret_note = strdup(words->password);
	return *ret_note ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

static int
secret(const struct ce_plugin_target *target, const char *name, char **ret_text, struct ce_error *err)
{
	(void)target;
	char text[128];
	(void)snprintf(text, sizeof(text), "generated-%s", name);
	*ret_text = strdup(text);
	return *ret_text ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

static int
http(const struct ce_plugin_target *target, const struct ce_http_request *request, int *ret_status,
	struct ce_buf *ret_body, struct ce_error *err)
{
	(void)target;
	*ret_status = 200;
	return ce_buf_addf(ret_body, err, "%s %s with %s and %zu bytes", request->method, request->url,
		request->credentials_file ? request->credentials_file : "no credentials", request->body.size);
}

static void
log_line(const struct ce_plugin_target *target, int level, const char *line)
{
	printf("log %s %d %s\n", target->name, level, line);
}

const struct ce_plugin_backend run_plugin_backend = { material, truststore, secret, http, log_line };

/* ----------------------------------------------------------------- printing */

static void
print_argv(const char *label, const struct ce_strlist *argv)
{
	for (size_t i = 0; i < argv->count; i++)
		printf("%s%s", i == 0 ? label : " ", argv->items[i]);
}

static void
print_change(const struct ce_change *change)
{
	char shown[4096];
	if (change->kind == CE_CHANGE_WRITE) {
		ce_text_printable(shown, sizeof(shown), ce_buf_text(&change->bytes));
		printf("write %s %04o %s\n", change->path, (unsigned)change->mode, change->note ? change->note : shown);
	} else if (change->kind == CE_CHANGE_REMOVE) {
		printf("remove %s\n", change->path);
	} else {
		printf("command %s", change->what);
		print_argv(": ", &change->do_argv);
		print_argv(" undo: ", &change->undo_argv);
		print_argv(" check: ", &change->check_argv);
		printf("\n");
	}
}

void
run_plugin_print_staged(const struct ce_staged *staged)
{
	for (size_t i = 0; i < staged->changes.count; i++)
		print_change(&staged->changes.items[i]);
	for (size_t i = 0; i < staged->changes.secrets.count; i++)
		printf("mask %s\n", staged->changes.secrets.items[i]);
	if (staged->reload_key)
		printf("reload by %s (%s)\n", staged->reload_key, staged->reload_text ? staged->reload_text : "");
	for (size_t i = 0; i < staged->endpoint_count; i++)
		printf("endpoint %s %d %s\n", staged->endpoints[i].host, staged->endpoints[i].port,
			staged->endpoints[i].sni ? staged->endpoints[i].sni : "-");
}

void
run_plugin_print_discovery(const struct ce_plugin_discovery *discovery)
{
	for (size_t i = 0; i < discovery->count; i++) {
		const struct ce_plugin_found *found = &discovery->items[i];
		printf("found %s\n", found->title);
		for (size_t j = 0; j < found->names.count; j++)
			printf("  %s = %s\n", found->names.items[j], found->values.items[j]);
	}
}

void
run_plugin_print_info(const struct ce_plugin_info *info)
{
	printf("%s %s (ABI %u): %s\n", info->name, info->version, info->abi, info->summary);
	for (const struct ce_option *row = info->options; row->name; row++)
		printf("  %s %d%s %s: %s\n", row->name, row->type, row->required ? " required" : "",
			row->fallback ? row->fallback : "-", row->help);
}
