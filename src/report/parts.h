/* SPDX-License-Identifier: Apache-2.0 */
/** What reports for people share: foreign text, points, names of areas, one finding in words. */
#ifndef DSS_REPORT_PARTS_H
#define DSS_REPORT_PARTS_H

#include "facts/fact.h"
#include "report/report.h"

enum { EVIDENCE_BYTES = 160 };

/** By enum area: "DNS", "mail" … */
extern const char *const area_titles[];

/** Foreign text as base/terminal.h has it: printable UTF-8 on one line, cut at 600 octets. */
struct str foreign_text(struct arena *a, struct str foreign);
/** Hundredths: 1425 is 14.25, 1400 is 14. */
void points_put(struct buf *out, int hundredths);
/** "s" unless it is one. */
const char *plural(size_t count);

/**
 * A fact in one line: "example.com MX 10 a.example.com., 20 b.example.com.", "example.com DS: none",
 * "example.com NS: timeout", "tool nmap 192.0.2.1: port 6379, service redis". At most `bytes` of
 * foreign data; encoded for terminals.
 */
void evidence_put(struct buf *out, const struct fact *fact, size_t bytes);
/** Who said so: an address, "Nmap version 7.93", "the API virustotal", "the resolver". */
struct str evidence_source(struct arena *a, const struct fact *fact);

/** "mx1.example.com: ", where the text does not name the subject and it is not the domain itself;
 * otherwise empty. */
struct str subject_prefix(struct arena *a, const struct report_input *input,
			  const struct finding *finding);
/** The finding in words: its subject and text, or the check's title where it has no text. */
struct str finding_text(struct arena *a, const struct report_input *input,
			const struct finding *finding);

/** Why a finding is accepted: "until 2027-03-01: the CMS cannot (web@example.com)". */
struct str acceptance_text(struct arena *a, const struct policy_rule *accepted);
/** "accepted until 2026-03-01, which is over: it counts again" */
struct str lapse_text(struct arena *a, const struct policy_rule *lapsed);

/** Checks of one verdict with one reason. */
struct check_group {
	struct str reason; /**< to be encoded; empty: none */
	const struct check **checks;
	size_t count;
};
/**
 * The checks of a verdict, those with the same reason together, and together all that want for a key:
 * "no key for a, b (dss doctor)" stands in a report once. Returns how many groups.
 */
size_t check_groups(struct arena *a, const struct verdicts *verdicts, enum verdict verdict,
		    struct check_group **ret);

/** What names the finding, the same in each run: domain, check, subject. At most 500 octets. */
struct str finding_key(struct arena *a, const struct report_input *input,
		       const struct finding *finding);

/** "done", "incomplete", "failed". */
const char *report_state(const struct report_input *input);

/** What the format shows unless it was told: the verdicts' bits (report_options.verdict_mask). */
static inline unsigned report_mask(const struct report_input *input, unsigned usual)
{
	return input->options.verdict_mask ? input->options.verdict_mask : usual;
}

#endif
