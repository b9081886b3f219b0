/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The role `dss notifier`: makes deliveries of events (app/route.h), writes the messages (report/notice.h),
 * hands them to its child `dss-net sender`, and writes down what came of them (app/dispatch.h). It connects
 * to nothing but store and broker.
 *
 * Several may run: what is being sent is one notifier's, by lease; on one machine the lock file of a notifier
 * that died gives its deliveries back at once. It looks when something was committed, when a window closes or
 * an attempt is due, and once a second besides.
 *
 * notifier.c is the process and its rounds; outbox.c the sender and what it has; message.c what a message
 * says.
 */
#ifndef DSS_ROLES_NOTIFIER_NOTIFIER_H
#define DSS_ROLES_NOTIFIER_NOTIFIER_H

#include "base/log.h"
#include "bus/address.h"
#include "children/sender_protocol.h"

struct notifier_options {
	struct str store; /**< as in store/store.h */
	struct sender_configuration sender;
	/** Where mail is handed in; an empty host: no mail is sent. */
	struct str smtp_host;
	uint16_t smtp_port;
	enum sender_tls smtp_tls;
	struct str smtp_user, smtp_password;
	struct str scripts;     /**< folder; empty: none are run */
	struct bus_address bus; /**< whose exchange gets events; embedded: none */
	struct str mail_from;   /**< addr-spec */
	struct str public_url;  /**< links begin with it; empty: no links */
	int ready_fd;           /**< written to, once, when the sender is ready; 0: nobody asks */
	const struct log *log;
};

/** Until SIGTERM or SIGINT: what is being sent may end. 0, or the code of the store. */
int notifier_main(const struct notifier_options *options, struct err *err) MUST_USE;

#endif
