/* SPDX-License-Identifier: Apache-2.0 */
/**
 * DNS messages (RFC 1035 section 4.1, EDNS RFC 6891): writing queries, reading answers straight
 * into the struct that facts keep. A reader of hostile bytes: every count is checked against what
 * is left, no allocation exceeds a small multiple of the packet's size, and names compress
 * backwards only.
 */
#ifndef DSS_FORMATS_DNS_MESSAGE_H
#define DSS_FORMATS_DNS_MESSAGE_H

#include "formats/dns/rr.h"

enum {
	DNS_HEADER_BYTES = 12,
	DNS_MESSAGE_BYTES = 65535,
	DNS_QUERY_BYTES = 512, /**< room for every query we write */
	DNS_EDNS_SIZE = 1232   /**< what we advertise (RFC 9715 section 3) */
};

/** How a query is asked; bits of dns_query.flags and dns_at_question.flags. */
enum dns_query_flag {
	DNS_QUERY_RD = 1,       /**< recursion desired */
	DNS_QUERY_AD = 2,       /**< tell us of AD (RFC 6840 section 5.7) */
	DNS_QUERY_CD = 4,       /**< checking disabled */
	DNS_QUERY_DO = 8,       /**< DNSSEC OK */
	DNS_QUERY_NO_EDNS = 16, /**< no OPT record at all */
	DNS_QUERY_COOKIE = 32,  /**< client cookie (RFC 7873) */
	DNS_QUERY_NSID = 64,    /**< name server identifier (RFC 5001) */
	DNS_QUERY_EDNS_VERSION_1 =
		128, /**< unknown version: BADVERS expected (RFC 8906 section 8.2.3) */
	DNS_QUERY_EDNS_OPTION = 256, /**< unknown option 65001: to be ignored (section 8.2.1) */
	DNS_QUERY_EDNS_FLAG = 512,   /**< unknown flag 0x0040: to be ignored (section 8.2.2) */
	DNS_QUERY_EDNS_512 = 1024,   /**< advertise 512 octets: truncation expected to set TC */
	DNS_QUERY_OPCODE_15 = 2048,  /**< unassigned opcode: NOTIMP expected (section 8.1.4) */
	DNS_QUERY_CHAOS = 4096,      /**< class CH */
	DNS_QUERY_TCP = 8192,        /**< over TCP from the start */
	DNS_QUERY_NO_TCP = 16384 /**< a truncated answer is the answer: do not ask again over TCP */
};

struct dns_query {
	struct str name;
	uint16_t type;
	uint16_t id;
	uint32_t flags;     /**< enum dns_query_flag */
	uint64_t case_bits; /**< 0x20: bit i upper-cases the i-th letter of the name, 64 and on
			       reuse */
	uint8_t cookie[8];
};

/** An answer. RRsets are in canonical order, so that equal data gives equal bytes. */
struct dns_answer {
	uint16_t rcode; /**< enum dns_rcode, with the upper bits of EDNS */
	bool is_authoritative, is_truncated, has_recursion, is_secure; /**< AA, TC, RA, AD */
	bool is_case_kept; /**< the question came back with our letter case */
	bool has_question; /**< the question section echoes what was asked */
	/** Records of the asked type at the end of the chain (of any type for ANY; signatures of
	 * any type for RRSIG). */
	struct dns_rr *rr;
	size_t count;
	/** CNAME and DNAME records followed, in order of the chain. */
	struct dns_rr *chain;
	size_t chain_count;
	/** Other records of the answer section: signatures, strays. */
	struct dns_rr *other;
	size_t other_count;
	struct dns_rr *authority;
	size_t authority_count;
	struct dns_rr *additional; /**< without OPT */
	size_t additional_count;
	bool has_edns;
	uint8_t edns_version;
	uint16_t edns_size;
	uint16_t edns_flags; /**< 0x8000 is DO */
	struct str cookie;   /**< server part, octets; volatile */
	struct str nsid;
	uint16_t ede_code_plus_one; /**< extended error (RFC 8914) + 1; 0: none */
	struct str ede_text;
	uint16_t size_bytes;   /**< of the message, as received */
	bool is_tcp;           /**< how it came */
	bool was_truncated;    /**< over UDP it had come with TC set */
	bool echoes_option;    /**< the EDNS option that we made up came back */
	bool saw_other_source; /**< the same answer also came from an address that was not asked */
};

