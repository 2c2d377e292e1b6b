#include "engine/report.h"

#include "engine/engine_own.h"

static const char *const target_states[] = {
	[CE_TARGET_OK] = "ok",           [CE_TARGET_PENDING] = "pending",         [CE_TARGET_DEPLOYED] = "deployed",
	[CE_TARGET_DRIFT] = "drift",     [CE_TARGET_FAILED] = "failed",           [CE_TARGET_ROLLED_BACK] = "rolled-back",
	[CE_TARGET_UNKNOWN] = "unknown", [CE_TARGET_UNVERIFIED] = "unverified",
};
static const char *const certificate_states[] = {
	[CE_CERTIFICATE_OK] = "ok",         [CE_CERTIFICATE_DUE] = "due",         [CE_CERTIFICATE_ISSUED] = "issued",
	[CE_CERTIFICATE_FAILED] = "failed", [CE_CERTIFICATE_WAITING] = "waiting",
};

const char *
ce_target_state_name(enum ce_target_state state)
{
	return target_states[state];
}

const char *
ce_certificate_state_name(enum ce_certificate_state state)
{
	return certificate_states[state];
}

static void
release_target(struct ce_target_report *target)
{
	for (size_t i = 0; i < target->endpoint_count; i++) {
		free(target->endpoints[i].host);
		free(target->endpoints[i].sni);
		free(target->endpoints[i].problem);
	}
	free(target->endpoints);
	free(target->name);
	free(target->plugin);
	free(target->step);
	free(target->error);
	free(target->diff);
	free(target->reload);
}

static void
release_certificate(struct ce_certificate_report *certificate)
{
	for (size_t i = 0; i < certificate->target_count; i++)
		release_target(&certificate->targets[i]);
	free(certificate->targets);
	free(certificate->name);
	free(certificate->issuer);
	ce_strlist_release(&certificate->names);
	free(certificate->reason);
	free(certificate->error);
	free(certificate->step);
	free(certificate->key_kind);
	free(certificate->renew_why);
	free(certificate->explanation);
	free(certificate->failure_class);
	free(certificate->alert);
}

void
ce_report_release(struct ce_report *report)
{
	for (size_t i = 0; i < report->certificate_count; i++)
		release_certificate(&report->certificates[i]);
	free(report->certificates);
	ce_strlist_release(&report->recovered);
	free(report->document);
	*report = (struct ce_report){ 0 };
}

/* How many certificates and targets ended how. */
struct tally {
	size_t good, failed, different, waiting, help;
};

static void
count_target(const struct ce_target_report *target, struct tally *tally)
{
	switch (target->state) {
	case CE_TARGET_UNKNOWN:
		tally->help++;
		break;
	case CE_TARGET_FAILED:
	case CE_TARGET_ROLLED_BACK:
		tally->failed++;
		break;
	case CE_TARGET_PENDING:
	case CE_TARGET_DRIFT:
		tally->different++;
		break;
	default:
		tally->good++;
		break;
	}
}

static struct tally
count(const struct ce_report *report)
{
	struct tally tally = { 0 };
	for (size_t i = 0; i < report->certificate_count; i++) {
		const struct ce_certificate_report *certificate = &report->certificates[i];
		tally.failed += certificate->state == CE_CERTIFICATE_FAILED;
		tally.waiting += certificate->state == CE_CERTIFICATE_WAITING;
		tally.different += certificate->state == CE_CERTIFICATE_DUE;
		tally.good += certificate->target_count == 0 && certificate->state != CE_CERTIFICATE_FAILED
		              && certificate->state != CE_CERTIFICATE_WAITING;
		for (size_t j = 0; j < certificate->target_count; j++)
			count_target(&certificate->targets[j], &tally);
	}
	return tally;
}

int
ce_report_exit(const struct ce_report *report, bool drift_counts)
{
	struct tally tally = count(report);
	if (tally.help > 0)
		return CE_EXIT_HELP;
	if (tally.failed > 0)
		return tally.good > 0 ? CE_EXIT_PARTIAL : CE_EXIT_FAILED;
	if (tally.waiting > 0)
		return CE_EXIT_WAIT;
	return drift_counts && tally.different > 0 ? CE_EXIT_DRIFT : CE_EXIT_OK;
}

bool
ce_report_changed(const struct ce_report *report)
{
	for (size_t i = 0; i < report->certificate_count; i++) {
		const struct ce_certificate_report *certificate = &report->certificates[i];
		if (certificate->state == CE_CERTIFICATE_ISSUED)
			return true;
		for (size_t j = 0; j < certificate->target_count; j++)
			if (certificate->targets[j].reloaded)
				return true;
	}
	return false;
}
