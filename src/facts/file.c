/* SPDX-License-Identifier: Apache-2.0 */
/* How do the facts of scans stand in a file? */
#include "facts/file.h"

#include "base/desc.h"

static const struct str magic = STR_INIT("dss-facts ");

static const struct desc_field scan_fields[] = {
	DESC_FIELD(1, DESC_STR, struct facts_scan, domain),
	DESC_FIELD(2, DESC_TIME, struct facts_scan, at_us),
	DESC_FIELD(3, DESC_BOOL, struct facts_scan, is_active),
	DESC_ARRAY(4, DESC_STR, struct facts_scan, dkim_selectors, dkim_selector_count),
	DESC_FIELD(5, DESC_STR, struct facts_scan, profile, .flags = DESC_OPTIONAL),
};
static const struct desc scan_desc = DESC(facts_scan, scan_fields);

void facts_file_put_encoded(struct buf *out, struct str fact)
{
	buf_put_varint(out, fact.len);
	buf_put_str(out, fact);
}

void facts_file_begin(struct buf *out, const struct facts_scan *scan)
{
	struct buf block;

	buf_put_str(out, magic);
	buf_put_uint(out, FACTS_FILE_VERSION);
	buf_put_char(out, '\n');
	buf_init(&block, NULL);
	desc_encode(&block, &scan_desc, scan);
	facts_file_put_encoded(out, buf_str(&block));
	buf_release(&block);
}

void facts_file_put(struct buf *out, const struct fact *fact)
{
	struct buf block;

	buf_init(&block, NULL);
	fact_encode(&block, fact);
	facts_file_put_encoded(out, buf_str(&block));
	buf_release(&block);
}

void facts_file_end(struct buf *out)
{
	buf_put_varint(out, 0);
}

static int block_take(struct facts_file *file, struct str *ret, struct err *err)
{
	struct str rest = file->rest;
	uint64_t len;

	if (varint_take(&rest, &len) < 0)
		return err_set(err, ERR_SYNTAX, "the file of facts ends inside a scan");
	if (len > FACTS_FILE_BYTES)
		return err_set(err, ERR_LIMIT, "a fact of %llu bytes: at most %d are read",
			       (unsigned long long)len, FACTS_FILE_BYTES);
	if (len > rest.len)
		return err_set(err, ERR_SYNTAX, "the file of facts ends inside a fact");
	*ret = str_first(rest, len);
	file->rest = str_from(rest, len);
	return 0;
}

static int header_take(struct facts_file *file, struct err *err)
{
	ptrdiff_t end = str_find_char(str_first(file->rest, 40), '\n');
	struct str line = str_first(file->rest, end < 0 ? 0 : (size_t)end);
	uint64_t version;

	if (!str_starts(line, magic) ||
	    str_to_uint(str_from(line, magic.len), UINT32_MAX, &version) < 0)
		return err_set(err, ERR_SYNTAX, "not a file of facts: no line \"%.*sN\"",
			       STR(magic));
	if (!version || version > FACTS_FILE_VERSION)
		return err_set(
			err, ERR_VERSION,
			"facts of version %llu: this program reads up to %d; use a newer one",
			(unsigned long long)version, FACTS_FILE_VERSION);
	file->rest = str_from(file->rest, (size_t)end + 1);
	return 0;
}

int facts_file_scan(struct arena *a, struct facts_file *file, struct facts_scan *ret,
		    struct err *err)
{
	struct facts_scan scan;
	struct str block;
	int code;

	while (file->is_in_scan) {
		TRY(block_take(file, &block, err));
		file->is_in_scan = block.len > 0;
	}
	if (!file->rest.len)
		return 0;
	TRY(header_take(file, err));
	TRY(block_take(file, &block, err));
	code = desc_decode(a, &scan_desc, block, &scan);
	if (code < 0)
		return err_set(err, code, "a scan's request cannot be read");
	file->is_in_scan = true;
	*ret = scan;
	return 1;
}

int facts_file_encoded(struct facts_file *file, struct str *ret, struct err *err)
{
	struct str block;

	if (!file->is_in_scan)
		return 0;
	TRY(block_take(file, &block, err));
	file->is_in_scan = block.len > 0;
	if (block.len)
		*ret = block;
	return file->is_in_scan;
}

int facts_file_fact(struct arena *a, struct facts_file *file, struct fact *ret, struct err *err)
{
	struct str block;
	int code = facts_file_encoded(file, &block, err);

	if (code <= 0)
		return code;
	code = fact_decode(a, block, ret);
	if (code == ERR_VERSION)
		return err_set(err, code,
			       "a kind of fact that this program does not know; use a "
			       "newer one");
	return code < 0 ? err_set(err, code, "a fact cannot be read") : 1;
}
