/* SPDX-License-Identifier: Apache-2.0 */
/* What has been counted? */
#include "base/metrics.h"

#include "base/terminal.h"

#include <pthread.h>
#include <stdatomic.h>

enum metric_type { COUNTER, GAUGE, HISTOGRAM };

enum { LABEL_BYTES_MAX = 128 };

struct series {
	struct series *next;
	const struct metric *metric;
	struct str labels;     /* as written: a="b",c="d" */
	_Atomic int64_t value; /* of a histogram: the sum in microseconds */
	_Atomic uint64_t
		buckets[METRIC_BUCKETS_MAX + 1]; /* not cumulative; the last has no bound */
};

struct metric {
	struct metric *next;
	struct metrics *metrics;
	const char *name, *help;
	const char *const *labels;
	enum metric_type type;
	size_t label_count, bound_count, series_count;
	uint64_t bounds_us[METRIC_BUCKETS_MAX];
	struct series *first, **end, *other;
};

struct metrics {
	pthread_mutex_t lock; /* of lists and arena; never while counting */
	struct arena arena;
	struct metric *first, **end;
};

struct metrics *metrics_open(void)
{
	struct metrics *metrics = memory_alloc(sizeof *metrics);

	*metrics = (struct metrics){ .end = &metrics->first };
	pthread_mutex_init(&metrics->lock, NULL);
	return metrics;
}

void metrics_close(struct metrics *metrics)
{
	if (!metrics)
		return;
	pthread_mutex_destroy(&metrics->lock);
	arena_release(&metrics->arena);
	memory_free(metrics);
}

static struct metric *metric_make(struct metrics *metrics, enum metric_type type, const char *name,
				  const char *help, const char *const *labels)
{
	struct metric *metric;

	for (metric = metrics->first; metric; metric = metric->next)
		if (!strcmp(metric->name, name))
			return metric;
	metric = ARENA_NEW(&metrics->arena, struct metric);
	*metric = (struct metric){ .metrics = metrics,
				   .name = name,
				   .help = help,
				   .labels = labels,
				   .type = type,
				   .end = &metric->first };
	while (labels && labels[metric->label_count] && metric->label_count < METRIC_LABELS_MAX)
		metric->label_count++;
	*metrics->end = metric;
	metrics->end = &metric->next;
	return metric;
}

static struct metric *metric_get(struct metrics *metrics, enum metric_type type, const char *name,
				 const char *help, const char *const *labels,
				 const uint64_t *bounds_us)
{
	struct metric *metric;

	pthread_mutex_lock(&metrics->lock);
	metric = metric_make(metrics, type, name, help, labels);
	for (size_t i = 0; bounds_us && !metric->first && i < METRIC_BUCKETS_MAX && bounds_us[i];
	     i++) {
		metric->bounds_us[i] = bounds_us[i];
		metric->bound_count = i + 1;
	}
	pthread_mutex_unlock(&metrics->lock);
	if (!metric->label_count) /* shows as 0 from the start */
		metric_series(metric, NULL);
	return metric;
}

struct metric *metrics_counter(struct metrics *metrics, const char *name, const char *help,
			       const char *const *labels)
{
	return metric_get(metrics, COUNTER, name, help, labels, NULL);
}

struct metric *metrics_gauge(struct metrics *metrics, const char *name, const char *help,
			     const char *const *labels)
{
	return metric_get(metrics, GAUGE, name, help, labels, NULL);
}

struct metric *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
				 const char *const *labels, const uint64_t *bounds_us)
{
	static const uint64_t usual_us[] = { 1000,     2500,     5000,     10000,
					     25000,    50000,    100000,   250000,
					     500000,   1000000,  2500000,  5000000,
					     10000000, 30000000, 60000000, 0 };

	return metric_get(metrics, HISTOGRAM, name, help, labels, bounds_us ? bounds_us : usual_us);
}

/* Exposition format: backslash, quote and line feed are escaped in label values. */
static void label_put(struct buf *out, const char *name, struct str value)
{
	struct arena a = { 0 };
	struct buf shown;

	buf_init(&shown, &a);
	terminal_put(&shown, str_first(value, LABEL_BYTES_MAX));
	buf_printf(out, "%s%s=\"", out->len ? "," : "", name);
	for (size_t i = 0; i < shown.len; i++) {
		if (shown.data[i] == '"' || shown.data[i] == '\\')
			buf_put_char(out, '\\');
		buf_put_char(out, shown.data[i]);
	}
	buf_put_char(out, '"');
	arena_release(&a);
}

static struct series *series_make(struct metric *metric, struct str labels)
{
	struct series *series = ARENA_NEW(&metric->metrics->arena, struct series);

	series->metric = metric;
	series->labels = str_copy(&metric->metrics->arena, labels);
	*metric->end = series;
	metric->end = &series->next;
	metric->series_count++;
	return series;
}

