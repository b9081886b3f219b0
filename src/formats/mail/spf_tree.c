/* SPDX-License-Identifier: Apache-2.0 */
/* What does a domain's SPF record cost and authorise with all that it includes? RFC 7208 4.6.4. */
#include "formats/mail/spf_tree.h"

#include "formats/mail/spf_macro.h"

struct walk {
	struct arena *arena;
	const struct spf_dns *dns;
	struct spf_tree tree;
	size_t node_cap, network_cap, void_cap;
	unsigned spent; /* terms that cost lookups, so far, all nodes */
};

/* An include bomb is counted, not asked for. */
static bool may_ask(struct walk *w, const struct spf_term *term)
{
	if (!spf_term_costs_lookup(term) || ++w->spent <= SPF_TREE_LOOKUPS)
		return true;
	w->tree.is_at_least = true;
	return false;
}

const char *spf_node_error_text(enum spf_node_error error)
{
	static const char *const texts[] = {
		[SPF_NODE_OK] = "",
		[SPF_NODE_PENDING] = "not answered yet",
		[SPF_NODE_UNREACHABLE] = "the TXT lookup failed",
		[SPF_NODE_NXDOMAIN] = "the name does not exist",
		[SPF_NODE_MISSING] = "no SPF record",
		[SPF_NODE_MULTIPLE] = "more than one SPF record",
		[SPF_NODE_SYNTAX] = "the record does not parse",
		[SPF_NODE_LOOP] = "a loop: it includes itself",
		[SPF_NODE_MACRO] = "the name depends on the sender",
		[SPF_NODE_BAD_NAME] = "not a domain name",
		[SPF_NODE_TOO_DEEP] = "not followed: the tree is too large",
	};

	return texts[error];
}

/* Room for one more item: arrays double, so that an old copy costs no more than the new one. */
static void *array_next(struct arena *a, void *items, size_t count, size_t *cap, size_t size)
{
	size_t wanted = *cap ? *cap * 2 : 8;

	if (count < *cap)
		return items;
	items = arena_grow(a, items, *cap * size, wanted * size);
	*cap = wanted;
	return items;
}

static uint32_t node_add(struct walk *w, const struct spf_node *node)
{
	w->tree.nodes = array_next(w->arena, w->tree.nodes, w->tree.count, &w->node_cap,
				   sizeof *w->tree.nodes);
	w->tree.nodes[w->tree.count] = *node;
	return (uint32_t)w->tree.count++;
}

static void void_add(struct walk *w, uint32_t node, uint8_t kind, struct str name)
{
	if (w->tree.void_count >= SPF_TREE_LOOKUPS)
		return;
	w->tree.voids = array_next(w->arena, w->tree.voids, w->tree.void_count, &w->void_cap,
				   sizeof *w->tree.voids);
	w->tree.voids[w->tree.void_count++] =
		(struct spf_void){ .name = name, .node = node, .kind = kind };
}

/* 0, -EAGAIN, -EIO; what is missing is noted in the tree. */
static int query(struct walk *w, struct str name, uint16_t type, const struct dns_answer **ret)
{
	int code = w->dns->lookup(w->dns->ctx, name, type, ret);

	if (code == 0 && (*ret)->rcode != DNS_NOERROR && (*ret)->rcode != DNS_NXDOMAIN)
		code = -EIO;
	w->tree.is_pending |= code == -EAGAIN;
	w->tree.is_partial |= code < 0 && code != -EAGAIN;
	return code;
}

static bool network_is_wider(const struct walk *w, uint32_t best, unsigned prefix)
{
	return best == SPF_NODE_NONE || prefix < w->tree.networks[best].network.prefix;
}

