/* SPDX-License-Identifier: Apache-2.0 */
/* How many requests were there, and how long did they take? */
#include "base/clock.h"
#include "roles/api/routes.h"
#include "roles/api/server.h"

static const char *const class_labels[] = { "class", NULL };
static const char *const route_labels[] = { "route", NULL };
static const char *const classes[] = { "cut-off", "1xx", "2xx", "3xx", "4xx", "5xx" };

void counts_open(struct counts *counts)
{
	struct metric *by_class, *by_route;

	counts->all = metrics_open();
	by_class = metrics_counter(counts->all, "dss_api_requests_total",
				   "Requests by the class of their status.", class_labels);
	for (size_t i = 0; i < ARRAY_COUNT(classes); i++)
		counts->by_class[i] = metric_series(by_class, (struct str[]){ str_of(classes[i]) });
	by_route = metrics_counter(counts->all, "dss_api_route_requests_total",
				   "Requests by route.", route_labels);
	for (size_t i = 0; i < COUNTED_ROUTES; i++) {
		struct str name = routes[i].name ? str_of(routes[i].name) : STR_LIT("none");

		counts->by_route[i] = metric_series(by_route, &name);
		if (!routes[i].name)
			break;
	}
	counts->seconds = metric_series(
		metrics_histogram(counts->all, "dss_api_request_seconds",
				  "Time from the request line to the end of the answer.", NULL,
				  NULL),
		NULL);
	counts->connections = metric_series(
		metrics_gauge(counts->all, "dss_api_connections", "Open connections.", NULL), NULL);
	counts->slow = metric_series(
		metrics_gauge(counts->all, "dss_api_slow_connections",
			      "Connections that were shut down because the client was too slow.",
			      NULL),
		NULL);
}

void counts_request(struct counts *counts, const struct request *r, int64_t took_us)
{
	size_t number = 0;

	while (routes[number].name && &routes[number] != r->route)
		number++;
	metric_add(counts->by_class[MIN(r->status / 100, 5)], 1);
	metric_add(counts->by_route[MIN(number, (size_t)COUNTED_ROUTES - 1)], 1);
	metric_observe(counts->seconds, (uint64_t)MAX(took_us, 0));
}

static int metrics_answer(struct request *r)
{
	struct api *api = r->api;

	pthread_mutex_lock(&api->peers.lock);
	metric_set(api->counts.connections, (int64_t)api->peers.count);
	metric_set(api->counts.slow, (int64_t)api->peers.cut);
	pthread_mutex_unlock(&api->peers.lock);
	metrics_put(&r->out, api->counts.all);
	return answer_text(r, 200, r->route->operation->media);
}

const struct operation operation_metrics = {
	.handle = metrics_answer,
	.media = METRICS_CONTENT_TYPE,
};