static struct series *series_find(const struct metric *metric, struct str labels)
{
	struct series *series = metric->first;

	while (series && !str_eq(series->labels, labels))
		series = series->next;
	return series;
}

static void labels_put(struct buf *out, const struct metric *metric, const struct str *values)
{
	for (size_t i = 0; i < metric->label_count; i++)
		label_put(out, metric->labels[i], values ? values[i] : STR_LIT("other"));
}

struct series *metric_series(struct metric *metric, const struct str *values)
{
	struct arena a = { 0 };
	struct series *series;
	struct buf labels;

	buf_init(&labels, &a);
	labels_put(&labels, metric, values);
	pthread_mutex_lock(&metric->metrics->lock);
	series = series_find(metric, buf_str(&labels));
	if (!series && metric->series_count < METRIC_SERIES_MAX - 1)
		series = series_make(metric, buf_str(&labels));
	if (!series && !metric->other) {
		labels.len = 0;
		labels_put(&labels, metric, NULL);
		metric->other = series_find(metric, buf_str(&labels));
		if (!metric->other)
			metric->other = series_make(metric, buf_str(&labels));
	}
	if (!series)
		series = metric->other;
	pthread_mutex_unlock(&metric->metrics->lock);
	arena_release(&a);
	return series;
}

void metric_add(struct series *series, uint64_t count)
{
	atomic_fetch_add_explicit(&series->value, (int64_t)count, memory_order_relaxed);
}

void metric_set(struct series *series, int64_t value)
{
	atomic_store_explicit(&series->value, value, memory_order_relaxed);
}

void metric_change(struct series *series, int64_t by)
{
	atomic_fetch_add_explicit(&series->value, by, memory_order_relaxed);
}

void metric_observe(struct series *series, uint64_t us)
{
	const struct metric *metric = series->metric;
	size_t bucket = 0;

	while (bucket < metric->bound_count && us > metric->bounds_us[bucket])
		bucket++;
	atomic_fetch_add_explicit(&series->value, (int64_t)us, memory_order_relaxed);
	atomic_fetch_add_explicit(&series->buckets[bucket], 1, memory_order_relaxed);
}

/* ---- writing ---- */

/* Microseconds as seconds, without trailing zeros: 2500000 is 2.5. */
static void seconds_put(struct buf *out, int64_t us)
{
	uint64_t size = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
	unsigned part = (unsigned)(size % 1000000), digits = 6;

	buf_printf(out, "%s%llu", us < 0 ? "-" : "", (unsigned long long)(size / 1000000));
	if (!part)
		return;
	for (; part % 10 == 0; part /= 10)
		digits--;
	buf_printf(out, ".%0*u", (int)digits, part);
}

static void name_put(struct buf *out, const struct series *series, const char *suffix)
{
	buf_printf(out, "%s%s", series->metric->name, suffix);
	if (series->labels.len)
		buf_printf(out, "{%.*s}", STR(series->labels));
	buf_put_char(out, ' ');
}

static void histogram_put(struct buf *out, const struct series *series)
{
	const struct metric *metric = series->metric;
	uint64_t total = 0;

	for (size_t i = 0; i <= metric->bound_count; i++) {
		total += atomic_load_explicit(&series->buckets[i], memory_order_relaxed);
		buf_printf(out, "%s_bucket{%.*s%sle=\"", metric->name, STR(series->labels),
			   series->labels.len ? "," : "");
		if (i < metric->bound_count)
			seconds_put(out, (int64_t)metric->bounds_us[i]);
		else
			buf_put_lit(out, "+Inf");
		buf_printf(out, "\"} %llu\n", (unsigned long long)total);
	}
	name_put(out, series, "_sum");
	seconds_put(out, atomic_load_explicit(&series->value, memory_order_relaxed));
	buf_put_char(out, '\n');
	name_put(out, series, "_count");
	buf_printf(out, "%llu\n", (unsigned long long)total);
}

static void value_put(struct buf *out, const struct series *series)
{
	int64_t value = atomic_load_explicit(&series->value, memory_order_relaxed);

	name_put(out, series, "");
	if (str_find(str_of(series->metric->name), STR_LIT("_seconds")) > 0)
		seconds_put(out, value);
	else
		buf_printf(out, "%lld", (long long)value);
	buf_put_char(out, '\n');
}

void metrics_put(struct buf *out, struct metrics *metrics)
{
	static const char *const types[] = { "counter", "gauge", "histogram" };

	pthread_mutex_lock(&metrics->lock);
	for (const struct metric *metric = metrics->first; metric; metric = metric->next) {
		if (!metric->first)
			continue;
		buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help,
			   metric->name, types[metric->type]);
		for (const struct series *series = metric->first; series; series = series->next)
			if (metric->type == HISTOGRAM)
				histogram_put(out, series);
			else
				value_put(out, series);
	}
	pthread_mutex_unlock(&metrics->lock);
}
