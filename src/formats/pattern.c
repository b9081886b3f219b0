/* SPDX-License-Identifier: Apache-2.0 */
/* Where does a regular expression match? Compiled to a program, run for all alternatives at once. */
#include "formats/pattern.h"

enum op { OP_OCTETS, OP_MATCH, OP_JUMP, OP_SPLIT, OP_SAVE, OP_BEGIN, OP_END, OP_EDGE };
enum { SLOTS = 2 * PATTERN_GROUPS, UNBOUNDED = -1 };

/* Jumps are relative, so that code can be moved and copied. */
struct step {
	uint8_t op;
	uint8_t slot;       /* OP_SAVE */
	int16_t x, y;       /* OP_JUMP: x; OP_SPLIT: x is tried first */
	uint64_t octets[4]; /* OP_OCTETS: which */
};

struct pattern {
	struct step *steps;
	size_t count;
	unsigned groups;
	struct str names[PATTERN_GROUPS];
};

struct compiler {
	struct str text;
	size_t at;
	struct step steps[PATTERN_STEPS];
	size_t count;
	unsigned groups, nesting;
	struct str names[PATTERN_GROUPS];
	bool ignores_case;
	struct err *err;
};

static int wrong(struct compiler *c, int code, const char *what)
{
	return err_set(c->err, code, "pattern, offset %zu: %s", c->at, what);
}

static int peek(const struct compiler *c)
{
	return c->at < c->text.len ? (unsigned char)c->text.data[c->at] : -1;
}

static bool skip(struct compiler *c, const char *word)
{
	if (!str_starts(str_from(c->text, c->at), str_of(word)))
		return false;
	c->at += strlen(word);
	return true;
}

static int make_room(struct compiler *c, size_t at, size_t count)
{
	if (c->count + count > PATTERN_STEPS)
		return wrong(c, ERR_LIMIT, "too long a program: shorten it, or its {n}");
	memmove(c->steps + at + count, c->steps + at, (c->count - at) * sizeof *c->steps);
	memset(c->steps + at, 0, count * sizeof *c->steps);
	c->count += count;
	return 0;
}

static int emit(struct compiler *c, struct step step)
{
	TRY(make_room(c, c->count, 1));
	c->steps[c->count - 1] = step;
	return 0;
}

static void octet_add(uint64_t octets[4], unsigned char octet)
{
	octets[octet >> 6] |= 1ull << (octet & 63);
}

static bool octet_has(const uint64_t octets[4], unsigned char octet)
{
	return octets[octet >> 6] >> (octet & 63) & 1;
}

static bool is_word(unsigned char octet)
{
	return char_is_alpha((char)octet) || char_is_digit((char)octet) || octet == '_';
}

/* \d and its like; false: it is none of them. */
static bool class_add(uint64_t octets[4], char letter)
{
	char kind = char_lower(letter);
	bool is_negated = kind != letter;

	if (kind != 'd' && kind != 'w' && kind != 's')
		return false;
	for (unsigned i = 0; i < 256; i++) {
		bool is_in = kind == 'd'   ? char_is_digit((char)i)
			     : kind == 'w' ? is_word((unsigned char)i)
					   : char_is_space((char)i);
		if (is_in != is_negated)
			octet_add(octets, (unsigned char)i);
	}
	return true;
}

static int hex_take(struct compiler *c, unsigned char *ret)
{
	static const char digits[] = "0123456789abcdef";
	unsigned value = 0;

	for (int i = 0; i < 2; i++, c->at++) {
		const char *found = peek(c) > 0 ? strchr(digits, char_lower((char)peek(c))) : NULL;

		if (!found)
			return wrong(c, ERR_SYNTAX, "\\x needs two hexadecimal digits");
		value = value << 4 | (unsigned)(found - digits);
	}
	*ret = (unsigned char)value;
	return 0;
}

