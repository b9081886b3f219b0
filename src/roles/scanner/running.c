/* SPDX-License-Identifier: Apache-2.0 */
/* Which runs are out at dss, and which wait for their turn? */
#include "roles/scanner/scanner.h"

#include "children/runner_protocol.h"

static void run_send(struct scanner *scanner, struct gate_run *run)
{
	run->is_out = true;
	run->request.number = ++scanner->last_run;
	scanner->runs_out++;
	scanner_send(scanner, SCANNER_RUN, run->request.number, &run_request_desc, &run->request);
}

static void run_unlink(struct scanner *scanner, struct gate_run *run)
{
	*run->link = run->next;
	if (run->next)
		run->next->link = run->link;
	scanner->runs_out -= run->is_out;
}

static void send_waiting(struct scanner *scanner)
{
	for (struct gate_run *run = scanner->runs; run && scanner->runs_out < RUNS_OUT;
	     run = run->next)
		if (!run->is_out)
			run_send(scanner, run);
}

static void start(void *context, struct gate_run *run)
{
	struct scanner *scanner = context;
	struct gate_run **end = &scanner->runs;

	while (*end)
		end = &(*end)->next;
	run->next = NULL;
	run->link = end;
	run->is_out = false;
	*end = run;
	send_waiting(scanner);
}

static void cancel(void *context, struct gate_run *run)
{
	struct scanner *scanner = context;
	struct run_number number = { run->request.number };

	run_unlink(scanner, run);
	if (run->is_out)
		scanner_send(scanner, SCANNER_UNRUN, number.number, &run_number_desc, &number);
	send_waiting(scanner);
}

struct gate_runs running_of(struct scanner *scanner)
{
	return (struct gate_runs){ .context = scanner, .start = start, .cancel = cancel };
}

int running_take(struct scanner *scanner, const struct frame *frame)
{
	struct arena arena = { 0 };
	struct run_result result;
	struct gate_run *run = scanner->runs;
	int code = desc_decode(&arena, &run_result_desc, frame->body, &result);

	if (code == 0)
		code = run_result_check(&result, NULL);
	while (code == 0 && run && (!run->is_out || run->request.number != result.number))
		run = run->next;
	if (code == 0 && run) { /* else it was taken back meanwhile */
		run_unlink(scanner, run);
		run->on_ran(run, &result);
		send_waiting(scanner);
	}
	arena_release(&arena);
	return code;
}
