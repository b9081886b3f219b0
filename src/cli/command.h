/* SPDX-License-Identifier: Apache-2.0 */
/** Commands: one file and one line of the table each. */
#ifndef DSS_CLI_COMMAND_H
#define DSS_CLI_COMMAND_H

#include "cli/console.h"
#include "settings/setting.h"

/** A command as it was called. */
struct call {
	struct arena *arena; /**< lives as long as the command */
	const struct settings *settings;
	int word_count;
	char *const *words; /**< as written, from the command's name on */
};

struct command {
	struct settings_help help;
	int (*run)(const struct call *call); /**< returns enum exit_code */
};

/** Ends with a help.name of NULL. */
extern const struct command commands[];

int scan_run(const struct call *call);
int ask_run(const struct call *call);
int judge_run(const struct call *call);
int checks_run(const struct call *call);
int doctor_run(const struct call *call);
int config_run(const struct call *call);
int scheduler_run(const struct call *call);
int notifier_run(const struct call *call);
int policy_run(const struct call *call);
int apply_run(const struct call *call);
int api_run(const struct call *call);
int serve_run(const struct call *call);
int domains_run(const struct call *call);
int scans_run(const struct call *call);
int findings_run(const struct call *call);
int schedule_run(const struct call *call);
int diff_run(const struct call *call);
int expiry_run(const struct call *call);
int report_run(const struct call *call);
int notify_run(const struct call *call);
int queue_run(const struct call *call);
int keys_run(const struct call *call);
int users_run(const struct call *call);
int audit_run(const struct call *call);
int db_run(const struct call *call);
int worker_run(const struct call *call);
int version_run(const struct call *call);
/** @name  STR_NONE: the overview */
int help_show(struct arena *a, struct str name, bool is_full);

/** What main does. */
int cli_main(int argc, char **argv);

static inline const struct setting_value *call_value(const struct call *call, enum setting setting)
{
	return &call->settings->values[setting];
}

#endif
