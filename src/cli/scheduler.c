/* SPDX-License-Identifier: Apache-2.0 */
/* What does `dss scheduler` hand to the role? */
#include "roles/scheduler/scheduler.h"

#include "cli/broker.h"
#include "cli/command.h"
#include "cli/handed.h"
#include "roles/log.h"
#include "settings/secret.h"

int scheduler_run(const struct call *call)
{
	struct log log = role_log(call->settings, "scheduler");
	struct scheduler_options options = {
		.store = call_value(call, SETTING_STORE)->text,
		.default_profile = (int)call_value(call, SETTING_PROFILE)->number,
		.keep_scans = (unsigned)call_value(call, SETTING_KEEP_SCANS)->number,
		.keep_events = (unsigned)call_value(call, SETTING_KEEP_EVENTS)->number,
		.keep_audit = (unsigned)call_value(call, SETTING_KEEP_AUDIT)->number,
		.keep_keys = (unsigned)call_value(call, SETTING_KEEP_KEYS)->number,
		.keep_letters = (unsigned)call_value(call, SETTING_KEEP_LETTERS)->number,
		.keep_deliveries = (unsigned)call_value(call, SETTING_KEEP_DELIVERIES)->number,
		.ready_fd = handed_fd("DSS_READY_FD"),
		.log = &log,
	};
	struct err err = { 0 };
	int code;

	secret_hide();
	if (call->settings->operand_count)
		return console_usage("scheduler", "no words belong to it: \"%.*s\"",
				     STR(call->settings->operands[0]));
	code = broker_address(call, "scheduler", &options.bus);
	if (code != EXIT_DONE)
		return code;
	if (scheduler_main(&options, &err) == 0)
		return EXIT_DONE;
	console_say("%s", err.text);
	return EXIT_BROKEN;
}
