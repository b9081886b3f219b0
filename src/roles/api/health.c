/* SPDX-License-Identifier: Apache-2.0 */
/* Is the process alive, and can it do its work? */
#include "roles/api/server.h"
#include "store/worker.h"

struct health {
	struct str status, version;
};

static const struct desc_field health_fields[] = {
	DESC_FIELD(1, DESC_STR, struct health, status),
	DESC_FIELD(2, DESC_STR, struct health, version),
};
static const struct desc health_desc = DESC(health, health_fields);

static int healthz_answer(struct request *r)
{
	struct health health = { STR_LIT("ok"), STR_LIT(DSS_VERSION) };

	return answer_struct(r, &health);
}

const struct operation operation_healthz = {
	.handle = healthz_answer,
	.shape = &health_desc,
};

struct ready_part {
	struct str name, reason;
	bool is_ready;
};

struct ready {
	bool is_ready;
	struct ready_part *parts;
	size_t part_count;
};

static const struct desc_field ready_part_fields[] = {
	DESC_FIELD(1, DESC_STR, struct ready_part, name),
	DESC_NAMED(2, DESC_BOOL, struct ready_part, is_ready, "ready"),
	DESC_FIELD(3, DESC_STR, struct ready_part, reason),
};
static const struct desc ready_part_desc = DESC(ready_part, ready_part_fields);
static const struct desc_field ready_fields[] = {
	DESC_NAMED(1, DESC_BOOL, struct ready, is_ready, "ready"),
	DESC_ARRAY(2, DESC_STRUCT, struct ready, parts, part_count, .of = &ready_part_desc),
};
static const struct desc ready_desc = DESC(ready, ready_fields);

static struct ready_part serving(const struct api *api)
{
	return (struct ready_part){ .name = STR_LIT("serving"),
				    .is_ready = !api->is_draining,
				    .reason = api->is_draining ? STR_LIT("it is being stopped")
							       : STR_NONE };
}

static int capacity_read(struct store_tx *tx, void *context, struct err *err)
{
	return worker_capacity(tx, context, err);
}

static struct ready_part stored(const struct api *api, struct arena *a, int64_t *ret_capacity)
{
	struct ready_part part = { .name = STR_LIT("store"), .is_ready = true };
	struct err err = { 0 };

	if (!api->store) {
		part.reason = STR_LIT("none was given");
	} else if (store_read(api->store, capacity_read, ret_capacity, &err) < 0) {
		part.is_ready = false;
		part.reason = str_copy(a, str_of(err.text));
	}
	return part;
}

/* Not needed: what is accepted waits in the store. */
static struct ready_part working(int64_t capacity)
{
	return (struct ready_part){ .name = STR_LIT("workers"),
				    .is_ready = capacity > 0,
				    .reason = capacity > 0 ? STR_NONE
							   : STR_LIT("none lives: scans wait") };
}

/* Not needed either: what is accepted waits in the store, whatever the broker does. */
static struct ready_part queued(struct api *api, struct arena *a)
{
	struct str text = broker_watch_text(api->broker, a);

	return (struct ready_part){ .name = STR_LIT("queue"),
				    .is_ready = !text.len,
				    .reason = text };
}

static int readyz_answer(struct request *r)
{
	int64_t capacity = 0;
	struct ready_part parts[] = { serving(r->api), stored(r->api, &r->arena, &capacity),
				      queued(r->api, &r->arena), working(capacity) };
	struct ready ready = { .is_ready = parts[0].is_ready && parts[1].is_ready,
			       .parts = parts,
			       .part_count = ARRAY_COUNT(parts) };
	struct json w;

	w = answer_json(r, ready.is_ready ? 200 : 503);
	desc_json(&w, &ready_desc, &ready);
	return 0;
}

const struct operation operation_readyz = {
	.handle = readyz_answer,
	.shape = &ready_desc,
	.codes = { 503 },
	.help = "503 with the same body says which part is not ready, and why. Queue and workers "
		"are told and not needed: what is accepted waits for them in the store.",
};
