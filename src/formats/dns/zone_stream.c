/* SPDX-License-Identifier: Apache-2.0 */
/* Which names does a zone hold, as its transfer comes? RFC 5936. */
#include "formats/dns/zone_stream.h"

#include "formats/dns/octet.h"
#include "formats/dns/walk.h"

enum { SOA_NUMBERS = 20 };

static int complain(struct err *err, const char *what)
{
	return err_set(err, ERR_SYNTAX, "the server sends no transfer that can be read: %s", what);
}

static int refused(uint16_t rcode, struct err *err)
{
	struct arena a = { 0 };
	const char *hint = rcode == DNS_REFUSED   ? ": it does not allow this address or key to "
						    "transfer the zone"
			   : rcode == DNS_NOTAUTH ? ": it does not serve the zone, or not with "
						    "this key"
						  : "";
	int code = err_set(err, -EACCES, "the server answers %.*s%s",
			   STR(dns_rcode_text(&a, rcode)), hint);

	arena_release(&a);
	return code;
}

/* Section 2.2.1. */
static int header_check(const struct zone_stream *stream, struct str message, struct err *err)
{
	struct dns_header header;

	if (dns_header_read(message, &header) < 0 || !header.is_response || header.opcode)
		return complain(err, "a message that is no answer");
	if (header.id != stream->id)
		return complain(err, "an answer to another question (its id differs)");
	if (header.rcode)
		return refused(header.rcode, err);
	if (header.is_truncated)
		return complain(err, "a message that says it is cut");
	return 0;
}

/* MNAME and RNAME uncompressed and in lower case, then the numbers. */
static int soa_expand(struct str message, const struct dns_walked *record,
		      uint8_t out[static ZONE_STREAM_SOA_BYTES])
{
	struct str data = str_first(message, record->data_start + record->data_len);
	size_t at = record->data_start;
	int first, second;

	first = dns_name_expand(data, DNS_HEADER_BYTES, &at, out);
	if (first < 0)
		return ERR_SYNTAX;
	second = dns_name_expand(data, DNS_HEADER_BYTES, &at, out + first);
	if (second < 0 || data.len - at != SOA_NUMBERS)
		return ERR_SYNTAX;
	memcpy(out + first + second, data.data + at, SOA_NUMBERS);
	return first + second + SOA_NUMBERS;
}

/* The first record, and the last one (section 2.2). */
static int soa_take(struct zone_stream *stream, struct str message, const struct dns_walked *record,
		    struct err *err)
{
	uint8_t soa[ZONE_STREAM_SOA_BYTES];
	int len = soa_expand(message, record, soa);

	if (len < 0)
		return complain(err, "its SOA is broken");
	if (!stream->soa_len) {
		memcpy(stream->soa, soa, (size_t)len);
		stream->soa_len = (size_t)len;
		stream->serial = octet_u32(soa + len - SOA_NUMBERS);
		return 0;
	}
	if (!str_eq(str_bytes(soa, (size_t)len), str_bytes(stream->soa, stream->soa_len)))
		return err_set(err, ERR_SYNTAX,
			       "the transfer ends with another SOA (serial %u) than it began with "
			       "(serial %u): ask again",
			       octet_u32(soa + len - SOA_NUMBERS), stream->serial);
	stream->is_complete = true;
	return 0;
}

static bool is_domain(struct str name)
{
	struct str label;

	while (str_split(&name, '.', &label))
		if (str_starts(label, STR_LIT("_")) || str_eq(label, STR_LIT("*")))
			return false;
	return true;
}

static void name_give(struct zone_stream *stream, struct str name, struct buf *out)
{
	if (str_eq(name, STR_LIT(".")) || !is_domain(name) ||
	    str_eq(name, str_bytes(stream->last, stream->last_len)))
		return;
	memcpy(stream->last, name.data, name.len);
	stream->last_len = name.len;
	stream->names++;
	buf_put_str(out, name);
	buf_put_char(out, '\n');
}

/* What DNSSEC adds to owners that are there, or that are hashes. */
static bool is_of_dnssec(uint16_t type)
{
	return type == DNS_RRSIG || type == DNS_NSEC || type == DNS_NSEC3;
}

static int record_take(struct zone_stream *stream, struct arena *a, struct str message,
		       const struct dns_walked *record, struct buf *out, struct err *err)
{
	size_t at = record->owner_start;
	bool is_apex;
	struct str owner;

	if (dns_name_from_wire(a, message, &at, &owner) < 0)
		return complain(err, "a record's name is broken");
	if (stream->is_complete)
		return complain(err, "records behind its end");
	if (++stream->records > ZONE_STREAM_RECORDS)
		return err_set(err, ERR_LIMIT, "the zone has more than %d records",
			       ZONE_STREAM_RECORDS);
	if (record->class != DNS_CLASS_IN || !dns_name_is_under(owner, stream->zone))
		return err_set(err, ERR_SYNTAX,
			       "the server sends a record of \"%.*s\", which is not in the zone",
			       STR(str_first(owner, 80)));
	is_apex = str_eq(owner, stream->zone);
	if (!stream->soa_len && (record->type != DNS_SOA || !is_apex))
		return complain(err, "it does not begin with the zone's SOA");
	if (record->type == DNS_SOA) {
		if (!is_apex)
			return complain(err, "an SOA below the zone's own");
		TRY(soa_take(stream, message, record, err));
	}
	if (stream->takes_all ? !is_of_dnssec(record->type) : record->type == DNS_NS && !is_apex)
		name_give(stream, owner, out);
	return 0;
}

/* Only the first message must have one (section 2.2.2). */
static int question_check(const struct zone_stream *stream, struct arena *a, struct str message,
			  const struct dns_walked *question, struct err *err)
{
	size_t at = question->owner_start;
	struct str name;

	if (dns_name_from_wire(a, message, &at, &name) < 0 || !str_eq(name, stream->zone) ||
	    question->type != DNS_AXFR || question->class != DNS_CLASS_IN)
		return complain(err, "an answer to another question");
	return 0;
}

/* Authority is empty; of the rest only OPT and TSIG mean anything, and both are others' (section 2.2.5). */
static int records_take(struct zone_stream *stream, struct arena *a, struct str message,
			struct buf *out, struct err *err)
{
	uint64_t before = stream->records;
	struct dns_walked record;
	struct dns_walk walk;
	int more = dns_walk_begin(&walk, message);

	while (more >= 0 && (more = dns_walk_next(&walk, &record)) > 0) {
		struct arena_mark mark = arena_mark(a);

		if (record.section == DNS_SECTION_QUESTION)
			TRY(question_check(stream, a, message, &record, err));
		else if (record.section == DNS_SECTION_ANSWER)
			TRY(record_take(stream, a, message, &record, out, err));
		arena_rewind(a, mark);
	}
	if (more < 0)
		return complain(err, "a message is broken");
	if (stream->records == before)
		return complain(err, "a message without a record");
	return 0;
}

int zone_stream_take(struct zone_stream *stream, struct str message, struct buf *out,
		     struct err *err)
{
	struct arena a = { 0 };
	int code;

	TRY(header_check(stream, message, err));
	stream->messages++;
	code = records_take(stream, &a, message, out, err);
	arena_release(&a);
	TRY(code);
	return stream->is_complete ? 1 : 0;
}
