/* SPDX-License-Identifier: Apache-2.0 */
/* Does a server give a zone away? RFC 5936. */
#include "ask/asker.h"
#include "net/axfr.h"

enum { EVIDENCE = 5 };

/* The first records of the first message are evidence; a message that cannot be read still counts. */
static void keep_records(struct entry *entry, struct axfr_answer *answer, struct str packet)
{
	struct dns_query query = { .name = entry->fact.question.axfr.zone, .type = DNS_ANY };
	struct dns_answer message;

	if (dns_answer_read(&entry->arena, str_copy(&entry->arena, packet), &query, &message,
			    NULL) < 0)
		return;
	answer->rr = message.rr;
	answer->count = MIN(message.count, (size_t)EVIDENCE);
}

static void on_axfr(void *context, const struct axfr_result *result)
{
	struct entry *entry = context;
	struct axfr_answer *answer;
	enum failure failure = ask_failure(result->failure);

	entry->asking->task = NULL;
	if (failure) {
		entry_fail(entry, failure);
		return;
	}
	arena_release(&entry->arena);
	answer = ARENA_NEW(&entry->arena, struct axfr_answer);
	*answer = (struct axfr_answer){
		.rcode = result->rcode,
		.is_transferred = result->soa_count > 1 || result->record_count > 1,
		.record_count = result->record_count,
	};
	if (answer->is_transferred)
		keep_records(entry, answer, result->first);
	entry->fact.axfr = answer;
	entry->fact.from = entry->fact.question.axfr.server;
	entry_end(entry, FAILURE_NONE);
}

static int start_axfr(struct entry *entry)
{
	struct axfr_request request = {
		.server = entry->fact.question.axfr.server,
		.zone = entry->fact.question.axfr.zone,
	};
	struct axfr *axfr = NULL;
	int code = axfr_start(entry_settings(entry)->loop, entry_settings(entry)->egress, &request,
			      on_axfr, entry, &axfr);

	entry->asking->task = axfr;
	if (code == ERR_DENIED) {
		entry_end(entry, FAILURE_POLICY);
		return 0;
	}
	return code;
}

static void cancel_axfr(struct entry *entry)
{
	axfr_cancel(entry->asking->task);
}

const struct asker ask_axfr_asker = { .kind = KIND_axfr,
				      .start = start_axfr,
				      .cancel = cancel_axfr };
