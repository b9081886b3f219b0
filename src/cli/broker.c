/* SPDX-License-Identifier: Apache-2.0 */
/* Which bus do the settings name? */
#include "cli/broker.h"

#include "settings/secret.h"

int broker_address(const struct call *call, const char *command, struct bus_address *ret)
{
	struct bus_address address = { .url = call_value(call, SETTING_BUS)->text,
				       .ca_file = call_value(call, SETTING_BUS_CA)->text };
	struct secret secret = { STR_NONE };
	struct err err = { 0 };

	if (bus_check(call->arena, address.url, &err) < 0)
		return console_usage(command, "%s", err.text);
	if (!bus_is_embedded(address.url) &&
	    secret_read(call->arena, call->settings, SETTING_BUS_PASSWORD, &secret, &err) < 0)
		return console_usage(command, "the password of the user in bus.url: %s", err.text);
	address.password = secret.bytes;
	*ret = address;
	return EXIT_DONE;
}
