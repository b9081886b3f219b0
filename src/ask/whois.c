/* SPDX-License-Identifier: Apache-2.0 */
/* What does a registry say by WHOIS? RFC 3912. */
#include "net/whois.h"
#include "ask/reach.h"
#include "base/desc.h"
#include "formats/registry/whois.h"

/* Which server is in charge of a last label, IANA knows; it is asked as a question of its own, so that all
 * scans share what it says. */
#define WHOIS_IANA "whois.iana.org"

struct whois_task {
	struct entry *entry;
	struct arena arena;
	struct str server;
	struct gate_scan account; /* of the question to IANA */
	struct gate_waiter waiter;
	struct reach reach;
	struct whois_exchange *exchange;
	size_t tried;
	bool is_referred;             /* the registrar's server is asked */
	struct registration registry; /* what the registry said */
};

static void ask_server(struct whois_task *task);

static void task_free(struct whois_task *task)
{
	task->entry->asking->task = NULL;
	if (task->exchange)
		whois_cancel(task->exchange);
	reach_stop(&task->reach);
	gate_forget(task->entry->gate, &task->waiter);
	arena_release(&task->arena);
	memory_free(task);
}

static void cancel_whois(struct entry *entry)
{
	task_free(entry->asking->task);
}

static void task_end(struct whois_task *task, const struct registration *found)
{
	struct entry *entry = task->entry;
	struct registration *kept = ARENA_NEW(&entry->arena, struct registration);
	struct buf bytes;

	buf_init(&bytes, &entry->arena);
	desc_encode(&bytes, &registration_desc, found);
	(void)!desc_decode(&entry->arena, &registration_desc, buf_str(&bytes), kept);
	if (task->reach.count)
		entry->fact.from = task->reach.addresses[task->tried - 1];
	entry->fact.whois = kept;
	task_free(task);
	entry_end(entry, FAILURE_NONE);
}

static void task_fail(struct whois_task *task, enum failure failure)
{
	struct entry *entry = task->entry;

	/* What the registry said stands, whatever becomes of the registrar's server. */
	if (task->is_referred) {
		task_end(task, &task->registry);
		return;
	}
	task_free(task);
	if (failure == FAILURE_NO_ADDRESS || failure == FAILURE_NO_SERVER ||
	    failure_end(failure) == END_OURS)
		entry_end(entry, failure);
	else
		entry_fail(entry, failure);
}

/* The registry names the registrar's server and no dates: thin, as RFC 3912 never said. */
static bool refers(const struct whois_task *task, const struct registration *found)
{
	return !task->is_referred && found->is_found && !found->expires_us && found->referral.len &&
	       !str_eq(found->referral, task->server) && !str_eq(task->server, STR_LIT(WHOIS_IANA));
}

static void reply_take(struct whois_task *task, struct str reply)
{
	struct registration found;

	if (whois_read(&task->arena, reply, &found) < 0) {
		task_fail(task, FAILURE_GARBAGE);
		return;
	}
	found.referral = whois_referral(&task->arena, reply);
	if (refers(task, &found)) {
		task->is_referred = true;
		task->registry = found;
		task->server = found.referral;
		ask_server(task);
		return;
	}
	if (task->is_referred && (!found.is_found || !found.expires_us))
		found = task->registry;
	task_end(task, &found);
}

static int try_next(struct whois_task *task);

static void on_reply(void *context, enum dns_failure failure, struct str reply)
{
	struct whois_task *task = context;

	task->exchange = NULL;
	if (!failure)
		reply_take(task, reply);
	else if (task->tried >= task->reach.count || try_next(task) < 0)
		task_fail(task, ask_failure(failure));
}

static int try_next(struct whois_task *task)
{
	struct whois_request request = {
		.server = task->reach.addresses[task->tried++],
		.query = whois_query(&task->arena, task->server,
				     task->entry->fact.question.whois.name),
	};

	return whois_start(entry_settings(task->entry)->loop, entry_settings(task->entry)->egress,
			   &request, on_reply, task, &task->exchange);
}

static void on_reached(struct reach *reach)
{
	struct whois_task *task =
		(struct whois_task *)((char *)reach - offsetof(struct whois_task, reach));
	int code = reach->count ? try_next(task) : 0;

	if (!reach->count)
		task_fail(task, reach->failure);
	else if (code < 0)
		task_fail(task, code == ERR_DENIED ? FAILURE_POLICY : FAILURE_NO_ROUTE);
}

static void ask_server(struct whois_task *task)
{
	reach_stop(&task->reach);
	task->tried = 0;
	reach_start(&task->reach, task->entry, task->server, on_reached);
}

static void on_iana(struct gate_scan *account, const struct fact *fact)
{
	struct whois_task *task =
		(struct whois_task *)((char *)account - offsetof(struct whois_task, account));

	if (!fact_is_answer(fact)) {
		task_fail(task, (enum failure)fact->failure);
	} else if (!fact->whois->referral.len) {
		task_fail(task, FAILURE_NO_SERVER);
	} else {
		task->server = str_copy(&task->arena, fact->whois->referral);
		ask_server(task);
	}
}

static int start_whois(struct entry *entry)
{
	const struct whois_question *question = &entry->fact.question.whois;
	struct whois_task *task = memory_alloc(sizeof *task);
	const struct fact *fact;

	*task = (struct whois_task){
		.entry = entry,
		.server = question->server,
		.account = { .kinds = 1u << KIND_whois, .questions_left = 1, .on_fact = on_iana },
	};
	entry->asking->task = task;
	if (question->server.len) {
		ask_server(task);
		return 0;
	}
	fact = gate_ask(
		entry->gate, &task->account,
		&(struct question){ .kind = KIND_whois,
				    .whois = { .name = dns_name_last_labels(question->name, 1),
					       .server = STR_LIT(WHOIS_IANA) } },
		&task->waiter);
	if (fact)
		on_iana(&task->account, fact);
	return 0;
}

const struct asker ask_whois_asker = { .kind = KIND_whois,
				       .start = start_whois,
				       .cancel = cancel_whois };
