/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Questions to external tools (tool) and web APIs (api), which definitions describe (model/definition.h); and
 * which definitions a scan may ask (external), so that a judge knows it from facts alone.
 *
 * The answer holds rows of named values, as the definition's rules made them of what came (formats/extract.h),
 * and the findings that the definition's conditions make of them: who judges again needs no definition.
 */
#ifndef DSS_FACTS_EXTERNAL_H
#define DSS_FACTS_EXTERNAL_H

#include "base/desc.h"
#include "formats/extract.h"

struct tool_question {
	struct str name;    /**< of the definition */
	struct str subject; /**< a domain, host, address or URL, as the definition says */
};

struct api_question {
	struct str name;
	struct str subject;
};

/** Which definitions are there for this scan? Answered by the scanner itself, without asking anybody. */
struct external_question {
	bool is_tools; /**< tools; otherwise APIs */
};

enum { EXTERNAL_FINDINGS = 256 /**< of one answer, at most */ };

/** A condition of the definition was met by a row. */
struct external_finding {
	struct str check;   /**< id: "rep.feeds" */
	uint8_t severity;   /**< enum severity (model/check.h) */
	struct str subject; /**< stable from scan to scan; empty: the question's subject */
	struct str text;
};

struct external_answer {
	struct str version; /**< of the tool, as it says; of an API's definition */
	struct extract_row *rows;
	size_t row_count;
	bool is_cut; /**< there was more than we take, or more pages than we ask */
	uint32_t pages;
	struct external_finding *findings;
	size_t finding_count;
};

/** One definition as judges see it. */
struct external_entry {
	struct str name;
	struct str subject; /**< "domain", "host", "address", "url": what it is asked about */
	struct str *checks; /**< ids that its answer speaks about */
	size_t check_count;
	bool is_active; /**< needs consent */
	struct str
		lacks; /**< what it cannot be asked without, for people: "its key"; empty: nothing */
};

struct external_list {
	struct external_entry *entries;
	size_t entry_count;
};

extern const struct desc tool_question_desc, api_question_desc, external_question_desc,
	external_answer_desc, external_list_desc, extract_row_desc;

#endif
