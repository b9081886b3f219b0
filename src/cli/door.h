/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The door to the API: --server's, or one of our own over the data folder, in this process and with
 * nothing to listen on. Commands ask the same questions of both, so what one can do the other can.
 */
#ifndef DSS_CLI_DOOR_H
#define DSS_CLI_DOOR_H

#include "cli/command.h"
#include "cli/rest.h"

struct api;

struct door {
	struct rest rest;
	struct api *api; /**< our own; NULL: a server's */
};

/** 0; ERR_SYNTAX: --server or the key are not what they must be; codes of the store. */
int door_open(const struct call *call, struct door *ret, struct err *err) MUST_USE;
void door_close(struct door *door);

#endif
