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

int batch_tally_tell(struct store_tx *tx, struct batch_tally *tally, struct err *err)
{
	bool is_done = false;

	if (uuid_is_nil(tally->batch))
		return 0;
	for (int status = 0; status < SCAN_STATUSES && !is_done; status++)
		if (tally->ended[status])
			TRY(batch_count_end(tx, tally->batch, status, tally->ended[status],
					    &is_done, err));
	if (is_done)
		TRY(event_insert(tx,
				 &(struct event_row){ .workspace = tally->workspace,
						      .type = EVENT_BATCH_COMPLETED,
						      .object = tally->batch,
						      .severity = -1 },
				 err));
	*tally = (struct batch_tally){ 0 };
	return 0;
}

static int count_in_batch(struct store_tx *tx, const struct scan_row *row,
			  struct batch_tally *tally, struct err *err)
{
	if (uuid_is_nil(row->batch))
		return 0;
	if (!uuid_eq(tally->batch, row->batch))
		TRY(batch_tally_tell(tx, tally, err));
	tally->batch = row->batch;
	tally->workspace = row->workspace;
	tally->ended[row->status]++;
	return 0;
}

static int tell_scan(struct store_tx *tx, const struct scan_row *row, struct str data,
		     struct err *err)
{
	return event_insert(tx,
			    &(struct event_row){ .workspace = row->workspace,
						 .type = (int)event_of(row->status),
						 .domain = row->domain,
						 .scan = row->id,
						 .severity = -1,
						 .data = data },
			    err);
}

int scan_tell_end(struct store_tx *tx, const struct scan_row *row, struct str data, struct err *err)
{
	struct batch_tally tally = { 0 };

	TRY(tell_scan(tx, row, data, err));
	TRY(count_in_batch(tx, row, &tally, err));
	return batch_tally_tell(tx, &tally, err);
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

int scan_finish_held(struct store_tx *tx, const struct scan_row *row, struct str volatile_blob,
		     struct str data, struct batch_tally *tally, struct err *err)
{
	if (FAULT_IS_OFF("fencing"))
		return scan_finish(tx, row, volatile_blob, data, err);
	TRY(scan_end_held(tx, row, volatile_blob, err));
	if (row->progress_event)
		TRY(event_drop(tx, row->progress_event, err));
	TRY(tell_scan(tx, row, data, err));
	return count_in_batch(tx, row, tally, err);
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