static void network_add(struct walk *w, uint32_t node, const struct spf_term *term)
{
	bool is_authorised = w->tree.nodes[node].is_authorising && term->qualifier == '+';
	uint32_t *widest = term->kind == SPF_IP4 ? &w->tree.widest4 : &w->tree.widest6;

	if (is_authorised && term->kind == SPF_IP4)
		w->tree.ipv4_addresses += UINT64_C(1) << (32 - term->network.prefix);
	if (w->tree.network_count >= SPF_TREE_NETWORKS)
		return;
	w->tree.networks = array_next(w->arena, w->tree.networks, w->tree.network_count,
				      &w->network_cap, sizeof *w->tree.networks);
	w->tree.networks[w->tree.network_count] =
		(struct spf_network){ .network = term->network,
				      .node = node,
				      .qualifier = term->qualifier,
				      .is_authorised = is_authorised };
	if (is_authorised && network_is_wider(w, *widest, term->network.prefix))
		*widest = (uint32_t)w->tree.network_count;
	w->tree.network_count++;
}

/* The target of a term, when it does not depend on the sender. */
static enum spf_node_error term_target(struct walk *w, uint32_t node, const struct spf_term *term,
				       struct str *ret)
{
	struct spf_macros macros = { .domain = w->tree.nodes[node].domain };

	*ret = term->domain.len ? term->domain : macros.domain;
	if (term->needs_sender) {
		w->tree.is_partial = true;
		return SPF_NODE_MACRO;
	}
	if (term->domain.len &&
	    spf_target_name(w->arena, spf_macro_expand(w->arena, term->domain, &macros), ret) < 0)
		return SPF_NODE_BAD_NAME;
	return SPF_NODE_OK;
}

static void count_mx(struct walk *w, uint32_t node, struct str name)
{
	const struct dns_answer *mx;

	if (query(w, name, DNS_MX, &mx) < 0)
		return;
	if (!mx->count)
		void_add(w, node, SPF_MX, name);
	if (mx->count > w->tree.mx_max) {
		w->tree.mx_max = (unsigned)mx->count;
		w->tree.mx_max_name = name;
	}
}

/* A client asks one family only: void for certain is what has neither. */
static void count_addresses(struct walk *w, uint32_t node, const struct spf_term *term,
			    struct str name)
{
	const struct dns_answer *v4, *v6;
	int code4 = query(w, name, DNS_A, &v4), code6 = 0;

	if (term->kind == SPF_A)
		code6 = query(w, name, DNS_AAAA, &v6);
	if (code4 < 0 || code6 < 0 || v4->count || (term->kind == SPF_A && v6->count))
		return;
	void_add(w, node, term->kind, name);
}

static void count_term(struct walk *w, uint32_t node, const struct spf_term *term)
{
	struct str name;

	if (term->kind == SPF_PTR && w->tree.ptr_node == SPF_NODE_NONE)
		w->tree.ptr_node = node;
	if (term->kind == SPF_IP4 || term->kind == SPF_IP6)
		network_add(w, node, term);
	else if (term->kind == SPF_ALL && term->qualifier == '+' &&
		 w->tree.nodes[node].is_authorising && w->tree.all_pass_node == SPF_NODE_NONE)
		w->tree.all_pass_node = node;
	if (term->kind != SPF_A && term->kind != SPF_MX && term->kind != SPF_EXISTS)
		return;
	if (term_target(w, node, term, &name) != SPF_NODE_OK)
		return;
	if (term->kind == SPF_MX)
		count_mx(w, node, name);
	else
		count_addresses(w, node, term, name);
}

static bool is_ancestor(const struct walk *w, uint32_t node, struct str domain, unsigned *ret_depth)
{
	bool found = false;
	unsigned depth = 0;

	for (; node != SPF_NODE_NONE; node = w->tree.nodes[node].parent, depth++)
		found |= str_eq(w->tree.nodes[node].domain, domain);
	*ret_depth = depth;
	return found;
}

static enum spf_node_error record_fetch(struct walk *w, uint32_t index)
{
	struct spf_node *node = &w->tree.nodes[index];
	const struct dns_answer *txt;
	struct err err = { 0 };
	int code = query(w, node->domain, DNS_TXT, &txt);

