/* Relations between options, found when the target is created. */
#include "driver.h"

static const struct {
	const char *options;
	int code;
	const char *words;
} cases[] = {
	{ "base=" BASE ";unit=tomcat10.service", CE_OK, NULL },
	{ "base=" BASE ";restart_command=/usr/bin/restart,tomcat", CE_OK, NULL },
	{ "base=" BASE ";manager_url=http://127.0.0.1:8080/manager;manager_credentials=/c", CE_OK, NULL },
	{ "base=" BASE ";manager_url=http://[::1]:8080/manager/;manager_credentials=/c", CE_OK, NULL },
	{ "base=" BASE ";reload=manager;manager_url=https://t/manager;manager_credentials=/c", CE_OK, NULL },
	{ "base=" BASE, CE_ERR_CONFIG, "nothing says how this Tomcat is to load a new certificate" },
	{ "base=" BASE ";reload=manager;unit=u", CE_ERR_CONFIG, "needs 'manager_url'" },
	{ "base=" BASE ";manager_url=http://127.0.0.1:8080/manager", CE_ERR_CONFIG, "needs 'manager_credentials'" },
	{ "base=" BASE ";manager_url=http://tomcat:8080/manager;manager_credentials=/c", CE_ERR_CONFIG, "in clear" },
	{ "base=" BASE ";manager_url=http://127.0.0.1.example.com/m;manager_credentials=/c", CE_ERR_CONFIG, "in clear" },
	{ "base=" BASE ";manager_url=http://a:b@127.0.0.1/m;manager_credentials=/c", CE_ERR_CONFIG, "plain URL" },
	{ "base=" BASE ";manager_url=ftp://127.0.0.1/m;manager_credentials=/c", CE_ERR_CONFIG, "use https" },
	{ "base=" BASE ";reload=command;unit=u", CE_ERR_CONFIG, "needs 'reload_command'" },
	{ "base=" BASE ";reload=unit;reload_command=/bin/true", CE_ERR_CONFIG, "nothing says how" },
	{ "base=" BASE ";reload_command=reload", CE_ERR_CONFIG, "absolute path" },
	{ "base=" BASE ";restart_command=sh,-c", CE_ERR_CONFIG, "option 'restart_command'" },
	{ "base=" BASE ";unit=-x", CE_ERR_CONFIG, "no name of a systemd unit" },
	{ "base=" BASE ";unit=a b", CE_ERR_CONFIG, "no name of a systemd unit" },
	{ "base=" BASE ";unit=u;keystore=/k;key_file=/k", CE_ERR_CONFIG, "are mixed" },
	{ "base=" BASE ";unit=u;keystore=/k;form=pem", CE_ERR_CONFIG, "are mixed" },
	{ "base=" BASE ";unit=u;certificate_file=/k;form=keystore", CE_ERR_CONFIG, "are mixed" },
	{ "base=" BASE ";unit=u;certificate_file=/c;chain_file=/c", CE_ERR_CONFIG, "the same file" },
	{ "base=" BASE ";unit=u;password_in=attribute;password_file=/p", CE_ERR_CONFIG, "password_in says attribute" },
	{ "base=" BASE ";unit=u;alias=Tomcat", CE_ERR_CONFIG, "lower case" },
	{ "base=" BASE ";unit=u;alias=\xc3\xa9", CE_ERR_CONFIG, "printable ASCII" },
	{ "base=" BASE ";unit=u;host_name=a/b", CE_ERR_CONFIG, "no DNS name" },
};

static void
accepts_what_fits_and_names_what_does_not(void)
{
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		ce_call call;
		driver_begin(&call, "<Server/>", "9.0.98", cases[i].options);
		int rc = driver_create(&call);
		if (cases[i].code == CE_OK)
			CU_ASSERT_EQUAL(rc, CE_OK)
		else
			driver_refused(&call, rc, cases[i].code, cases[i].words);
		fake_release(&call);
	}
}

static void
judges_versions_given_by_the_operator(void)
{
	static const struct {
		const char *version;
		int code;
		bool file; /* whether the password goes to a file */
	} versions[] = {
		{ "9", CE_OK, false }, { "9.0", CE_OK, false }, { "9.0.82", CE_OK, false }, { "9.0.83", CE_OK, true },
		{ "9.1.0", CE_OK, true }, { "8.5.96", CE_OK, true }, { "8.5.95", CE_OK, false }, { "10.0.27", CE_OK, false },
		{ "10.1.16", CE_OK, true }, { "10.1.15", CE_OK, false }, { "11", CE_OK, true }, { "11.0.0-M1", CE_OK, true },
		{ "12.0.1", CE_OK, true }, { "7.0.109", CE_ERR_PRODUCT, false }, { "8.0", CE_ERR_PRODUCT, false },
		{ "x", CE_ERR_CONFIG, false }, { "9x", CE_ERR_CONFIG, false }, { "9..1", CE_ERR_CONFIG, false },
		{ "", CE_ERR_CONFIG, false },
	};
	for (size_t i = 0; i < CE_COUNT(versions); i++) {
		char options[128];
		ce_call call;
		snprintf(options, sizeof(options), "base=" BASE ";unit=u;version=%s", versions[i].version);
		driver_begin(&call, "<Server><Service><Engine/></Service></Server>", "9.0.98", options);
		CU_ASSERT_EQUAL(driver_install(&call), versions[i].code);
		bool file = fake_get(&call, BASE "/conf/shop-8443.password") != NULL;
		if (file != versions[i].file)
			fprintf(stderr, "\nversion %s\n", versions[i].version);
		CU_ASSERT_EQUAL(file, versions[i].file);
		fake_release(&call);
	}
}

static void
every_option_has_a_help_line_and_a_row_in_the_manual(void)
{
	CE_CLEANUP(ce_freep) char *manual = driver_fixture("../tomcat", ".md");
	CU_ASSERT_PTR_NOT_NULL_FATAL(manual);
	for (const struct ce_option *option = certengine_plugin.options; option->name; option++) {
		char row[64];
		snprintf(row, sizeof(row), "\n| `%s` |", option->name);
		if (!strstr(manual, row))
			fprintf(stderr, "\nthe manual has no row for '%s'\n", option->name);
		CU_ASSERT_PTR_NOT_NULL(strstr(manual, row));
		CU_ASSERT(option->help && option->help[0] != '\0');
	}
}

const struct ce_test settings_tests[] = {
	{ "accepts what fits and names what does not", accepts_what_fits_and_names_what_does_not },
	{ "judges versions given by the operator", judges_versions_given_by_the_operator },
	{ "every option has a help line and a row in the manual", every_option_has_a_help_line_and_a_row_in_the_manual },
	{ NULL, NULL },
};
