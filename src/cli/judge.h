/* SPDX-License-Identifier: Apache-2.0 */
/** Judging again, without any network: files of facts (judge.c), or what is stored (rejudge.c). */
#ifndef DSS_CLI_JUDGE_H
#define DSS_CLI_JUDGE_H

#include "cli/run.h"
#include "report/report.h"

/** Scanner's configuration, format and output from the settings; the scanner is not started yet.
 * 0, or an exit code after having said why; run_close after it in any case. */
int judge_open(struct run *run, const struct call *call) MUST_USE;
/** A result counts for the exit code. */
void judge_note(struct run *run, const struct scanner_result *result);

/** dss judge --store. */
int rejudge_run(const struct call *call) MUST_USE;

#endif