	if (code < 0)
		return code == -EAGAIN ? SPF_NODE_PENDING : SPF_NODE_UNREACHABLE;
	code = spf_select(w->arena, txt, &node->record, &err);
	for (size_t i = 0; i < txt->count && !node->text.len; i++)
		if (txt->rr[i].type == DNS_TXT && spf_is_record(txt->rr[i].txt.text))
			node->text = txt->rr[i].txt.text;
	if (!txt->count && index)
		void_add(w, index, node->reach == SPF_NODE_REDIRECT ? SPF_REDIRECT : SPF_INCLUDE,
			 node->domain);
	if (code == -ENOMSG)
		return dns_is_nxdomain(txt) ? SPF_NODE_NXDOMAIN : SPF_NODE_MISSING;
	if (code == -EEXIST)
		return SPF_NODE_MULTIPLE;
	node->detail = code < 0 ? str_copy(w->arena, str_of(err.text)) : STR_NONE;
	return code < 0 ? SPF_NODE_SYNTAX : SPF_NODE_OK;
}

static void node_walk(struct walk *w, uint32_t index);

/* An include or redirect: a node of its own, walked when it may be. */
static void follow(struct walk *w, uint32_t parent, const struct spf_term *term)
{
	struct spf_node node = { .parent = parent, .qualifier = term->qualifier };
	unsigned depth;
	uint32_t index;

	node.reach = term->kind == SPF_INCLUDE ? SPF_NODE_INCLUDE : SPF_NODE_REDIRECT;
	node.is_authorising = w->tree.nodes[parent].is_authorising &&
			      (term->kind == SPF_REDIRECT || term->qualifier == '+');
	node.error = (uint8_t)term_target(w, parent, term, &node.domain);
	if (node.error == SPF_NODE_OK) {
		if (is_ancestor(w, parent, node.domain, &depth))
			node.error = SPF_NODE_LOOP;
		else if (depth >= SPF_TREE_DEPTH)
			node.error = SPF_NODE_TOO_DEEP;
		w->tree.is_at_least |=
			node.error == SPF_NODE_LOOP || node.error == SPF_NODE_TOO_DEEP;
	}
	index = node_add(w, &node);
	if (node.error == SPF_NODE_OK)
		node_walk(w, index);
	w->tree.nodes[parent].lookups += w->tree.nodes[index].lookups;
}

/* Recursion ends at SPF_TREE_DEPTH. Includes are walked before the redirect, as receivers do. */
static void node_walk(struct walk *w, uint32_t index)
{
	enum spf_node_error error = record_fetch(w, index);
	struct spf_record record = w->tree.nodes[index].record;
	bool is_behind_all = false;

	w->tree.nodes[index].error = (uint8_t)error;
	if (error != SPF_NODE_OK)
		return;
	w->tree.nodes[index].own_lookups = w->tree.nodes[index].lookups = record.lookups;
	for (size_t i = 0; i < record.count; i++) {
		const struct spf_term *term = &record.terms[i];

		if (term->kind == SPF_REDIRECT || is_behind_all || !may_ask(w, term))
			continue; /* behind "all" nothing is tested (section 5.1) */
		count_term(w, index, term);
		is_behind_all |= term->kind == SPF_ALL;
		if (term->kind == SPF_INCLUDE)
			follow(w, index, term);
	}
	if (record.redirect && !record.all && may_ask(w, record.redirect)) /* section 6.1 */
		follow(w, index, record.redirect);
}

/* What receivers say when nothing matched: along the redirects of the root. */
static char tree_all(const struct spf_tree *tree)
{
	uint32_t at = 0;

	for (uint32_t i = 1; i < tree->count; i++)
		if (tree->nodes[i].reach == SPF_NODE_REDIRECT && tree->nodes[i].parent == at)
			at = i;
	return tree->nodes[at].record.all;
}

void spf_tree_walk(struct arena *a, struct str domain, const struct spf_dns *dns,
		   struct spf_tree *ret)
{
	struct walk w = { .arena = a, .dns = dns };
	struct spf_node root = { .domain = domain,
				 .parent = SPF_NODE_NONE,
				 .is_authorising = true };

	w.tree.all_pass_node = w.tree.ptr_node = SPF_NODE_NONE;
	w.tree.widest4 = w.tree.widest6 = SPF_NODE_NONE;
	node_add(&w, &root);
	node_walk(&w, 0);
	w.tree.lookups = w.tree.nodes[0].lookups;
	w.tree.all = tree_all(&w.tree);
	*ret = w.tree;
}
