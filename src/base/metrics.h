/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a process counts, written as Prometheus text (exposition format 0.0.4). Counting is lock-free
 * and may happen in any thread; making a series takes a lock, so keep the pointer where it is hot.
 *
 *	static const char *const labels[] = { "result", NULL };
 *	struct metric *scans = metrics_counter(metrics, "dss_scans_total", "Scans that ended.", labels);
 *	metric_add(metric_series(scans, (struct str[]){ STR_LIT("done") }), 1);
 *
 * A metric has at most METRIC_SERIES_MAX series: values beyond that are counted in one whose labels
 * all say "other", so that no client and no scanned party can make memory grow. Names and label
 * names are ours, and follow Prometheus: dss_NOUN_UNIT, counters end in _total, units are base units
 * (seconds, bytes). Times are given in microseconds and written in seconds.
 */
#ifndef DSS_BASE_METRICS_H
#define DSS_BASE_METRICS_H

#include "base/str.h"

enum { METRIC_SERIES_MAX = 128, METRIC_LABELS_MAX = 3, METRIC_BUCKETS_MAX = 16 };

struct metrics;
struct metric;
struct series;

struct metrics *metrics_open(void);
/** NULL is fine. All metrics and series go with it. */
void metrics_close(struct metrics *metrics);

/** @labels  ended by NULL, at most METRIC_LABELS_MAX; NULL: none. All strings must outlive it. The
 * same name again gives the same metric. */
struct metric *metrics_counter(struct metrics *metrics, const char *name, const char *help,
			       const char *const *labels);
struct metric *metrics_gauge(struct metrics *metrics, const char *name, const char *help,
			     const char *const *labels);
/** Of times. @bounds_us  upper bounds of the buckets, rising, ended by 0; NULL: 1 ms to 60 s. */
struct metric *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
				 const char *const *labels, const uint64_t *bounds_us);

/** @values  one for each label, foreign bytes allowed; NULL without labels. Never NULL. */
struct series *metric_series(struct metric *metric, const struct str *values);

/** Counters. */
void metric_add(struct series *series, uint64_t count);
/** Gauges, in their unit; and in microseconds where the name says seconds. */
void metric_set(struct series *series, int64_t value);
void metric_change(struct series *series, int64_t by);
/** Histograms. */
void metric_observe(struct series *series, uint64_t us);

/** All of them, in the order of their making; each histogram is consistent in itself. */
void metrics_put(struct buf *out, struct metrics *metrics);
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

#endif
