/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where the broker is: amqp[s]://USER@HOST[:PORT][,HOST[:PORT]…][/VHOST]. The password stands in a file
 * and never here. Ports are 5672, with amqps 5671; an IPv6 address stands in brackets; USER and VHOST
 * are percent-decoded; without VHOST it is "/".
 */
#ifndef DSS_BUS_RABBITMQ_URL_H
#define DSS_BUS_RABBITMQ_URL_H

#include "base/err.h"
#include "base/str.h"

enum { BROKER_HOSTS = 16, BROKER_NAME_BYTES = 255 };

struct broker_host {
	const char *name; /**< a host name or an address */
	unsigned port;
	const char *text; /**< "name:port", for people */
};

struct broker_url {
	bool has_tls;
	struct str user, vhost;
	struct broker_host host[BROKER_HOSTS];
	size_t host_count;
};

/** ERR_SYNTAX. */
int broker_url_parse(struct arena *a, struct str url, struct broker_url *ret,
		     struct err *err) MUST_USE;

#endif
