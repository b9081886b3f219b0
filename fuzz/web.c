/* SPDX-License-Identifier: Apache-2.0 */
/* Are URLs, header lines and JSON of any octets refused, or read to what reads the same again? */
#include "formats/json_read.h"
#include "formats/web/header.h"
#include "formats/web/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_url(struct arena *a, struct str text)
{
	struct web_url url, again, target;
	struct err err = { 0 };

	if (web_url_parse(a, text, &url, &err) < 0)
		return;
	if (web_url_parse(a, url.text, &again, &err) < 0 || !str_eq(again.text, url.text) ||
	    !str_eq(again.host, url.host) || again.port != url.port)
		abort();
	(void)!web_url_resolve(a, &url, text, &target, &err);
	(void)!web_url_resolve(a, &url, str_from(text, text.len / 2), &target, &err);
}

static void read_headers(struct arena *a, struct str text)
{
	struct web_header header;
	struct str line;
	unsigned status;

	while (str_split(&text, '\n', &line)) {
		(void)!web_status_read(line, &status);
		if (web_header_read(line, &header) < 0)
			continue;
		if (!header.name.len || str_find_char(header.value, '\r') >= 0)
			abort();
		(void)web_media_type(a, header.value);
		(void)web_retry_after_us(header.value, 0);
	}
}

static void read_json(struct arena *a, struct str text)
{
	const struct json_value *value;
	struct err err = { 0 };

	if (json_read(a, text, &value, &err) < 0)
		return;
	(void)json_at(value, str_first(text, 40));
	(void)json_at(value, STR_LIT("/0/a"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };

	read_url(&a, str_bytes(data, size));
	read_headers(&a, str_bytes(data, size));
	read_json(&a, str_bytes(data, size));
	arena_release(&a);
	return 0;
}
