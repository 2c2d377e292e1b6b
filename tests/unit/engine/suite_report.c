#include <string.h>

#include "engine/engine_own.h"
#include "suites.h"

extern const struct ce_test report_tests[];

/* One certificate with up to three targets; -1 ends them. */
struct shape {
	enum ce_certificate_state state;
	int targets[4];
};

static int
exit_of(const struct shape *shapes, size_t count, bool drift_counts)
{
	struct ce_certificate_report certificates[4];
	struct ce_target_report targets[4][4];
	struct ce_report report = { .certificates = certificates, .certificate_count = count };
	memset(certificates, 0, sizeof(certificates));
	memset(targets, 0, sizeof(targets));
	for (size_t i = 0; i < count; i++) {
		certificates[i].state = shapes[i].state;
		certificates[i].targets = targets[i];
		for (size_t j = 0; shapes[i].targets[j] >= 0; j++) {
			targets[i][j].state = (enum ce_target_state)shapes[i].targets[j];
			certificates[i].target_count++;
		}
	}
	return ce_report_exit(&report, drift_counts);
}

/* The table of design.md section 10 for one certificate. */
static void
tells_the_truth_about_one_certificate(void)
{
	static const struct {
		struct shape shape;
		int plain, counted; /* without and with changes counting */
	} rows[] = {
		{ { CE_CERTIFICATE_OK, { CE_TARGET_OK, -1 } }, 0, 0 },
		{ { CE_CERTIFICATE_OK, { -1 } }, 0, 0 },
		{ { CE_CERTIFICATE_ISSUED, { CE_TARGET_DEPLOYED, -1 } }, 0, 0 },
		{ { CE_CERTIFICATE_ISSUED, { CE_TARGET_UNVERIFIED, -1 } }, 0, 0 },
		{ { CE_CERTIFICATE_DUE, { CE_TARGET_PENDING, -1 } }, 0, 4 },
		{ { CE_CERTIFICATE_DUE, { -1 } }, 0, 4 },
		{ { CE_CERTIFICATE_OK, { CE_TARGET_DRIFT, -1 } }, 0, 4 },
		{ { CE_CERTIFICATE_OK, { CE_TARGET_FAILED, -1 } }, 1, 1 },
		{ { CE_CERTIFICATE_OK, { CE_TARGET_ROLLED_BACK, -1 } }, 1, 1 },
		{ { CE_CERTIFICATE_FAILED, { -1 } }, 1, 1 },
		{ { CE_CERTIFICATE_FAILED, { CE_TARGET_PENDING, -1 } }, 1, 1 },
		{ { CE_CERTIFICATE_FAILED, { CE_TARGET_OK, -1 } }, 3, 3 },
		{ { CE_CERTIFICATE_OK, { CE_TARGET_FAILED, CE_TARGET_OK, -1 } }, 3, 3 },
		{ { CE_CERTIFICATE_OK, { CE_TARGET_FAILED, CE_TARGET_DRIFT, -1 } }, 1, 1 },
		{ { CE_CERTIFICATE_OK, { CE_TARGET_ROLLED_BACK, CE_TARGET_DEPLOYED, -1 } }, 3, 3 },
		{ { CE_CERTIFICATE_OK, { CE_TARGET_UNKNOWN, -1 } }, 5, 5 },
		{ { CE_CERTIFICATE_OK, { CE_TARGET_UNKNOWN, CE_TARGET_OK, CE_TARGET_FAILED, -1 } }, 5, 5 },
		{ { CE_CERTIFICATE_WAITING, { -1 } }, 7, 7 },
		{ { CE_CERTIFICATE_WAITING, { CE_TARGET_OK, -1 } }, 7, 7 },
		{ { CE_CERTIFICATE_WAITING, { CE_TARGET_PENDING, -1 } }, 7, 7 },
		{ { CE_CERTIFICATE_WAITING, { CE_TARGET_FAILED, -1 } }, 1, 1 },
		{ { CE_CERTIFICATE_WAITING, { CE_TARGET_UNKNOWN, -1 } }, 5, 5 },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		CU_ASSERT_EQUAL(exit_of(&rows[i].shape, 1, false), rows[i].plain);
		CU_ASSERT_EQUAL(exit_of(&rows[i].shape, 1, true), rows[i].counted);
	}
}

static void
weighs_certificates_against_each_other(void)
{
	static const struct shape failed = { CE_CERTIFICATE_FAILED, { -1 } }, good = { CE_CERTIFICATE_OK, { -1 } },
				  waiting = { CE_CERTIFICATE_WAITING, { -1 } }, due = { CE_CERTIFICATE_DUE, { -1 } },
				  lost = { CE_CERTIFICATE_OK, { CE_TARGET_UNKNOWN, -1 } };
	const struct {
		struct shape shapes[2];
		int wanted;
	} rows[] = {
		{ { failed, failed }, 1 }, { { failed, good }, 3 },    { { failed, waiting }, 1 }, { { waiting, good }, 7 },
		{ { waiting, due }, 7 },   { { due, good }, 4 },       { { lost, failed }, 5 },    { { lost, good }, 5 },
		{ { good, good }, 0 },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++)
		CU_ASSERT_EQUAL(exit_of(rows[i].shapes, 2, true), rows[i].wanted);
	CU_ASSERT_EQUAL(exit_of(NULL, 0, true), 0);
}

static void
knows_whether_anything_changed(void)
{
	struct ce_target_report target = { .state = CE_TARGET_OK };
	struct ce_certificate_report certificate = { .state = CE_CERTIFICATE_OK, .targets = &target, .target_count = 1 };
	const struct ce_report report = { .certificates = &certificate, .certificate_count = 1 };
	CU_ASSERT_FALSE(ce_report_changed(&report));
	target.reloaded = true;
	CU_ASSERT_TRUE(ce_report_changed(&report));
	target.reloaded = false;
	certificate.state = CE_CERTIFICATE_ISSUED;
	CU_ASSERT_TRUE(ce_report_changed(&report));
}

static void
names_every_state(void)
{
	for (int state = CE_TARGET_OK; state <= CE_TARGET_UNVERIFIED; state++)
		CU_ASSERT_PTR_NOT_NULL(ce_target_state_name((enum ce_target_state)state));
	for (int state = CE_CERTIFICATE_OK; state <= CE_CERTIFICATE_WAITING; state++)
		CU_ASSERT_PTR_NOT_NULL(ce_certificate_state_name((enum ce_certificate_state)state));
	CU_ASSERT_STRING_EQUAL(ce_target_state_name(CE_TARGET_ROLLED_BACK), "rolled-back");
	CU_ASSERT_STRING_EQUAL(ce_certificate_state_name(CE_CERTIFICATE_WAITING), "waiting");
}

const struct ce_test report_tests[] = {
	{ "tells the truth about one certificate", tells_the_truth_about_one_certificate },
	{ "weighs certificates against each other", weighs_certificates_against_each_other },
	{ "knows whether anything changed", knows_whether_anything_changed },
	{ "names every state", names_every_state },
	{ NULL, NULL },
};
