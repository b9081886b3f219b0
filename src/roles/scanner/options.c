/* SPDX-License-Identifier: Apache-2.0 */
/* How much does one scan ask and judge? */
#include "roles/scanner/scanner.h"

#include "scan/profile.h"

/* "mail.spf" takes in "mail.spf.present", not "mail.spfx". */
static bool is_among(const struct str *ids, size_t count, struct str id)
{
	for (size_t i = 0; i < count; i++)
		if (str_starts(id, ids[i]) && (id.len == ids[i].len || id.data[ids[i].len] == '.' ||
					       (ids[i].len && ids[i].data[ids[i].len - 1] == '.')))
			return true;
	return false;
}

struct choice {
	const struct scanner_options *options;
	struct str domain;
};

static bool selects(const void *context, const struct check *check)
{
	const struct choice *choice = context;
	const struct scanner_options *options = choice->options;
	struct str id = str_of(check->id);

	return (!options->only_count || is_among(options->only, options->only_count, id)) &&
	       !is_among(options->skip, options->skip_count, id) &&
	       !policy_is_off(&options->policy, choice->domain, id);
}

struct selection options_selection(struct arena *a, const struct scanner_options *options,
				   struct str domain)
{
	struct choice *choice = ARENA_NEW(a, struct choice);

	*choice = (struct choice){ options, domain };
	return (struct selection){ .has = selects, .context = choice };
}

int options_limits(const struct scanner_options *options, struct scan_limits *ret, struct err *err)
{
	const struct profile *profile = profile_find(options->profile);

	if (!profile)
		return err_set(err, -EINVAL, "no profile is called \"%.*s\"",
			       STR(str_first(options->profile, 64)));
	*ret = (struct scan_limits){
		.kinds = profile->kinds,
		.is_fresh = options->is_fresh,
		.deadline_us =
			(options->timeout_ms ? options->timeout_ms : profile->deadline_ms) * 1000ll,
	};
	return 0;
}

struct scan_request options_request(const struct scanner_options *options, struct str domain)
{
	struct scan_request request = { .domain = domain,
					.is_active = options->is_active,
					.wants_proof = options->wants_proof,
					.dkim_selectors = options->selectors,
					.dkim_selector_count = options->selector_count,
					.expected = options->expectations };

	policy_expectations(&options->policy, domain, &request.expected);
	return request;
}
