/* SPDX-License-Identifier: Apache-2.0 */
/** What `dss serve` hands to a role beside its settings: descriptors that variables name. */
#ifndef DSS_CLI_HANDED_H
#define DSS_CLI_HANDED_H

/** The number that $DSS_LISTEN_FD or $DSS_READY_FD holds (roles/serve/supervisor.h), if it is open; 0: none. */
int handed_fd(const char *variable);

#endif
