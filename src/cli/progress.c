/* SPDX-License-Identifier: Apache-2.0 */
/* How far is it? */
#include "cli/progress.h"

#include "base/clock.h"
#include "base/json.h"

#include <unistd.h>

enum { BAR_MS = 200, JSON_MS = 1000, CELLS = 18 };

const char *progress_count(uint64_t count, char out[static 32])
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count), at = 0;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = 0;
	return out;
}

static void put_error(struct str text)
{
	ssize_t written = write(STDERR_FILENO, text.data, text.len);

	(void)written; /* nobody watches any more */
}

static void json_show(const struct progress *progress, bool is_last)
{
	int64_t elapsed_us = clock_monotonic_us() - progress->start_us;
	struct buf line;
	struct json w;

	buf_init(&line, NULL);
	json_init(&w, &line);
	json_object(&w);
	json_key(&w, "finished");
	json_uint(&w, progress->finished);
	if (progress->total) {
		json_key(&w, "total");
		json_uint(&w, progress->total);
	}
	json_key(&w, "failed");
	json_uint(&w, progress->failed);
	json_key(&w, "rejected");
	json_uint(&w, progress->rejected);
	json_key(&w, "elapsed_ms");
	json_uint(&w, (uint64_t)(elapsed_us / 1000));
	json_key(&w, "ended");
	json_bool(&w, is_last);
	json_end(&w);
	buf_put_char(&line, '\n');
	put_error(buf_str(&line));
	buf_release(&line);
}

static double share_of(const struct progress *progress)
{
	if (progress->total)
		return (double)progress->finished / (double)progress->total;
	return progress->share;
}

static void eta_put(struct buf *line, const struct progress *progress, double share)
{
	double elapsed_s = (double)(clock_monotonic_us() - progress->start_us) / 1e6;
	double rate = elapsed_s > 0 ? (double)progress->finished / elapsed_s : 0;
	unsigned left;

	buf_printf(line, rate >= 100 ? "  %.0f/s" : "  %.1f/s", rate);
	if (share <= 0 || share >= 1 || elapsed_s < 2)
		return;
	left = (unsigned)(elapsed_s / share * (1 - share));
	buf_printf(line, "  ETA %02u:%02u", left / 60, left % 60);
}

static void bar_show(struct progress *progress)
{
	double share = share_of(progress);
	char count[32];
	struct buf line;

	buf_init(&line, NULL);
	buf_put_lit(&line, "\r\033[K ");
	if (share >= 0) {
		int full = (int)(MIN(share, 1.0) * CELLS);

		buf_put_char(&line, '[');
		for (int i = 0; i < CELLS; i++)
			buf_put_char(&line, i < full ? '#' : '-');
		buf_put_lit(&line, "]  ");
	}
	buf_put_str(&line, str_of(progress_count(progress->finished, count)));
	if (progress->total)
		buf_printf(&line, "/%s", progress_count(progress->total, count));
	if (share >= 0)
		buf_printf(&line, "  %.0f%%", MIN(share, 1.0) * 100);
	eta_put(&line, progress, share);
	if (progress->failed)
		buf_printf(&line, "  failed %s", progress_count(progress->failed, count));
	put_error(buf_str(&line));
	buf_release(&line);
	progress->is_shown = true;
}

static void on_timer(uv_timer_t *timer)
{
	struct progress *progress = timer->data;

	if (progress->is_json)
		json_show(progress, false);
	else
		bar_show(progress);
}

void progress_open(struct progress *progress, uv_loop_t *loop, const struct settings *settings,
		   int output_descriptor)
{
	struct str how = settings->values[SETTING_PROGRESS].text;
	const char *terminal = getenv("TERM");
	bool has_bar = isatty(STDERR_FILENO) && !isatty(output_descriptor) && terminal &&
		       strcmp(terminal, "dumb") != 0;

	*progress = (struct progress){ .share = -1, .start_us = clock_monotonic_us() };
	progress->is_json = str_eq(how, STR_LIT("json"));
	if (!progress->is_json &&
	    (!has_bar || settings->values[SETTING_QUIET].is_on || str_eq(how, STR_LIT("none"))))
		return;
	progress->timer = memory_alloc(sizeof *progress->timer);
	if (uv_timer_init(loop, progress->timer) < 0)
		memory_exhausted();
	progress->timer->data = progress;
	uv_timer_start(progress->timer, on_timer, progress->is_json ? JSON_MS : BAR_MS,
		       progress->is_json ? JSON_MS : BAR_MS);
}

void progress_hide(struct progress *progress)
{
	if (progress->is_shown)
		put_error(STR_LIT("\r\033[K"));
	progress->is_shown = false;
}

void progress_close(struct progress *progress)
{
	progress_hide(progress);
	if (!progress->timer)
		return;
	if (progress->is_json)
		json_show(progress, true);
	uv_close((uv_handle_t *)progress->timer, (uv_close_cb)memory_free);
	progress->timer = NULL;
}
