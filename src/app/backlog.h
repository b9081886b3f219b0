/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How much may wait? The store is the backlog, and it takes what comes as long as its disk lasts. So that
 * a broker or workers that are away for days do not fill it, who would add scans to app->backlog_most that
 * wait is told to come back. They are counted once in a while, not with each request: a little more may
 * come in. What was accepted is never let go.
 */
#ifndef DSS_APP_BACKLOG_H
#define DSS_APP_BACKLOG_H

#include "app/app.h"

enum { BACKLOG_RETRY_S = 30 };

/** -ENOBUFS: as many as may wait do. */
int backlog_check(struct app *app, struct problem *problem) MUST_USE;

#endif
