#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/json.h"

static const struct {
	const char *word;
	enum ce_account_action action;
	bool final;               /* wants --yes */
	const char *done, *nothing;
} actions[] = {
	{ "show", CE_ACCOUNT_SHOW, false, NULL, NULL },
	{ "update", CE_ACCOUNT_UPDATE, false, "the CA has the contacts of the configuration", NULL },
	{ "rollover", CE_ACCOUNT_ROLLOVER, false, "the account has a new key", NULL },
	{ "deactivate", CE_ACCOUNT_DEACTIVATE, true, "the account is deactivated, for good", NULL },
	{ "new", CE_ACCOUNT_NEW, true, "what was kept of the account is put aside; the next 'certengine apply' makes another",
		"nothing is kept of an account; the next 'certengine apply' makes one" },
};

static void
show_account(struct ce_page *page, const struct ce_account *account)
{
	char when[21];
	ce_page_line(page, "%-18s%s", "account", account->url ? account->url : "-");
	ce_page_line(page, "%-18s%s", "status", account->status ? account->status : "the CA does not say");
	ce_page_add(page, "%-18s", "contact");
	for (size_t i = 0; i < account->contact.count; i++)
		ce_page_add(page, "%s%s", i ? ", " : "", account->contact.items[i]);
	ce_page_line(page, "%s", account->contact.count ? "" : "none that the CA shows");
	ce_page_line(page, "%-18s%s, thumbprint %s", "key", account->key_kind ? account->key_kind : "?",
		account->thumbprint ? account->thumbprint : "?");
	if (account->terms) {
		ce_text_time(when, account->agreed_at);
		ce_page_line(page, "%-18s%s, on %s", "agreed to", account->terms, when);
	}
	if (account->external)
		ce_page_line(page, "%-18s%s", "external account", account->external);
}

static size_t
action_of(const struct ce_cli *cli)
{
	size_t i = 0;
	while (i < CE_COUNT(actions) && strcmp(actions[i].word, cli->arguments[0]) != 0)
		i++;
	return i;
}

static int
tell(struct ce_engine *engine, struct ce_cli *cli, struct ce_error *err)
{
	CE_CLEANUP(ce_account_release) struct ce_account account = { 0 };
	size_t row = action_of(cli);
	const char *issuer = cli->arguments[1];
	int code = ce_engine_account(engine, issuer, actions[row].action, &account, err);
	if (code < 0)
		return code;
	const char *outcome = code == CE_UNCHANGED && actions[row].nothing ? actions[row].nothing : actions[row].done;
	if (cli->json)
		return ce_json_account(&cli->out, issuer, outcome, &account, err);
	if (outcome)
		ce_page_line(&cli->out, "%s: %s", issuer, outcome);
	if (account.url)
		show_account(&cli->out, &account);
	return CE_OK;
}

/* What cannot be taken back is never asked about, and never done without being told twice. */
int
ce_cli_account(struct ce_cli *cli)
{
	size_t row = action_of(cli);
	if (row == CE_COUNT(actions) || cli->argument_count != 2) {
		ce_page_line(&cli->err, "certengine: 'account' takes: %s", cli->command->arguments);
		return CE_EXIT_USAGE;
	}
	if (actions[row].final && !cli->yes) {
		ce_page_line(&cli->err, "certengine: 'account %s' cannot be taken back: add --yes if you mean it", actions[row].word);
		return CE_EXIT_USAGE;
	}
	return ce_session_tell(cli, tell);
}
