/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The role `dss serve`: one of each role on one data folder. It takes the folder's serve.lock, brings
 * the store up to date, starts the roles (roles/serve/supervisor.h) and says where they answer. It
 * speaks neither to the store nor to the network afterwards.
 *
 * Roles get the settings as variables, with no configuration file: what serve accepted is what they
 * run with, whenever they start. The API's socket is serve's: it stays while the API is away. SIGHUP: the configuration is read again; a wrong one changes
 * nothing and is logged; a right one rolls the roles. SIGTERM, SIGINT: the roles drain; again: they
 * hand back at once. A service manager is told READY=1 when all roles are ready, STOPPING=1, and
 * WATCHDOG=1 as long as the loop turns.
 */
#ifndef DSS_ROLES_SERVE_SERVE_H
#define DSS_ROLES_SERVE_SERVE_H

#include "settings/setting.h"

enum { SERVE_ROLES = 8 };

/** A role is a command of this program. */
struct serve_role {
	const char *name;
	bool has_readyz; /**< it answers GET /readyz at server.listen */
};

struct serve_options {
	const struct serve_role *roles; /**< in the order in which they start */
	size_t role_count;              /**< 1 to SERVE_ROLES */
	const struct settings *settings;
	unsigned commands; /**< with the next two: how the settings are read again */
	int word_count;
	char *const *words;
	const char *program;            /**< absolute path of dss */
	const char *const *environment; /**< NAME=VALUE for the roles besides settings */
	const char *home;               /**< shown as ~; may be NULL */
	const char *notify_socket;      /**< $NOTIFY_SOCKET, or NULL */
	int64_t watchdog_us;            /**< $WATCHDOG_USEC; 0: none */
	/** A socket that listens where the settings say: it stays when the API is started again, so that
	 * who connects meanwhile waits for it. NULL: the API makes its own. */
	int (*listen)(const struct settings *settings, int *ret_fd, struct err *err);
	/** A line for people: where things are. */
	void (*say)(struct str line);
};

/**
 * Until it has ended. 0; ERR_SYNTAX: a role refused its settings, and has said why; -EBUSY: someone
 * else serves the folder; other codes of the store.
 */
int serve_main(const struct serve_options *options, struct err *err) MUST_USE;

#endif
