/* SPDX-License-Identifier: Apache-2.0 */
/* When does a server want to be asked again? */
#include "ask/later.h"

#include "ask/holds.h"
#include "base/clock.h"

static const int64_t unsaid_wait_us = 60000000; /* when the server does not say how long */

const struct web_header *later_header(const struct http_result *result, const char *name)
{
	for (size_t i = 0; i < result->header_count; i++)
		if (str_eq_nocase(result->headers[i].name, str_of(name)))
			return &result->headers[i];
	return NULL;
}

bool later_is_asked(const struct http_result *result)
{
	return result->status == 429 ||
	       (result->status == 503 && later_header(result, "retry-after"));
}

/* Negative: it does not say. */
static int64_t wait_of(const struct http_result *result)
{
	const struct web_header *after = later_header(result, "retry-after");

	return after ? web_retry_after_us(after->value, clock_utc_us()) : -1;
}

void later_note(struct entry *entry, struct str host, const struct http_result *result)
{
	int64_t wait_us = wait_of(result);

	if (later_is_asked(result))
		holds_add(gate_holds(entry->gate), host,
			  clock_monotonic_us() + (wait_us < 0 ? unsaid_wait_us : wait_us));
}

static void on_waited(struct timer *timer)
{
	struct asking *asking = (struct asking *)((char *)timer - offsetof(struct asking, timer));

	asking->again(asking->entry);
}

bool later_wait(struct entry *entry, const struct http_result *result,
		void (*again)(struct entry *entry))
{
	int64_t wait_us = wait_of(result);

	if (wait_us < 0 || wait_us > LATER_LONGEST_US || (entry->asking->step & LATER_WAITED))
		return false;
	entry->asking->step |= LATER_WAITED;
	entry->asking->again = again;
	entry->asking->timer.on_due = on_waited;
	entry_paced(entry, wait_us);
	timer_start(entry_settings(entry)->timers, &entry->asking->timer,
		    clock_monotonic_us() + wait_us);
	return true;
}
