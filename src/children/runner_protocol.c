/* SPDX-License-Identifier: Apache-2.0 */
/* How are the bodies of the runner's frames written? Numbers are permanent. */
#include "children/runner_protocol.h"

static const struct desc_field number_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct run_number, number),
};

static const struct desc_field secret_fields[] = {
	DESC_FIELD(1, DESC_STR, struct runner_secret, name),
	DESC_FIELD(2, DESC_STR, struct runner_secret, value, .flags = DESC_HIDDEN),
};
static const struct desc secret_desc = DESC(runner_secret, secret_fields);

static const struct desc_field configuration_fields[] = {
	DESC_ARRAY(1, DESC_STR, struct runner_configuration, resolvers, resolver_count),
	DESC_ARRAY(2, DESC_STR, struct runner_configuration, allow_networks, allow_network_count),
	DESC_FIELD(3, DESC_STR, struct runner_configuration, ca_file),
	DESC_FIELD(4, DESC_UINT, struct runner_configuration, at_once),
	DESC_FIELD(5, DESC_STRUCT, struct runner_configuration, definitions,
		   .of = &definitions_desc),
	DESC_ARRAY(6, DESC_STRUCT, struct runner_configuration, secrets, secret_count,
		   .of = &secret_desc),
};

static const struct desc_field ready_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct runner_ready, pid),
};

static const struct desc_field log_fields[] = {
	DESC_FIELD(1, DESC_BOOL, struct runner_log, is_warning),
	DESC_FIELD(2, DESC_STR, struct runner_log, text),
};

const struct desc run_number_desc = DESC(run_number, number_fields);
const struct desc runner_configuration_desc = DESC(runner_configuration, configuration_fields);
const struct desc runner_ready_desc = DESC(runner_ready, ready_fields);
const struct desc runner_log_desc = DESC(runner_log, log_fields);