/* Behind a backslash: 1 when it was a class. */
static int escape_take(struct compiler *c, uint64_t octets[4], unsigned char *ret)
{
	static const char from[] = "tnrf", to[] = "\t\n\r\f";
	int octet = peek(c);
	const char *found;

	if (octet < 0)
		return wrong(c, ERR_SYNTAX, "nothing follows the backslash");
	c->at++;
	if (class_add(octets, (char)octet))
		return 1;
	found = octet ? memchr(from, octet, sizeof from - 1) : NULL;
	if (octet == 'x')
		return hex_take(c, ret);
	if (!found && (char_is_alpha((char)octet) || char_is_digit((char)octet))) {
		c->at--;
		return wrong(c, ERR_SYNTAX, "this escape is not known here");
	}
	*ret = (unsigned char)(found ? to[found - from] : octet);
	return 0;
}

/* One octet of a class, or (1) a class in it. */
static int member_take(struct compiler *c, uint64_t octets[4], unsigned char *ret)
{
	if (peek(c) < 0)
		return wrong(c, ERR_SYNTAX, "[ is not closed");
	if (skip(c, "\\"))
		return escape_take(c, octets, ret);
	*ret = (unsigned char)c->text.data[c->at++];
	return 0;
}

static int set_take(struct compiler *c, uint64_t octets[4])
{
	bool is_negated = skip(c, "^");

	for (bool is_first = true; is_first || peek(c) != ']'; is_first = false) {
		unsigned char low, high;
		int taken = member_take(c, octets, &low);

		TRY(taken);
		if (taken)
			continue;
		high = low;
		if (peek(c) == '-' && c->at + 1 < c->text.len && c->text.data[c->at + 1] != ']') {
			c->at++;
			taken = member_take(c, octets, &high);
			TRY(taken);
			if (taken || high < low)
				return wrong(c, ERR_SYNTAX, "no range");
		}
		for (unsigned i = low; i <= high; i++)
			octet_add(octets, (unsigned char)i);
	}
	c->at++;
	for (size_t i = 0; i < 4 && is_negated; i++)
		octets[i] = ~octets[i];
	return 0;
}

static int emit_octets(struct compiler *c, const uint64_t octets[4])
{
	struct step step = { .op = OP_OCTETS };

	memcpy(step.octets, octets, sizeof step.octets);
	for (unsigned i = 'a'; i <= 'z' && c->ignores_case; i++)
		if (octet_has(octets, (unsigned char)i) ||
		    octet_has(octets, (unsigned char)(i - 32))) {
			octet_add(step.octets, (unsigned char)i);
			octet_add(step.octets, (unsigned char)(i - 32));
		}
	return emit(c, step);
}

static int alternatives_take(struct compiler *c);

static int name_take(struct compiler *c, struct str *ret)
{
	size_t start = c->at;

	while (peek(c) >= 0 && is_word((unsigned char)peek(c)))
		c->at++;
	*ret = str_bytes(c->text.data + start, c->at - start);
	if (!ret->len || !skip(c, ">"))
		return wrong(c, ERR_SYNTAX,
			     "a group's name is made of letters, digits and _, up to >");
	return 0;
}

static int group_take(struct compiler *c)
{
	bool is_kept = !skip(c, "?:");
	unsigned group = c->groups;

	if (++c->nesting > PATTERN_NESTING)
		return wrong(c, ERR_LIMIT, "groups nested too deep");
	if (is_kept) {
		if (group == PATTERN_GROUPS)
			return wrong(c, ERR_LIMIT, "more than 9 groups: write (?:…)");
		c->groups++;
		if (skip(c, "?<"))
			TRY(name_take(c, &c->names[group]));
		else if (peek(c) == '?')
			return wrong(c, ERR_SYNTAX, "this sort of group is not known here");
		TRY(emit(c, (struct step){ .op = OP_SAVE, .slot = (uint8_t)(2 * group) }));
	}
	TRY(alternatives_take(c));
	if (!skip(c, ")"))
		return wrong(c, ERR_SYNTAX, "( is not closed");
	c->nesting--;
	if (!is_kept)
		return 0;
	return emit(c, (struct step){ .op = OP_SAVE, .slot = (uint8_t)(2 * group + 1) });
}

