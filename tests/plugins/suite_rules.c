/* The table of rules says what certengine/plugin.h promises: the letters behind each service. */
#include <string.h>

#include "base/cleanup.h"
#include "plugin/rules.h"
#include "plugin/wire.h"
#include "suites.h"

static const struct {
	int service;
	const char *where;
} promised[] = {
	{ CE_WIRE_LOG, "cdirev" }, { CE_WIRE_MASK, "cdirev" }, { CE_WIRE_READ, "cdirev" }, { CE_WIRE_STAT, "cdirev" },
	{ CE_WIRE_LIST, "cdirev" }, { CE_WIRE_ARCHIVE_MEMBER, "cdirev" }, { CE_WIRE_WRITE, "i" },
	{ CE_WIRE_MATERIAL, "i" }, { CE_WIRE_TRUSTSTORE, "i" },
	{ CE_WIRE_REMOVE, "i" }, { CE_WIRE_COMMAND, "i" }, { CE_WIRE_SECRET, "ir" },
	{ CE_WIRE_RELOAD_BY, "i" }, { CE_WIRE_RUN, "drv" }, { CE_WIRE_HTTP, "rv" }, { CE_WIRE_ENDPOINT, "e" },
	{ CE_WIRE_FOUND_BEGIN, "d" }, { CE_WIRE_FOUND_OPTION, "d" }, { CE_WIRE_CERTIFICATE, "irev" },
	{ CE_WIRE_COMMITTED, "r" }, { CE_WIRE_XML_OPEN, "direv" }, { CE_WIRE_XML_STAGE, "i" },
};

static void
services_are_allowed_where_the_header_says(void)
{
	for (size_t i = 0; i < CE_COUNT(promised); i++)
		for (int request = CE_WIRE_CREATE; request <= CE_WIRE_VERIFY; request++) {
			const struct ce_phase *phase = ce_phase_of(request);
			bool wanted = strchr(promised[i].where, phase->letter) != NULL;
			CU_ASSERT_EQUAL(ce_service_allowed(promised[i].service, phase), wanted);
		}
}

static void
every_service_has_a_rule(void)
{
	CU_ASSERT_EQUAL(CE_COUNT(promised), CE_WIRE_XML_STAGE - CE_WIRE_LOG + 1);
	for (int service = CE_WIRE_LOG; service <= CE_WIRE_XML_STAGE; service++)
		CU_ASSERT_PTR_NOT_NULL(ce_service_name(service));
}

static void
what_is_no_service_is_never_allowed(void)
{
	CU_ASSERT_PTR_NULL(ce_service_name(CE_WIRE_RESULT));
	CU_ASSERT_FALSE(ce_service_allowed(CE_WIRE_RESULT, ce_phase_of(CE_WIRE_INSTALL)));
	CU_ASSERT_FALSE(ce_service_allowed(9999, ce_phase_of(CE_WIRE_INSTALL)));
	CU_ASSERT_PTR_NULL(ce_phase_of(CE_WIRE_RESULT));
	CU_ASSERT_PTR_NULL(ce_phase_of(CE_WIRE_LOG));
}

const struct ce_test rules_tests[] = {
	{ "services are allowed where the header says", services_are_allowed_where_the_header_says },
	{ "every service has a rule", every_service_has_a_rule },
	{ "what is no service is never allowed", what_is_no_service_is_never_allowed },
	{ NULL, NULL },
};
