#include "cli/cli.h"

#define NAMES "[CERTIFICATE[/TARGET]...]"

const struct ce_command ce_commands[] = {
	{ "account", CE_CMD_ACCOUNT, "show | update | rollover | deactivate | new ISSUER", 2, 2,
		"look after the account at a CA",
		"'show' asks the CA, 'update' tells it the contacts of the configuration, 'rollover' gives the\n"
		"account another key, 'deactivate' ends it for good, 'new' puts what is kept of it aside, so\n"
		"that the next apply makes another. The last two want --yes.", ce_cli_account },
	{ "apply", CE_CMD_APPLY, NAMES, 0, -1, "make it true: obtain, install, reload, prove",
		"Requests the certificates that are due, installs them in their targets, reloads the\n"
		"products and proves by a TLS handshake that they serve them. What fails is put back.\n"
		"Run again, it changes nothing. This is what cron runs.", ce_cli_apply },
	{ "check", CE_CMD_CHECK, "", 0, 0, "read the configuration and report everything that is wrong with it",
		"Reads the configuration, loads the plugins it names and checks every option.", ce_cli_check },
	{ "export", CE_CMD_EXPORT, "CERTIFICATE | --issuer ISSUER", 1, 1, "hand out a certificate, or the root of a private CA",
		"Writes the live certificate with its chain, or another --part, in a --format. With --issuer\n"
		"it writes the roots of a private CA for the machines that must trust it. A private key goes\n"
		"to a file only.", ce_cli_export },
	{ "help", CE_CMD_HELP, "[COMMAND]", 0, 1, "show help", "Shows help on a command, or on all.", ce_cli_help },
	{ "import", CE_CMD_IMPORT, "CERTIFICATE [FILE...]", 1, -1, "take the answer of a CA that a person speaks to",
		"Takes the files that the CA sent for the certificate's request: PEM, DER or PKCS#7, in any\n"
		"order. They are checked and kept; the next apply installs them. With --withdraw and no FILE\n"
		"the request is given up.", ce_cli_import },
	{ "issuer", CE_CMD_ISSUER, "list | info ISSUER", 1, 2, "list the issuers, or ask one what it offers",
		"'list' shows the configured issuers. 'info' asks the CA for its terms of service, its website,\n"
		"the names it goes by in CAA records, and its profiles.", ce_cli_issuer },
	{ "plan", CE_CMD_PLAN, NAMES, 0, -1, "show what apply would do, and do nothing",
		"Shows which certificates are due and why, and for each target the changes to its files,\n"
		"how it would be reloaded and where it would be verified.", ce_cli_plan },
	{ "plugin", CE_CMD_PLUGIN, "list | info NAME", 1, 2, "list the plugins, or show the options of one",
		"'list' shows the installed plugins, 'info NAME' one plugin with its options.", ce_cli_plugin },
	{ "recover", CE_CMD_RECOVER, "", 0, 0, "repair what a run that was killed left behind",
		"Brings the targets of every unfinished transaction to entirely old or entirely new.\n"
		"Every apply does this first.", ce_cli_recover },
	{ "revoke", CE_CMD_REVOKE, "CERTIFICATE", 1, 1, "revoke a certificate",
		"Tells the CA that a generation of the certificate is no longer to be trusted. With the reason\n"
		"keyCompromise its key is never used again, and a replacement is issued and deployed first.", ce_cli_revoke },
	{ "rollback", CE_CMD_ROLLBACK, "CERTIFICATE [GENERATION]", 1, 2, "deploy an earlier generation of a certificate",
		"Installs the generation before the live one, or the one that is named, in all targets of\n"
		"the certificate, as apply does it. 'status --json' tells the live one.", ce_cli_rollback },
	{ "status", CE_CMD_STATUS, NAMES, 0, -1, "show certificates and targets as of the last run",
		"Shows what the store knows; asks no product and no network.", ce_cli_status },
	{ "verify", CE_CMD_VERIFY, NAMES, 0, -1, "compare what is desired, installed and served",
		"Looks into the products' files and at their endpoints, and changes nothing.", ce_cli_verify },
	{ "version", CE_CMD_VERSION, "", 0, 0, "show the version", "Shows the version.", ce_cli_version },
	{ NULL, 0, NULL, 0, 0, NULL, NULL, NULL },
};

const struct ce_exit_text ce_exit_texts[] = {
	{ CE_EXIT_OK, "success, including nothing to do" },
	{ CE_EXIT_FAILED, "failed; targets are as before, or rolled back and verified" },
	{ CE_EXIT_USAGE, "usage or configuration error; nothing was attempted" },
	{ CE_EXIT_PARTIAL, "some certificates or targets failed, others succeeded" },
	{ CE_EXIT_DRIFT, "drift or pending changes (verify; plan and apply with --exit-code)" },
	{ CE_EXIT_HELP, "help is needed: a rollback failed, or what is served is unknown" },
	{ CE_EXIT_LOCKED, "another run held the lock for longer than --lock-wait" },
	{ CE_EXIT_WAIT, "the CA asks to wait, a failure is still too fresh to try again, or an operator must act; a later run resumes" },
	{ 0, NULL },
};