/* One octet, or a class behind a backslash. */
static int octets_take(struct compiler *c, uint64_t octets[4])
{
	unsigned char octet;
	int taken = 0;

	if (skip(c, "\\"))
		taken = escape_take(c, octets, &octet);
	else
		octet = (unsigned char)c->text.data[c->at++];
	TRY(taken);
	if (!taken)
		octet_add(octets, octet);
	return 0;
}

static int atom_take(struct compiler *c)
{
	uint64_t octets[4] = { 0 };

	if (skip(c, "("))
		return group_take(c);
	if (skip(c, "^"))
		return emit(c, (struct step){ .op = OP_BEGIN });
	if (skip(c, "$"))
		return emit(c, (struct step){ .op = OP_END });
	if (skip(c, "\\b"))
		return emit(c, (struct step){ .op = OP_EDGE });
	if (str_find_char(STR_LIT("*+?{"), (char)peek(c)) >= 0)
		return wrong(c, ERR_SYNTAX, "nothing to repeat");
	if (skip(c, "[")) {
		TRY(set_take(c, octets));
	} else if (skip(c, ".")) {
		memset(octets, 0xff, sizeof octets);
		octets[0] &= ~(1ull << '\n');
	} else {
		TRY(octets_take(c, octets));
	}
	return emit_octets(c, octets);
}

static int number_take(struct compiler *c, int *ret)
{
	size_t start = c->at;
	uint64_t value;

	while (peek(c) >= 0 && char_is_digit((char)peek(c)))
		c->at++;
	if (str_to_uint(str_bytes(c->text.data + start, c->at - start), PATTERN_REPEAT, &value) < 0)
		return wrong(c, ERR_SYNTAX, "a repetition is {2}, {2,} or {2,5}, up to 200");
	*ret = (int)value;
	return 0;
}

static int bounds_take(struct compiler *c, int *least, int *most)
{
	*least = 0;
	*most = UNBOUNDED;
	if (skip(c, "*"))
		return 1;
	if (skip(c, "+")) {
		*least = 1;
		return 1;
	}
	if (skip(c, "?")) {
		*most = 1;
		return 1;
	}
	if (!skip(c, "{"))
		return 0;
	TRY(number_take(c, least));
	*most = *least;
	if (skip(c, ",")) {
		*most = UNBOUNDED;
		if (peek(c) != '}')
			TRY(number_take(c, most));
	}
	if (!skip(c, "}") || (*most != UNBOUNDED && *most < *least))
		return wrong(c, ERR_SYNTAX, "a repetition is {2}, {2,} or {2,5}, up to 200");
	return 1;
}

static struct step split(int first, int second, bool is_lazy)
{
	return (struct step){ .op = OP_SPLIT,
			      .x = (int16_t)(is_lazy ? second : first),
			      .y = (int16_t)(is_lazy ? first : second) };
}

/* A copy of the atom at the end. */
static int atom_copy(struct compiler *c, const struct step *atom, size_t len)
{
	TRY(make_room(c, c->count, len));
	memcpy(c->steps + c->count - len, atom, len * sizeof *atom);
	return 0;
}

/* x{least,most}: least copies, then optional ones, or a loop. The atom is the last len steps. */
static int repeat(struct compiler *c, size_t len, int least, int most, bool is_lazy)
{
	struct step *atom = c->steps + c->count - len;
	size_t start = c->count - len;
	struct step kept[PATTERN_STEPS];

	memcpy(kept, atom, len * sizeof *kept);
	c->count = start;
	for (int i = 0; i < least; i++)
		TRY(atom_copy(c, kept, len));
	if (most == UNBOUNDED) {
		TRY(emit(c, split(1, (int)len + 2, is_lazy)));
		TRY(atom_copy(c, kept, len));
		return emit(c, (struct step){ .op = OP_JUMP, .x = (int16_t) - (int)(len + 1) });
	}
	for (int left = most - least; left > 0; left--) {
		TRY(emit(c, split(1, left * ((int)len + 1), is_lazy)));
		TRY(atom_copy(c, kept, len));
	}
	return 0;
}

