/* SPDX-License-Identifier: Apache-2.0 */
/* Whom does a command ask? */
#include "cli/door.h"

#include "roles/api/api.h"
#include "settings/secret.h"

#include <pwd.h>
#include <unistd.h>

enum { OWN_THREADS = 2, OWN_CONNECTIONS = 16 };

static int own_dial(void *api, int *ret_fd, struct err *err)
{
	return api_connect(api, ret_fd, err);
}

/* As the machine knows the person. */
static struct str own_name(struct arena *a)
{
	const struct passwd *entry = getpwuid(getuid());

	return entry ? str_copy(a, str_of(entry->pw_name))
		     : str_printf(a, "uid %u", (unsigned)getuid());
}

static int own_open(const struct call *call, struct door *door, struct err *err)
{
	struct api_options options = { .store = call_value(call, SETTING_STORE)->text,
				       .data = call_value(call, SETTING_DATA)->text,
				       .own_name = own_name(call->arena),
				       .threads = OWN_THREADS,
				       .connections = OWN_CONNECTIONS,
				       .bus.url = call_value(call, SETTING_BUS)->text };

	TRY(api_open(&options, &door->api, err));
	door->rest =
		(struct rest){ .host = STR_LIT("localhost"), .dial = own_dial, .data = door->api };
	return 0;
}

int door_open(const struct call *call, struct door *ret, struct err *err)
{
	struct str url = call_value(call, SETTING_SERVER)->text;
	struct door door = { .api = NULL };
	struct secret token;
	int code;

	if (!url.len) {
		TRY(own_open(call, &door, err));
		*ret = door;
		return 0;
	}
	TRY(rest_parse(call->arena, url, &door.rest, err));
	code = secret_read(call->arena, call->settings, SETTING_TOKEN, &token, err);
	if (code < 0 && code != -ENOENT)
		return err_set(err, ERR_SYNTAX, "%s", err->text);
	if (code == 0)
		door.rest.token = token.bytes;
	*ret = door;
	return 0;
}

void door_close(struct door *door)
{
	api_close(door->api, 0);
	door->api = NULL;
}
