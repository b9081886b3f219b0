/* SPDX-License-Identifier: Apache-2.0 */
/** Where the bus is, as settings say it. */
#ifndef DSS_BUS_ADDRESS_H
#define DSS_BUS_ADDRESS_H

#include "base/err.h"
#include "base/str.h"

struct bus_address {
	struct str url;      /**< "embedded" or empty; else as bus/rabbitmq/url.h has it */
	struct str password; /**< of the URL's user */
	struct str ca_file;  /**< PEM, for amqps; empty: the system's roots */
};

/** Is it jobs in the store? */
bool bus_is_embedded(struct str url);
/** Can a URL be read, and is there such a bus? -EPROTONOSUPPORT, ERR_SYNTAX. */
int bus_check(struct arena *a, struct str url, struct err *err) MUST_USE;

#endif
