/*
 * checks.c
 *		What the CHECK constraints of paycore's tables ask, as functions.
 *
 * A server reads a constraint's expression anew for every statement, so long
 * ones (lists of words, sums of conditions) cost more than the row itself.
 */
#include "common/paycore.h"

#include "types/lifecycle.h"
#include "types/money.h"
#include "utils/builtins.h"

#define MAX_WORDS 13

/* The words that a column knows. */
static const struct
{
	const char *list;
	const char *words[MAX_WORDS];
}			lists[] = {
	{"capture_method", {"automatic", "automatic_async", "manual"}},
	{"confirmation_method", {"automatic", "manual"}},
	{"setup_future_usage", {"on_session", "off_session"}},
	{"attempt_outcome", {"declined", "failed", "succeeded"}},
	{"refund_kind", {"refund", "auth_release"}},
	{"change_source", {"api", "webhook", "response", "poll", "sql"}},
	{"outbox_open", {"pending", "sending", "resolving", "dead"}},
	{"outbox_status", {"pending", "sending", "resolving", "dead", "done", "declined", "refused", "obsolete",
			"too_late", "withdrawn", "expired", "discarded"}},
	{"event_status", {"received", "processed", "ignored", "failed", "rejected"}},
};

static bool
text_is(const text *t, const char *word)
{
	return VARSIZE_ANY_EXHDR(t) == strlen(word) && memcmp(VARDATA_ANY(t), word, strlen(word)) == 0;
}

/* is_known(word, list): whether the list has the word; an unknown list knows none. */
PG_FUNCTION_INFO_V1(paycore_is_known);
PGDLLEXPORT Datum
paycore_is_known(PG_FUNCTION_ARGS)
{
	const text *word = PG_GETARG_TEXT_PP(0);
	const text *list = PG_GETARG_TEXT_PP(1);

	for (size_t l = 0; l < lengthof(lists); l++)
	{
		if (!text_is(list, lists[l].list))
			continue;
		for (int w = 0; w < MAX_WORDS && lists[l].words[w] != NULL; w++)
		{
			if (text_is(word, lists[l].words[w]))
				PG_RETURN_BOOL(true);
		}
	}
	PG_RETURN_BOOL(false);
}

/* one_currency(amount, ...): all that are not null are in the first one's currency. */
PG_FUNCTION_INFO_V1(paycore_one_currency);
PGDLLEXPORT Datum
paycore_one_currency(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_BOOL(true);
	for (int i = 1; i < PG_NARGS(); i++)
	{
		if (!PG_ARGISNULL(i) && !pc_money_same_currency(PG_GETARG_PC_MONEY(0), PG_GETARG_PC_MONEY(i)))
			PG_RETURN_BOOL(false);
	}
	PG_RETURN_BOOL(true);
}

/* none_negative(amount, ...) */
PG_FUNCTION_INFO_V1(paycore_none_negative);
PGDLLEXPORT Datum
paycore_none_negative(PG_FUNCTION_ARGS)
{
	for (int i = 0; i < PG_NARGS(); i++)
	{
		if (!PG_ARGISNULL(i) && pc_money_amount(PG_GETARG_PC_MONEY(i)) < 0)
			PG_RETURN_BOOL(false);
	}
	PG_RETURN_BOOL(true);
}

/* is_positive(amount) */
PG_FUNCTION_INFO_V1(paycore_is_positive);
PGDLLEXPORT Datum
paycore_is_positive(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(pc_money_amount(PG_GETARG_PC_MONEY(0)) > 0);
}

/*
 * settlement_is_whole(settled_gross, fee, net, settled_at, and what may come
 * with them): the first four are all null or all set, and null ones have
 * nothing with them.
 */
PG_FUNCTION_INFO_V1(paycore_settlement_is_whole);
PGDLLEXPORT Datum
paycore_settlement_is_whole(PG_FUNCTION_ARGS)
{
	const int	core = 4;

	for (int i = 1; i < core; i++)
	{
		if (PG_ARGISNULL(i) != PG_ARGISNULL(0))
			PG_RETURN_BOOL(false);
	}
	for (int i = core; i < PG_NARGS(); i++)
	{
		if (PG_ARGISNULL(0) && !PG_ARGISNULL(i))
			PG_RETURN_BOOL(false);
	}
	PG_RETURN_BOOL(true);
}

/* is_captured_if_succeeded(status, gross, captured_at) */
PG_FUNCTION_INFO_V1(paycore_is_captured_if_succeeded);
PGDLLEXPORT Datum
paycore_is_captured_if_succeeded(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || DatumGetPcState(PG_GETARG_DATUM(0)) != PAYMENT_SUCCEEDED)
		PG_RETURN_BOOL(true);
	PG_RETURN_BOOL(!PG_ARGISNULL(1) && !PG_ARGISNULL(2));
}
