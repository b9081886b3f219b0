/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A portfolio that is scanned again and again, in a store of its own: what does a scan cost there when
 * nothing has changed? Each domain has FACTS facts, of which the times and TTL differ from scan to scan,
 * and FINDINGS findings that stay. Everything goes through the application: a batch is expanded, its
 * scans are taken and ended, with their events.
 */
#ifndef DSS_BENCH_PORTFOLIO_H
#define DSS_BENCH_PORTFOLIO_H

#include "app/app.h"
#include "app/scan.h"

enum { PORTFOLIO_FACTS = 48, PORTFOLIO_FINDINGS = 6, PORTFOLIO_GROUP = 64 };

struct portfolio {
	char folder[200];
	bool is_file;   /**< SQLite's: its octets can be counted */
	unsigned facts; /* a domain; PORTFOLIO_FACTS at most */
	struct store *store;
	struct app app;
	struct uuid worker;
	unsigned domains;
	uint32_t seed;
	unsigned
		changing; /**< so many domains have another address each round; from the first on */
	unsigned round;
	int64_t now_us;
	/* spent in app_scan_end alone */
	double end_wall_s, end_cpu_s;
	uint64_t ended;
};

/** In a folder under /tmp, which goes with it. */
int portfolio_open(struct portfolio *p, unsigned domains, struct err *err) MUST_USE;
void portfolio_close(struct portfolio *p);
/** Scan each domain once more. */
int portfolio_rescan(struct portfolio *p, struct err *err) MUST_USE;
/** Let go, as the scheduler does, what is older than so many rounds, and collect what nobody names any
 * more. */
int portfolio_expire(struct portfolio *p, unsigned rounds, struct err *err) MUST_USE;

/* The same in parts, for who has a store and a queue of his own: */

/** Not opened yet: p->store is the caller's to set. */
void portfolio_init(struct portfolio *p, unsigned domains);
int portfolio_add_domains(struct portfolio *p, struct err *err) MUST_USE;
/** A day later, a batch of all domains. */
int portfolio_add_batch(struct portfolio *p, struct uuid *ret, struct err *err) MUST_USE;
/** Take these scans, PORTFOLIO_GROUP at most, and store what they found. */
int portfolio_scan(struct portfolio *p, struct scan_taking *takings, size_t count,
		   struct err *err) MUST_USE;

/** Size of the database in its folder. */
int portfolio_bytes(struct portfolio *p, int64_t *ret, struct err *err) MUST_USE;

#endif
