/* SPDX-License-Identifier: Apache-2.0 */
/* What do tests about scans begin with? */
#include "tests/contract/scan_rows.h"

int64_t rows_domain(struct store_tx *tx, const char *name)
{
	struct domain_row row = { .workspace = WORKSPACE_DEFAULT,
				  .name = str_of(name),
				  .profile = DOMAIN_NO_PROFILE };

	CHECK_INT(domain_insert(tx, &row, NULL), 0);
	return row.no;
}

struct scan_row rows_scan(struct store_tx *tx, int64_t domain)
{
	struct scan_row row = { .workspace = WORKSPACE_DEFAULT,
				.domain = domain,
				.priority = PRIORITY_NORMAL };

	CHECK_INT(scan_insert(tx, &row, NULL), 0);
	return row;
}

struct uuid rows_worker(struct store_tx *tx)
{
	struct worker_row row = {
		.id = uuid_new(tx->now_us), .host = STR_LIT("here"), .pid = 1, .capacity = 8
	};

	CHECK_INT(worker_register(tx, &row, NULL), 0);
	return row.id;
}
