/* SPDX-License-Identifier: Apache-2.0 */
/* What happens when a scan ends? */
#include "app/scan_finish.h"

#include "base/fault.h"
#include "store/batch.h"
#include "store/event.h"

static enum event_type event_of(enum scan_status status)
{
	switch (status) {
	case SCAN_IS_DONE:
		return EVENT_SCAN_COMPLETED;
	case SCAN_IS_INCOMPLETE:
		return EVENT_SCAN_INCOMPLETE;
	case SCAN_IS_CANCELLED:
		return EVENT_SCAN_CANCELLED;
	default:
		return EVENT_SCAN_FAILED;
	}
}

static int count_in_batch(struct store_tx *tx, const struct scan_row *row, struct err *err)
{
	bool is_done;

	TRY(batch_count_end(tx, row->batch, (int)row->status, 1, &is_done, err));
	if (!is_done)
		return 0;
	return event_insert(tx,
			    &(struct event_row){ .workspace = row->workspace,
						 .type = EVENT_BATCH_COMPLETED,
						 .object = row->batch,
						 .severity = -1 },
			    err);
}

int scan_tell_end(struct store_tx *tx, const struct scan_row *row, struct str data, struct err *err)
{
	TRY(event_insert(tx,
			 &(struct event_row){ .workspace = row->workspace,
					      .type = (int)event_of(row->status),
					      .domain = row->domain,
					      .scan = row->id,
					      .severity = -1,
					      .data = data },
			 err));
	return uuid_is_nil(row->batch) ? 0 : count_in_batch(tx, row, err);
}

int scan_finish(struct store_tx *tx, const struct scan_row *row, struct str volatile_blob,
		struct str data, struct err *err)
{
	int code = scan_end(tx, row, volatile_blob, err);

	if (code < 0 && !FAULT_IS_OFF("fencing"))
		return code;
	if (row->progress_event)
		TRY(event_drop(tx, row->progress_event, err));
	return scan_tell_end(tx, row, data, err);
}

int scan_give_up(struct store_tx *tx, struct scan_row *row, enum scan_status status,
		 struct str error, struct err *err)
{
	row->status = status;
	row->error = error;
	row->ended_at = tx->now_us;
	row->score = -1;
	return scan_finish(tx, row, STR_NONE, STR_NONE, err);
}
