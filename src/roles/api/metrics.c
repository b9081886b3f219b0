/* SPDX-License-Identifier: Apache-2.0 */
/* How many requests were there, and how long did they take? */
#include "bus/bus.h"
#include "roles/api/routes.h"
#include "roles/api/server.h"
#include "store/channel.h"
#include "store/delivery.h"
#include "store/job.h"
#include "store/scan.h"
#include "store/worker.h"
#include "store/workspace.h"

static const char *const class_labels[] = { "class", NULL };
static const char *const route_labels[] = { "route", NULL };
static const char *const workspace_labels[] = { "workspace", NULL };
static const char *const broker_labels[] = { "queue", NULL };
static const char *const state_labels[] = { "state", NULL };
static const char *const queue_labels[] = { "queue", "state", NULL };
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
	counts->domains = metrics_gauge(counts->all, "dss_domains", "Domains of each workspace.",
					workspace_labels);
	counts->jobs = metrics_gauge(counts->all, "dss_queue_messages",
				     "Messages of each queue by state.", queue_labels);
	counts->broker = metrics_gauge(
		counts->all, "dss_broker_messages",
		"Messages that RabbitMQ has ready in each queue; -1: not known.", broker_labels);
	counts->deliveries =
		metrics_gauge(counts->all, "dss_deliveries",
			      "Messages of notifications that are on their way.", state_labels);
	counts->disabled = metric_series(
		metrics_gauge(counts->all, "dss_channels_disabled",
			      "Channels that were disabled because their receiver is gone.", NULL),
		NULL);
	counts->running = metric_series(
		metrics_gauge(counts->all, "dss_scans_running", "Scans that run.", NULL), NULL);
	counts->capacity =
		metric_series(metrics_gauge(counts->all, "dss_worker_capacity",
					    "Scans that live workers take at a time.", NULL),
			      NULL);
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

enum { SHOWN_WORKSPACES = 50 };

static int queues_count(struct store_tx *tx, struct counts *counts, struct err *err)
{
	int64_t on_bus, running, capacity;

	for (int i = 0; i < BUS_QUEUES; i++) {
		struct job_depth depth;
		struct str name = str_of(bus_queue_names[i]);

		TRY(job_depth(tx, i, &depth, err));
		metric_set(metric_series(counts->jobs, (struct str[]){ name, STR_LIT("ready") }),
			   depth.ready);
		metric_set(metric_series(counts->jobs, (struct str[]){ name, STR_LIT("delayed") }),
			   depth.delayed);
		metric_set(metric_series(counts->jobs, (struct str[]){ name, STR_LIT("leased") }),
			   depth.leased);
		metric_set(metric_series(counts->jobs, (struct str[]){ name, STR_LIT("dead") }),
			   depth.dead);
	}
	TRY(scan_in_flight(tx, 0, &on_bus, &running, err));
	TRY(worker_capacity(tx, &capacity, err));
	metric_set(counts->running, running);
	metric_set(counts->capacity, capacity);
	return 0;
}

static int deliveries_count(struct store_tx *tx, struct counts *counts, struct err *err)
{
	struct delivery_counts deliveries;
	int64_t disabled;

	TRY(delivery_count_open(tx, &deliveries, err));
	TRY(channel_count_disabled(tx, &disabled, err));
	for (int i = DELIVERY_OPEN; i <= DELIVERY_SENDING; i++) {
		struct str state = str_of(delivery_state_words[i]);

		metric_set(metric_series(counts->deliveries, &state), deliveries.by_state[i]);
	}
	metric_set(counts->disabled, disabled);
	return 0;
}

/* What the store says, for all services of the installation. */
static int store_count(struct store_tx *tx, void *context, struct err *err)
{
	struct page page = { .limit = SHOWN_WORKSPACES };
	struct counts *counts = context;
	struct workspace_row *rows;
	struct str next;
	size_t count;

	TRY(workspace_list(tx, &page, &rows, &count, &next, err));
	for (size_t i = 0; i < count; i++)
		metric_set(metric_series(counts->domains, &rows[i].name), rows[i].domains);
	TRY(deliveries_count(tx, counts, err));
	return queues_count(tx, counts, err);
}

static void broker_count(struct api *api)
{
	int64_t depth[BUS_QUEUES + 1];
	bool is_known = broker_watch_depths(api->broker, depth);

	for (int i = 0; api->broker && i <= BUS_QUEUES; i++) {
		struct str name = i < BUS_QUEUES ? str_of(bus_queue_names[i]) : STR_LIT("dss.dead");

		metric_set(metric_series(api->counts.broker, &name), is_known ? depth[i] : -1);
	}
}

static int metrics_answer(struct request *r)
{
	struct api *api = r->api;

	if (api->store)
		TRY(store_read(api->store, store_count, &api->counts, &r->err));

	broker_count(api);
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
