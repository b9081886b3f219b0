/* SPDX-License-Identifier: Apache-2.0 */
/* Which domains does a zone delegate, says the server that gives it away? */
#include "cli/import_zone.h"

#include "base/address.h"
#include "base/terminal.h"
#include "children/importer.h"
#include "formats/dns/name.h"
#include "formats/dns/tsig.h"
#include "settings/secret.h"

#include <sys/mman.h>
#include <unistd.h>

/* "example.com@192.0.2.1", "example.com@[2001:db8::1]:5353", "example.com@ns1.example.net:53". */
static int place_read(struct task *task, struct importer_order *order, struct err *err)
{
	struct str text = task_text(task, SETTING_AXFR), server;
	ptrdiff_t at = str_find_last_char(text, '@'), colon;
	struct address address;
	struct err why = { 0 };
	uint64_t port = 0;

	if (at <= 0 || (size_t)at + 1 == text.len)
		return err_set(err, -EINVAL,
			       "--axfr takes ZONE@SERVER: --axfr example.com@192.0.2.1");
	if (dns_name_parse(task->arena, str_first(text, (size_t)at), &order->zone, &why) < 0)
		return err_set(err, -EINVAL, "--axfr: the zone is no domain name: %s", why.text);
	server = str_from(text, (size_t)at + 1);
	if (address_port_parse(server, &address, &order->port, &why) == 0) {
		order->host = address_str(task->arena, &address);
		return 0;
	}
	colon = str_find_last_char(server, ':');
	if (colon >= 0 &&
	    (str_to_uint(str_from(server, (size_t)colon + 1), UINT16_MAX, &port) < 0 || !port))
		return err_set(err, -EINVAL, "--axfr: the port is a number from 1 to 65535");
	order->port = (uint16_t)port;
	order->host = colon < 0 ? server : str_first(server, (size_t)colon);
	return 0;
}

static int key_read(struct task *task, struct importer_order *order, struct err *err)
{
	struct str path = task_text(task, SETTING_TSIG);
	struct secret secret = { STR_NONE };
	struct err why = { 0 };
	struct tsig_key key;
	int code;

	if (!path.len)
		return 0;
	TRY(secret_read_text(task->arena, str_cstring(task->arena, path), &secret, err));
	code = tsig_key_read(task->arena, secret.bytes, &key, &why);
	secret_forget(&secret);
	if (code < 0)
		return err_set(err, -EINVAL, "%.*s: %s", STR(path), why.text);
	order->key_name = key.name;
	order->key_algorithm = key.algorithm;
	order->key_secret = key.secret;
	return 0;
}

/* What is written there is nowhere on a disk. */
static int names_put(struct str names, struct err *err)
{
	int fd = memfd_create("dss-zone", MFD_CLOEXEC);

	if (fd < 0)
		return err_set(err, -errno, "no memory for the zone's names: %s", strerror(errno));
	for (size_t done = 0; done < names.len;) {
		ssize_t put = write(fd, names.data + done, names.len - done);

		if (put < 0) {
			close(fd);
			return err_set(err, -EIO, "no memory for the zone's names");
		}
		done += (size_t)put;
	}
	if (lseek(fd, 0, SEEK_SET) < 0) {
		close(fd);
		return err_set(err, -EIO, "the zone's names cannot be read again");
	}
	return fd;
}

static void summary_say(const struct task *task, const struct importer_order *order,
			const struct importer_done *done)
{
	if (task_value(task, SETTING_QUIET)->is_on)
		return;
	console_say("%.*s, serial %u: %llu record%s, %llu %s%s", STR(order->zone), done->serial,
		    (unsigned long long)done->records, done->records == 1 ? "" : "s",
		    (unsigned long long)done->names, order->takes_all ? "name" : "delegated name",
		    done->names == 1 ? "" : "s");
	if (!done->names && !order->takes_all)
		console_say("the zone delegates nothing; --all-names takes every name in it");
}

int import_zone_fetch(struct task *task, int *ret_fd)
{
	const struct setting_value *allowed = task_value(task, SETTING_ALLOW_NETWORK);
	struct importer_order order = { .takes_all = task_value(task, SETTING_ALL_NAMES)->is_on,
					.allow_networks = allowed->list,
					.allow_network_count = allowed->count };
	struct importer_done done;
	struct err err = { 0 };
	struct buf names;
	int code, fd = -1;

	code = place_read(task, &order, &err);
	if (code == 0)
		code = key_read(task, &order, &err);
	if (code < 0) {
		console_say("%s", err.text);
		return EXIT_USAGE;
	}
	buf_init(&names, NULL);
	code = importer_fetch(&order, &names, &done, &err);
	if (code == 0 && names.len)
		code = fd = names_put(buf_str(&names), &err);
	buf_release(&names);
	if (code < 0) {
		console_say("%.*s from %.*s: %s; nothing was imported", STR(order.zone),
			    STR(order.host), err.text);
		return err.code == -ECONNABORTED ? EXIT_INCOMPLETE
		       : err.code == -EINVAL     ? EXIT_USAGE
						 : EXIT_BROKEN;
	}
	summary_say(task, &order, &done);
	*ret_fd = fd;
	return EXIT_DONE;
}
