/* SPDX-License-Identifier: Apache-2.0 */
/* Is what was counted written as Prometheus reads it, from any thread, within bounds? */
#include "base/metrics.h"
#include "tests/test.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 20000 };

static const char *const result_label[] = { "result", NULL };
static const char *const two_labels[] = { "method", "code", NULL };

static struct str text_of(struct arena *a, struct metrics *metrics)
{
	struct buf out;

	buf_init(&out, a);
	metrics_put(&out, metrics);
	return buf_str(&out);
}

static struct metrics *some_metrics(void)
{
	static const uint64_t bounds_us[] = { 5000, 250000, 1000000, 0 };
	struct metrics *metrics = metrics_open();
	struct metric *scans, *requests, *took;

	scans = metrics_counter(metrics, "dss_scans_total", "Scans that ended.", result_label);
	metric_add(metric_series(scans, (struct str[]){ STR_LIT("done") }), 3);
	metric_add(metric_series(scans, (struct str[]){ STR_LIT("failed") }), 1);
	requests = metrics_counter(metrics, "dss_http_requests_total", "Requests answered.",
				   two_labels);
	metric_add(metric_series(requests, (struct str[]){ STR_LIT("GET"), STR_LIT("200") }), 1);
	metric_set(
		metric_series(metrics_gauge(metrics, "dss_queue_messages", "Waiting.", NULL), NULL),
		-2);
	metric_set(metric_series(metrics_gauge(metrics, "dss_start_time_seconds", "Start.", NULL),
				 NULL),
		   1793491200250000);
	took = metrics_histogram(metrics, "dss_scan_duration_seconds", "How long scans took.",
				 result_label, bounds_us);
	metric_observe(metric_series(took, (struct str[]){ STR_LIT("done") }), 5000);
	metric_observe(metric_series(took, (struct str[]){ STR_LIT("done") }), 300000);
	metric_observe(metric_series(took, (struct str[]){ STR_LIT("done") }), 9000001);
	metrics_counter(metrics, "dss_idle_total", "Never counted.", result_label);
	return metrics;
}

TEST(all_kinds_are_written)
{
	static const char expected[] =
		"# HELP dss_scans_total Scans that ended.\n"
		"# TYPE dss_scans_total counter\n"
		"dss_scans_total{result=\"done\"} 3\n"
		"dss_scans_total{result=\"failed\"} 1\n"
		"# HELP dss_http_requests_total Requests answered.\n"
		"# TYPE dss_http_requests_total counter\n"
		"dss_http_requests_total{method=\"GET\",code=\"200\"} 1\n"
		"# HELP dss_queue_messages Waiting.\n"
		"# TYPE dss_queue_messages gauge\n"
		"dss_queue_messages -2\n"
		"# HELP dss_start_time_seconds Start.\n"
		"# TYPE dss_start_time_seconds gauge\n"
		"dss_start_time_seconds 1793491200.25\n"
		"# HELP dss_scan_duration_seconds How long scans took.\n"
		"# TYPE dss_scan_duration_seconds histogram\n"
		"dss_scan_duration_seconds_bucket{result=\"done\",le=\"0.005\"} 1\n"
		"dss_scan_duration_seconds_bucket{result=\"done\",le=\"0.25\"} 1\n"
		"dss_scan_duration_seconds_bucket{result=\"done\",le=\"1\"} 2\n"
		"dss_scan_duration_seconds_bucket{result=\"done\",le=\"+Inf\"} 3\n"
		"dss_scan_duration_seconds_sum{result=\"done\"} 9.305001\n"
		"dss_scan_duration_seconds_count{result=\"done\"} 3\n";
	struct metrics *metrics = some_metrics();
	struct arena a = { 0 };

	CHECK_STR(text_of(&a, metrics), expected);
	metrics_close(metrics);
	arena_release(&a);
}

TEST(a_name_given_again_is_the_same_metric)
{
	struct metrics *metrics = metrics_open();
	struct metric *one = metrics_histogram(metrics, "dss_a_seconds", "A.", NULL, NULL);

	CHECK(metrics_histogram(metrics, "dss_a_seconds", "A.", NULL, (uint64_t[]){ 5, 0 }) == one);
	CHECK(metric_series(one, NULL) == metric_series(one, NULL));
	metrics_close(metrics);
}

TEST(labels_are_escaped_and_bounded)
{
	struct metrics *metrics = metrics_open();
	struct metric *metric = metrics_counter(metrics, "dss_a_total", "A.", result_label);
	struct arena a = { 0 };
	struct str text, line;
	size_t lines = 0;

	metric_add(metric_series(metric, (struct str[]){ STR_LIT("a\"b\\c\nd\x1b\xff") }), 1);
	for (unsigned i = 0; i < 10 * METRIC_SERIES_MAX; i++)
		metric_add(metric_series(metric, (struct str[]){ str_printf(&a, "%u", i) }), 1);
	text = text_of(&a, metrics);
	CHECK(str_find(text, STR_LIT("{result=\"a\\\"b\\\\c\\\\x0Ad\\\\x1B\\\\xFF\"} 1\n")) > 0);
	CHECK(str_find(text, str_printf(&a, "{result=\"other\"} %d\n", 9 * METRIC_SERIES_MAX + 2)) >
	      0);
	while (str_split(&text, '\n', &line))
		lines += line.len && line.data[0] != '#';
	CHECK_INT(lines, METRIC_SERIES_MAX);
	metrics_close(metrics);
	arena_release(&a);
}

static void *count(void *data)
{
	struct metric *metric = data;

	for (unsigned i = 0; i < ROUNDS; i++)
		metric_add(metric_series(metric, (struct str[]){ i % 2 ? STR_LIT("odd")
								       : STR_LIT("even") }),
			   1);
	return NULL;
}

TEST(threads_count_together)
{
	struct metrics *metrics = metrics_open();
	struct metric *metric = metrics_counter(metrics, "dss_a_total", "A.", result_label);
	struct arena a = { 0 };
	pthread_t threads[THREADS];

	for (size_t i = 0; i < THREADS; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, count, metric), 0);
	for (size_t i = 0; i < 10; i++)
		text_of(&a, metrics);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK(str_find(text_of(&a, metrics), STR_LIT("{result=\"odd\"} 40000\n")) > 0);
	CHECK(str_find(text_of(&a, metrics), STR_LIT("{result=\"even\"} 40000\n")) > 0);
	metrics_close(metrics);
	arena_release(&a);
}

/* What promtool says of a text: its exit code. */
static int promtool(struct str text)
{
	FILE *pipe = popen("promtool check metrics", "w");

	CHECK(pipe != NULL);
	CHECK_INT(fwrite(text.data, 1, text.len, pipe), text.len);
	return pclose(pipe);
}

TEST(promtool_accepts_it)
{
	struct metrics *metrics = some_metrics();
	struct arena a = { 0 };
	struct metric *metric = metrics_counter(metrics, "dss_a_total", "A.", result_label);

	metric_add(metric_series(metric, (struct str[]){ STR_LIT("a\"b\\c\nd\x1b\xff") }), 1);
	CHECK_INT(promtool(text_of(&a, metrics)), 0);
	/* and it can refuse */
	CHECK(promtool(STR_LIT("# HELP dss_a A.\n# TYPE dss_a counter\ndss_a 1\n")) != 0);
	CHECK(promtool(STR_LIT("dss_a_total{a=\"b} 1\n")) != 0);
	metrics_close(metrics);
	arena_release(&a);
}
