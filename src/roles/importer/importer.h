/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The importer: a process that brings the names of one zone from the server that gives it by transfer
 * (net/zone_fetch.h), and can do nothing else. It is told everything by one frame
 * (children/importer_protocol.h) on descriptor PROCESS_FD, enters its sandbox before it asks anything, and
 * leaves when its work is done or its parent has left. A TSIG key is in its memory only.
 */
#ifndef DSS_ROLES_IMPORTER_IMPORTER_H
#define DSS_ROLES_IMPORTER_IMPORTER_H

/** Runs until its work is done; returns the exit code of the process. */
int importer_main(void);

#endif