static int branch_take(struct compiler *c)
{
	while (peek(c) >= 0 && peek(c) != '|' && peek(c) != ')') {
		size_t start = c->count;
		int least, most, taken;

		TRY(atom_take(c));
		taken = bounds_take(c, &least, &most);
		TRY(taken);
		if (taken)
			TRY(repeat(c, c->count - start, least, most, skip(c, "?")));
		if (taken && peek(c) >= 0 && str_find_char(STR_LIT("*+?{"), (char)peek(c)) >= 0)
			return wrong(c, ERR_SYNTAX, "nothing to repeat");
	}
	return 0;
}

static int alternatives_take(struct compiler *c)
{
	size_t begin[PATTERN_BYTES], count = 0, start = c->count;

	for (;;) {
		TRY(branch_take(c));
		if (!skip(c, "|"))
			break;
		TRY(make_room(c, start, 1));
		c->steps[start] = split(1, (int)(c->count - start) + 1, false);
		TRY(emit(c, (struct step){ .op = OP_JUMP }));
		begin[count++] = c->count - 1;
		start = c->count;
	}
	for (size_t i = 0; i < count; i++)
		c->steps[begin[i]].x = (int16_t)(c->count - begin[i]);
	return 0;
}

static int compile(struct compiler *c)
{
	c->ignores_case = skip(c, "(?i)");
	c->groups = 1;
	TRY(emit(c, (struct step){ .op = OP_SAVE, .slot = 0 }));
	TRY(alternatives_take(c));
	if (peek(c) >= 0)
		return wrong(c, ERR_SYNTAX, ") without its (");
	TRY(emit(c, (struct step){ .op = OP_SAVE, .slot = 1 }));
	return emit(c, (struct step){ .op = OP_MATCH });
}

int pattern_read(struct arena *a, struct str text, const struct pattern **ret, struct err *err)
{
	struct arena work = { 0 };
	struct compiler *c = ARENA_NEW(&work, struct compiler);
	struct pattern *pattern;
	int code;

	c->text = text;
	c->err = err;
	code = text.len > PATTERN_BYTES ? wrong(c, ERR_LIMIT, "more than 1,024 octets")
					: compile(c);
	if (code == 0) {
		pattern = ARENA_NEW(a, struct pattern);
		pattern->steps = arena_array(a, c->count, sizeof *pattern->steps);
		memcpy(pattern->steps, c->steps, c->count * sizeof *c->steps);
		pattern->count = c->count;
		pattern->groups = c->groups;
		for (size_t i = 0; i < c->groups; i++)
			pattern->names[i] = str_copy(a, c->names[i]);
		*ret = pattern;
	}
	arena_release(&work);
	return code;
}

int pattern_group(const struct pattern *pattern, struct str name)
{
	uint64_t number;

	if (str_to_uint(name, pattern->groups - 1, &number) == 0)
		return (int)number;
	for (unsigned i = 1; i < pattern->groups; i++)
		if (name.len && str_eq(pattern->names[i], name))
			return (int)i;
	return -ENOENT;
}

/* Threads of one position, best first; each step at most once. */
struct threads {
	size_t count;
	uint16_t *at;
	size_t (*slots)[SLOTS];
	uint32_t *seen; /* by step: the generation in which it was added */
	uint32_t generation;
};

struct run {
	const struct pattern *pattern;
	struct str text;
	uint64_t *budget;
	struct threads lists[2];
	bool is_spent;
};

static bool is_edge(struct str text, size_t at)
{
	bool before = at && is_word((unsigned char)text.data[at - 1]);
	bool behind = at < text.len && is_word((unsigned char)text.data[at]);

	return before != behind;
}

