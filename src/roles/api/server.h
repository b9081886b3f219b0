/* SPDX-License-Identifier: Apache-2.0 */
/** What the files of the server share: the process's state. */
#ifndef DSS_ROLES_API_SERVER_H
#define DSS_ROLES_API_SERVER_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/metrics.h"
#include "roles/api/broker.h"
#include "roles/api/kept.h"
#include "roles/api/rate.h"
#include "roles/api/request.h"
#include "roles/api/sweep.h"

enum { COUNTED_ROUTES = 128 };

/** What /metrics shows. */
struct counts {
	struct metrics *all;
	struct series *by_class[6], *by_route[COUNTED_ROUTES], *seconds, *connections, *slow;
	struct series *running, *capacity, *disabled;
	struct metric *domains, *jobs, *broker, *deliveries;
};

void counts_open(struct counts *counts);
void counts_request(struct counts *counts, const struct request *r, int64_t took_us);

enum { QUOTA_ENTRIES = 256 };

/** Quotas of workspaces, as they were a few seconds ago. */
struct quota_entry {
	int64_t workspace, read_us;
	unsigned per_minute;
};

struct quotas_known {
	pthread_mutex_t lock;
	struct quota_entry entries[QUOTA_ENTRIES];
};

struct api {
	struct api_options options;
	struct arena arena;
	struct app *app; /**< NULL: no store */
	struct store *store;
	const char *folder; /**< of data, for bodies that are too large for memory */
	struct MHD_Daemon *daemon;
	struct str url, socket_path; /* socket_path: to remove at the end */
	struct peers peers;
	struct rates rates;
	struct quotas_known quotas;
	struct kept_answers kept;
	struct hub hub;
	struct broker_watch *broker; /**< NULL: the queue is in the store, or nobody listens */
	struct counts counts;
	atomic_uint in_flight, logins;
	atomic_bool is_draining;
	struct str openapi; /* made once */
	unsigned char cursor_key[32];
};

/** What cursors are signed with. */
struct str api_cursor_key(const struct api *api);
/** The whole document. */
struct str openapi_make(struct arena *a);

/* The callbacks that libmicrohttpd calls, by their life cycle. */
void *exchange_begin(void *cls, const char *uri, struct MHD_Connection *connection);
enum MHD_Result exchange_step(void *cls, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload_data,
			      size_t *upload_data_size, void **request);
void exchange_end(void *cls, struct MHD_Connection *connection, void **request,
		  enum MHD_RequestTerminationCode how);

/** Turn the answer of r into a response and queue it. */
enum MHD_Result answer_queue(struct request *r);

#endif