extern const struct desc dns_answer_desc;

/** Is this NXDOMAIN, or NOERROR without records of the asked type? */
static inline bool dns_is_nxdomain(const struct dns_answer *answer)
{
	return answer->rcode == DNS_NXDOMAIN;
}
static inline bool dns_has_records(const struct dns_answer *answer)
{
	return answer->count > 0;
}

/**
 * Writes the query; returns its length (at most DNS_QUERY_BYTES), or ERR_SYNTAX, ERR_LIMIT when the
 * name is none. With DNS_QUERY_OPCODE_15 it is a header and nothing else (RFC 8906 section 8.1.4).
 */
int dns_query_write(const struct dns_query *query, uint8_t out[static DNS_QUERY_BYTES]) MUST_USE;

/** What a transport needs to match an answer before it is read. */
struct dns_header {
	uint16_t id;
	bool is_response, is_truncated;
	uint8_t opcode, rcode;
};
int dns_header_read(struct str packet, struct dns_header *ret) MUST_USE;
/**
 * Does the packet's question section equal the query, octet for octet (0x20)? 1 yes, 2 yes but for
 * letter case, 0 no or unreadable. A packet without a question section gives 3 (FORMERR and NOTIMP
 * may come so), or 1 when the query has none either.
 */
int dns_question_matches(struct str packet, const uint8_t *query, size_t query_len);
/**
 * Read a whole response. query says what was asked: the name for the chain, the letter case and the
 * cookie for comparison. The arena holds all of *ret; nothing points into packet.
 *
 * Strict, because half a message is no evidence. Refused are: no response; another opcode (but any
 * after DNS_QUERY_OPCODE_15); several questions; records that the counts do not cover, or octets
 * behind the last one, be it truncated or not; names that break the rules of name.h or point into
 * the header; OPT elsewhere than once, at the root, in the additional section; EDNS options that do
 * not fill it exactly; a cookie of a wrong length, or one that does not begin with query->cookie
 * when DNS_QUERY_COOKIE was set; names that grow by decompression far beyond the packet's size.
 * Lenient: rdata that its type's format does not allow gives a record with is_malformed, unless a
 * compressed name in it is broken; a question that is not ours only leaves has_question false.
 *
 * Sections are in canonical order (owner, type, class, rdata) without duplicates; of equal records
 * the lowest TTL stays. rr, chain and other divide the answer section: the chain is followed for at
 * most 16 links and never in a circle; then rr is empty and what was not followed is in other.
 *
 * 0; ERR_SYNTAX, ERR_LIMIT: not a DNS message; err says at which octet and why.
 */
int dns_answer_read(struct arena *a, struct str packet, const struct dns_query *query,
		    struct dns_answer *ret, struct err *err) MUST_USE;

/**
 * DNS over TCP (RFC 1035 section 4.2.2): take the first whole message off the front of *stream.
 * Returns 1; 0 when more octets are needed (none are taken); ERR_SYNTAX when its length is less than
 * a header's.
 */
int dns_frame_take(struct str *stream, struct str *ret_message) MUST_USE;
/** Append a message with its length in front; ERR_LIMIT when it is no message by its length. */
int dns_frame_put(struct buf *out, struct str message) MUST_USE;

/**
 * For whoever answers (servers made for tests): append one record to the message in out, which
 * begins at out->data[0] with its header, with compression of the owner's name. The section counts
 * in the header are the caller's. All zero but out and limit to begin with; the question that stands
 * there by then is compressed against. Returns 0; ERR_LIMIT when the message would exceed limit, or
 * ERR_SYNTAX when the owner is no name (out is then unchanged).
 */
struct dns_writer {
	struct buf *out;
	size_t limit;
	uint16_t offsets[64]; /**< where names and their parents start, for compression */
	unsigned offset_count;
};
int dns_writer_put(struct dns_writer *w, const struct dns_rr *rr) MUST_USE;

#endif
