/* SPDX-License-Identifier: Apache-2.0 */
/** The time zones of this machine: /usr/share/zoneinfo, package tzdata. */
#ifndef DSS_APP_ZONE_H
#define DSS_APP_ZONE_H

#include "formats/tzif.h"

/**
 * Read a zone by its name, "Europe/Berlin". "UTC" needs no file. The file is read each time, so that
 * an update of tzdata counts at once. 0; -EINVAL: no name of a zone, or no such zone here; else why
 * its file cannot be used; err is for people.
 */
int zone_load(struct arena *a, struct str name, struct tz *ret, struct err *err) MUST_USE;

#endif
