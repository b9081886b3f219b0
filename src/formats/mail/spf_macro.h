/* SPDX-License-Identifier: Apache-2.0 */
/**
 * SPF macros (RFC 7208 section 7): checking macro-strings and expanding them. Pure.
 */
#ifndef DSS_FORMATS_MAIL_SPF_MACRO_H
#define DSS_FORMATS_MAIL_SPF_MACRO_H

#include "base/address.h"

/** What macros expand to. Fields that the text does not use may be empty. */
struct spf_macros {
	struct str sender;    /**< local-part@domain, never empty when %{s}, %{l}, %{o} are used */
	struct str domain;    /**< %{d}: the domain being evaluated */
	struct str helo;      /**< %{h} */
	struct str receiver;  /**< %{r}; empty gives "unknown" */
	struct address ip;    /**< %{i}, %{c}, %{v} */
	int64_t unix_time;    /**< %{t} */
	struct str validated; /**< %{p}; empty gives "unknown" */
};

struct spf_macro_use {
	bool has_macros;    /**< at least one %{…} */
	bool needs_sender;  /**< one that is not %{d} */
	bool has_validated; /**< %{p}: costs PTR lookups */
};

/**
 * Check a macro-string: 0, or -EBADMSG with *ret_offset at the offending octet. in_exp allows the
 * letters c, r and t and the spaces of explain-string (section 7.1). ret_use may be NULL.
 */
int spf_macro_check(struct str text, bool in_exp, struct spf_macro_use *ret_use,
		    size_t *ret_offset) MUST_USE;
/** Does text end as domain-spec must: a toplabel, or a macro (section 7.1, domain-end)? */
bool spf_has_domain_end(struct str text);
/** Expand a macro-string that spf_macro_check accepted. */
struct str spf_macro_expand(struct arena *a, struct str text, const struct spf_macros *macros);
/** Bring an expanded domain into the form of formats/dns/name.h, cutting labels off the left until
 * it fits 253 octets (section 7.3): 0, or ERR_SYNTAX when a label is empty or too long. */
int spf_target_name(struct arena *a, struct str expanded, struct str *ret) MUST_USE;

#endif
