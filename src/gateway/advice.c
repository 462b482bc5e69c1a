/*
 * advice.c
 *		Reads an error's codes, strongest advice first.
 */
#include "gateway/advice.h"

#define LONGEST_WAIT (7 * SECS_PER_DAY)

static const char *const class_names[] = {
	[GW_RETRY_LATER] = "retry_later",
	[GW_NEW_METHOD] = "new_method",
	[GW_AUTHENTICATE] = "authenticate",
	[GW_NEVER] = "never",
};

static const char *const kind_names[GW_NCODE_KINDS] = {
	[GW_CODE_ADVICE] = "advice_code",
	[GW_CODE_NETWORK_ADVICE] = "network_advice_code",
	[GW_CODE_DECLINE] = "decline_code",
	[GW_CODE_ERROR] = "code",
	[GW_CODE_TYPE] = "type",
};

static const char *const party_names[] = {
	[GW_PAYER] = "payer",
	[GW_CALLER] = "caller",
	[GW_MERCHANT] = "merchant",
	[GW_STATE] = "state",
	[GW_GATEWAY] = "gateway",
};

const char *
gw_advice_class_name(GwAdviceClass class)
{
	return class_names[class];
}

const char *
gw_code_kind_name(GwCodeKind kind)
{
	return kind_names[kind];
}

const char *
gw_advice_party_name(GwAdviceParty party)
{
	return party_names[party];
}

/* NULL where the code is unknown. */
static const GwAdvice *
advice_on(GwCodeKind kind, const char *code)
{
	for (int i = 0; code != NULL && i < gw_advice_count; i++)
	{
		if (gw_advice[i].kind == kind && strcmp(gw_advice[i].code, code) == 0)
			return &gw_advice[i];
	}
	return NULL;
}

/* The default of an unknown code: two more tries, and nothing said of the reason. */
static const GwAdvice *
of_code(GwCodeKind kind, const char *code)
{
	const GwAdvice *found = advice_on(kind, code);

	if (found == NULL && code != NULL && (kind == GW_CODE_DECLINE || kind == GW_CODE_ERROR))
		found = advice_on(GW_CODE_DECLINE, "generic_decline");
	return found;
}

/* A code says more than the type; but an unknown code says less than a type that is no decline. */
static void
find_all(const char *const codes[GW_NCODE_KINDS], const GwAdvice *found[GW_NCODE_KINDS])
{
	for (int kind = 0; kind < GW_NCODE_KINDS; kind++)
		found[kind] = of_code(kind, codes[kind]);
	if (codes[GW_CODE_DECLINE] != NULL && advice_on(GW_CODE_DECLINE, codes[GW_CODE_DECLINE]) == NULL &&
		advice_on(GW_CODE_ERROR, codes[GW_CODE_ERROR]) != NULL)
		found[GW_CODE_DECLINE] = NULL;
	if (codes[GW_CODE_ERROR] != NULL && advice_on(GW_CODE_ERROR, codes[GW_CODE_ERROR]) == NULL &&
		found[GW_CODE_TYPE] != NULL)
		found[GW_CODE_ERROR] = NULL;
}

/* The words of a code that is of the deciding class say most; a hidden reason hides them all. */
static const char *
message_of(const GwAdvice *const found[GW_NCODE_KINDS], const GwAdvice *deciding)
{
	const GwAdvice *best = deciding;

	for (int kind = 0; kind < GW_NCODE_KINDS; kind++)
	{
		if (found[kind] != NULL && found[kind]->hidden)
			return found[kind]->message;
	}
	for (int kind = GW_CODE_ERROR; kind >= GW_CODE_DECLINE; kind--)
	{
		if (found[kind] != NULL && found[kind]->class == deciding->class)
			best = found[kind];
	}
	return best->message;
}

static void
plan_retry(const GwAdvice *const found[GW_NCODE_KINDS], const GwAdvice *deciding, int failures,
		   TimestampTz failed_at, GwExplanation *out)
{
	int			most = deciding->max_retries;
	int64		wait = deciding->retry_after;
	const GwAdvice *decline = found[GW_CODE_DECLINE] != NULL ? found[GW_CODE_DECLINE] : found[GW_CODE_ERROR];

	if (decline != NULL && decline->class == GW_RETRY_LATER)
	{
		most = Min(most, decline->max_retries);
		if (!deciding->fixed)
			wait = Max(wait, decline->retry_after);
	}
	failures = Max(failures, 1);
	out->retries_left = Max(most - (failures - 1), 0);
	if (out->retries_left == 0)
	{
		out->class = GW_NEW_METHOD;
		return;
	}
	for (int i = 1; i < failures && !deciding->fixed && wait < LONGEST_WAIT; i++)
		wait = Min(wait * 2, LONGEST_WAIT);
	out->retry_at = failed_at + wait * USECS_PER_SEC;
}

bool
gw_explain(const char *const codes[GW_NCODE_KINDS], int failures, TimestampTz failed_at, GwExplanation *out)
{
	const GwAdvice *found[GW_NCODE_KINDS];
	const GwAdvice *deciding = NULL;
	bool		any = false;

	memset(out, 0, sizeof(*out));
	find_all(codes, found);
	for (int kind = GW_NCODE_KINDS - 1; kind >= 0; kind--)
	{
		any |= codes[kind] != NULL;
		if (found[kind] == NULL)
			continue;
		deciding = found[kind];
		out->decided_by = kind;
	}
	if (!any)
		return false;
	out->known = deciding != NULL && advice_on(out->decided_by, codes[out->decided_by]) != NULL;
	if (deciding == NULL)
	{
		deciding = advice_on(GW_CODE_DECLINE, "generic_decline");
		out->decided_by = GW_CODE_DECLINE;
	}
	out->class = deciding->class;
	out->party = deciding->party;
	out->message = message_of(found, deciding);
	if (deciding->class == GW_RETRY_LATER)
		plan_retry(found, deciding, failures, failed_at, out);
	return true;
}
