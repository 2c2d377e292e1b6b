#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"

static size_t
certificates_of(const struct ce_config *config, const char *issuer)
{
	size_t count = 0;
	for (size_t i = 0; i < config->certificate_count; i++)
		count += ce_strlist_has(&config->certificates[i].issuers, issuer);
	return count;
}

static int
list(struct ce_engine *engine, struct ce_cli *cli, struct ce_error *err)
{
	const struct ce_config *config = ce_engine_config(engine);
	size_t width = 0;
	if (cli->json)
		return ce_json_issuers(&cli->out, config, err);
	for (size_t i = 0; i < config->issuer_count; i++)
		if (strlen(config->issuers[i].name) > width)
			width = strlen(config->issuers[i].name);
	for (size_t i = 0; i < config->issuer_count; i++) {
		size_t count = certificates_of(config, config->issuers[i].name);
		ce_page_cell(&cli->out, CE_PAINT_NONE, width + 2, config->issuers[i].name);
		ce_page_line(&cli->out, "%-10s  %zu %s", config->issuers[i].kind, count, count == 1 ? "certificate" : "certificates");
	}
	if (config->issuer_count == 0)
		ce_page_line(&cli->out, "no issuers are configured");
	return CE_OK;
}

static void
show_texts(struct ce_page *page, const char *title, const struct ce_strlist *texts)
{
	if (texts->count == 0)
		return;
	ce_page_add(page, "%-18s", title);
	for (size_t i = 0; i < texts->count; i++)
		ce_page_add(page, "%s%s", i ? ", " : "", texts->items[i]);
	ce_page_end(page);
}

static void
show_info(struct ce_page *page, const struct ce_issuer_config *issuer, const struct ce_issuer_info *info)
{
	ce_page_line(page, "%-18s%s", "issuer", issuer->name);
	ce_page_line(page, "%-18s%s", "kind", issuer->kind);
	if (info->terms)
		ce_page_line(page, "%-18s%s", "terms of service", info->terms);
	if (info->website)
		ce_page_line(page, "%-18s%s", "website", info->website);
	show_texts(page, "names in CAA", &info->caa);
	if (info->external_account)
		ce_page_line(page, "%-18s%s", "accounts", "for the CA's customers only: eab.kid and eab.hmac_key_file");
	ce_page_line(page, "%-18s%s", "renewal hints", info->renewal_hints ? "yes" : "no");
	ce_page_line(page, "%-18s%s", "revokes", info->revokes ? "yes" : "no");
	ce_page_line(page, "%-18s%s", "changes keys", info->changes_keys ? "yes" : "no");
	if (info->profiles.count > 0)
		ce_page_line(page, "profiles");
	for (size_t i = 0; i < info->profiles.count; i++)
		ce_page_line(page, "  %-16s%s", info->profiles.items[i], info->descriptions.items[i]);
}

static int
info(struct ce_engine *engine, struct ce_cli *cli, struct ce_error *err)
{
	CE_CLEANUP(ce_issuer_info_release) struct ce_issuer_info info = { 0 };
	int code = ce_engine_issuer_info(engine, cli->arguments[1], &info, err);
	if (code < 0)
		return code;
	const struct ce_issuer_config *issuer = ce_config_issuer(ce_engine_config(engine), cli->arguments[1]);
	const struct ce_issuer_driver *driver = ce_issuer_driver(issuer->kind);
	if (cli->json)
		return ce_json_issuer(&cli->out, issuer, code == CE_OK ? &info : NULL, err);
	if (code == CE_OK)
		show_info(&cli->out, issuer, &info);
	else
		ce_page_line(&cli->out, "issuer '%s' is of kind '%s': %s", issuer->name, issuer->kind, driver->summary);
	return CE_OK;
}

int
ce_cli_issuer(struct ce_cli *cli)
{
	if (strcmp(cli->arguments[0], "list") == 0 && cli->argument_count == 1)
		return ce_session_tell(cli, list);
	if (strcmp(cli->arguments[0], "info") == 0 && cli->argument_count == 2)
		return ce_session_tell(cli, info);
	ce_page_line(&cli->err, "certengine: 'issuer' takes: %s", cli->command->arguments);
	return CE_EXIT_USAGE;
}
