/* SPDX-License-Identifier: Apache-2.0 */
/* Which bus is behind the interface? */
#include "bus/backend.h"
#include "bus/rabbitmq/url.h"

const char *const bus_queue_names[] = {
	[BUS_SCAN_HIGH] = "dss.scan.high",
	[BUS_SCAN_NORMAL] = "dss.scan.normal",
	[BUS_SCAN_BULK] = "dss.scan.bulk",
	[BUS_QUEUES] = NULL,
};

static const struct bus_backend *const backends[] = { &bus_embedded, &bus_rabbitmq };

bool bus_is_embedded(struct str url)
{
	return !url.len || str_starts(url, bus_embedded.scheme);
}

static int unknown(struct str url, struct err *err)
{
	return err_set(err, -EPROTONOSUPPORT,
		       "bus \"%.*s\": not known; \"embedded\", amqp:// and amqps:// are",
		       STR(str_first(url, 100)));
}

int bus_check(struct arena *a, struct str url, struct err *err)
{
	struct broker_url broker;

	if (bus_is_embedded(url))
		return 0;
	return str_starts(url, bus_rabbitmq.scheme) ? broker_url_parse(a, url, &broker, err)
						    : unknown(url, err);
}

int bus_open(const struct bus_settings *settings, const struct bus_handlers *handlers,
	     struct bus **ret, struct err *err)
{
	if (!settings->url.len)
		return bus_embedded.open(settings, handlers, ret, err);
	for (size_t i = 0; i < ARRAY_COUNT(backends); i++)
		if (str_starts(settings->url, backends[i]->scheme))
			return backends[i]->open(settings, handlers, ret, err);
	return unknown(settings->url, err);
}

void bus_close(struct bus *bus)
{
	if (bus)
		bus->backend->close(bus);
}

void bus_publish(struct bus *bus, enum bus_queue queue, struct str body,
		 void (*done)(void *context, int code), void *context)
{
	bus->backend->publish(bus, queue, body, done, context);
}

void bus_consume(struct bus *bus, unsigned prefetch)
{
	bus->backend->consume(bus, prefetch);
}

void bus_collect(struct bus *bus, unsigned prefetch)
{
	if (bus->backend->collect)
		bus->backend->collect(bus, prefetch);
}

void bus_ack(struct bus *bus, uint64_t tag)
{
	bus->backend->settle(bus, tag, BUS_ACK, 0, STR_NONE);
}

void bus_retry(struct bus *bus, uint64_t tag, unsigned delay_ms, struct str reason)
{
	bus->backend->settle(bus, tag, BUS_RETRY, delay_ms, str_first(reason, BUS_REASON_BYTES));
}

void bus_bury(struct bus *bus, uint64_t tag, struct str reason)
{
	bus->backend->settle(bus, tag, BUS_BURY, 0, str_first(reason, BUS_REASON_BYTES));
}

void bus_give_back(struct bus *bus, uint64_t tag)
{
	bus->backend->settle(bus, tag, BUS_GIVE_BACK, 0, STR_NONE);
}

int bus_probe(struct bus *bus, struct err *err)
{
	return bus->backend->probe ? bus->backend->probe(bus, err) : 0;
}

int bus_flush(struct bus *bus, struct err *err)
{
	return bus->backend->flush(bus, err);
}

int64_t bus_backoff_us(int attempt, uint32_t random)
{
	enum { FIRST_MS = 1000, LAST_MS = 300000 };
	int64_t ms = FIRST_MS;

	for (int i = 1; i < attempt && ms < LAST_MS; i++)
		ms *= 2;
	ms = MIN(ms, LAST_MS);
	return ms * 500 + (int64_t)((uint64_t)random * (uint64_t)(ms * 500) >> 32);
}
