/* SPDX-License-Identifier: Apache-2.0 */
/* What is a webhook's secret, and what is signed with it? Standard Webhooks 1.0.0. */
#include "formats/web/webhook.h"

#include "base/encode.h"

#include <inttypes.h>

int webhook_secret_read(struct buf *out, struct str secret, struct err *err)
{
	const struct str prefix = STR_LIT(WEBHOOK_SECRET_PREFIX);
	size_t before = out->len;

	if (!str_starts(secret, prefix))
		return err_set(err, ERR_SYNTAX, "a webhook's secret begins with \"whsec_\"");
	if (secret.len > 256 || base64_read(out, str_from(secret, prefix.len)) < 0) {
		out->len = before;
		return err_set(err, ERR_SYNTAX,
			       "behind \"whsec_\" a webhook's secret is base64, with padding");
	}
	if (out->len - before < WEBHOOK_KEY_LEAST || out->len - before > WEBHOOK_KEY_MOST) {
		out->len = before;
		return err_set(err, ERR_LIMIT, "a webhook's secret stands for %d to %d octets",
			       WEBHOOK_KEY_LEAST, WEBHOOK_KEY_MOST);
	}
	return 0;
}

void webhook_secret_put(struct buf *out, struct str key)
{
	buf_put_lit(out, WEBHOOK_SECRET_PREFIX);
	base64_put(out, key);
}

void webhook_content_put(struct buf *out, struct str id, int64_t timestamp_s, struct str body)
{
	buf_put_str(out, id);
	buf_printf(out, ".%" PRId64 ".", timestamp_s);
	buf_put_str(out, body);
}

void webhook_signature_put(struct buf *out, struct str mac)
{
	buf_put_lit(out, "v1,");
	base64_put(out, mac);
}
