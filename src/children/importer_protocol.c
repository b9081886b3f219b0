/* SPDX-License-Identifier: Apache-2.0 */
/* How are the bodies of the importer's frames written? Numbers are permanent. */
#include "children/importer_protocol.h"

static const struct desc_field order_fields[] = {
	DESC_FIELD(1, DESC_STR, struct importer_order, zone),
	DESC_FIELD(2, DESC_STR, struct importer_order, host),
	DESC_FIELD(3, DESC_UINT, struct importer_order, port),
	DESC_FIELD(4, DESC_BOOL, struct importer_order, takes_all),
	DESC_FIELD(5, DESC_STR, struct importer_order, key_name),
	DESC_FIELD(6, DESC_STR, struct importer_order, key_algorithm),
	DESC_FIELD(7, DESC_BYTES, struct importer_order, key_secret, .flags = DESC_HIDDEN),
	DESC_ARRAY(8, DESC_STR, struct importer_order, allow_networks, allow_network_count),
	DESC_FIELD(9, DESC_UINT, struct importer_order, timeout_ms),
	DESC_FIELD(10, DESC_UINT, struct importer_order, silence_ms),
};

static const struct desc_field names_fields[] = {
	DESC_FIELD(1, DESC_STR, struct importer_names, text),
};

static const struct desc_field done_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct importer_done, messages),
	DESC_FIELD(2, DESC_UINT, struct importer_done, records),
	DESC_FIELD(3, DESC_UINT, struct importer_done, names),
	DESC_FIELD(4, DESC_UINT, struct importer_done, serial),
};

static const struct desc_field fatal_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct importer_fatal, exit_code),
	DESC_FIELD(2, DESC_STR, struct importer_fatal, text),
};

const struct desc importer_order_desc = DESC(importer_order, order_fields);
const struct desc importer_names_desc = DESC(importer_names, names_fields);
const struct desc importer_done_desc = DESC(importer_done, done_fields);
const struct desc importer_fatal_desc = DESC(importer_fatal, fatal_fields);
