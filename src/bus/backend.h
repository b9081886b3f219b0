/* SPDX-License-Identifier: Apache-2.0 */
/** What a bus has to bring: a folder under bus/, one struct bus_backend, one line in bus.c. */
#ifndef DSS_BUS_BACKEND_H
#define DSS_BUS_BACKEND_H

#include "bus/bus.h"

enum bus_settling { BUS_ACK, BUS_RETRY, BUS_BURY, BUS_GIVE_BACK };

struct bus_backend {
	struct str scheme; /**< how its URLs begin */
	int (*open)(const struct bus_settings *settings, const struct bus_handlers *handlers,
		    struct bus **ret, struct err *err);
	void (*close)(struct bus *bus);
	void (*publish)(struct bus *bus, enum bus_queue queue, struct str body,
			void (*done)(void *context, int code), void *context);
	void (*consume)(struct bus *bus, unsigned prefetch);
	/** NULL: dead letters are rows of the store. */
	void (*collect)(struct bus *bus, unsigned prefetch);
	/** The delay and reason of a retry, the reason of a burial. */
	void (*settle)(struct bus *bus, uint64_t tag, enum bus_settling how, unsigned delay_ms,
		       struct str reason);
	/** NULL: it is always there. */
	int (*probe)(struct bus *bus, struct err *err);
	int (*flush)(struct bus *bus, struct err *err);
};

/** First member of each backend's own struct. */
struct bus {
	const struct bus_backend *backend;
};

extern const struct bus_backend bus_embedded, bus_rabbitmq;

/** How long until delivery number attempt + 1: 1 s doubling to 5 min; the upper half is drawn by
 * `random`. */
int64_t bus_backoff_us(int attempt, uint32_t random);

#endif