static void add(struct run *run, struct threads *list, size_t step, size_t at, size_t *slots)
{
	const struct step *s = &run->pattern->steps[step];
	size_t old;

	if (list->seen[step] == list->generation || run->is_spent)
		return;
	list->seen[step] = list->generation;
	if (!*run->budget) {
		run->is_spent = true;
		return;
	}
	--*run->budget;
	switch (s->op) {
	case OP_JUMP:
		add(run, list, (size_t)((ptrdiff_t)step + s->x), at, slots);
		break;
	case OP_SPLIT:
		add(run, list, (size_t)((ptrdiff_t)step + s->x), at, slots);
		add(run, list, (size_t)((ptrdiff_t)step + s->y), at, slots);
		break;
	case OP_SAVE:
		old = slots[s->slot];
		slots[s->slot] = at + 1; /* 0: not set */
		add(run, list, step + 1, at, slots);
		slots[s->slot] = old;
		break;
	case OP_BEGIN:
	case OP_END:
	case OP_EDGE:
		if (s->op == OP_BEGIN ? at == 0
		    : s->op == OP_END ? at == run->text.len
				      : is_edge(run->text, at))
			add(run, list, step + 1, at, slots);
		break;
	default:
		list->at[list->count] = (uint16_t)step;
		memcpy(list->slots[list->count++], slots, SLOTS * sizeof *slots);
	}
}

/* One position: threads of now go on to next. True: the best match from here is in found. */
static bool advance(struct run *run, struct threads *now, struct threads *next, size_t at,
		    size_t *found)
{
	next->count = 0;
	next->generation++;
	for (size_t i = 0; i < now->count && !run->is_spent; i++) {
		const struct step *s = &run->pattern->steps[now->at[i]];

		if (s->op == OP_MATCH) {
			memcpy(found, now->slots[i], SLOTS * sizeof *found);
			return true; /* those behind are worse */
		}
		if (at < run->text.len && octet_has(s->octets, (unsigned char)run->text.data[at]))
			add(run, next, (size_t)now->at[i] + 1, at + 1, now->slots[i]);
	}
	return false;
}

static int match_make(const struct run *run, const size_t *found, struct pattern_match *ret)
{
	*ret = (struct pattern_match){ 0 };
	for (unsigned i = 0; i < run->pattern->groups; i++) {
		size_t from = found[2 * i], to = found[2 * i + 1];

		if (!from || !to || to < from)
			continue;
		ret->has[i] = true;
		ret->group[i] = str_bytes(run->text.data + from - 1, to - from);
	}
	return 1;
}

int pattern_find(const struct pattern *pattern, struct str text, uint64_t *budget,
		 struct pattern_match *ret)
{
	struct arena work = { 0 };
	struct run *run = ARENA_NEW(&work, struct run);
	size_t found[SLOTS] = { 0 };
	bool has_found = false;
	int code;

	run->pattern = pattern;
	run->text = text;
	run->budget = budget;
	for (size_t i = 0; i < 2; i++) {
		run->lists[i].at = arena_array(&work, pattern->count, sizeof(uint16_t));
		run->lists[i].slots = arena_array(&work, pattern->count, sizeof *run->lists->slots);
		run->lists[i].seen = arena_array(&work, pattern->count, sizeof(uint32_t));
	}
	run->lists[0].generation = 1;
	for (size_t at = 0; at <= text.len && !run->is_spent; at++) {
		struct threads *now = &run->lists[at & 1], *next = &run->lists[~at & 1];
		size_t none[SLOTS] = { 0 };

		if (!has_found)
			add(run, now, 0, at, none);
		if (advance(run, now, next, at, found))
			has_found = true;
		if (has_found && !next->count)
			break;
	}
	code = run->is_spent ? ERR_LIMIT : has_found ? match_make(run, found, ret) : 0;
	arena_release(&work);
	return code;
}
