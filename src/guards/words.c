/*
 * words.c
 *		The words that columns of status and kind take.
 */
#include "common/paycore.h"

#include "guards/words.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#define MAX_WORDS 13

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
	{"dispute_kind", {"chargeback", "inquiry", "compliance", "block", "resolution", "other"}},
	{"change_source", {"api", "webhook", "response", "poll", "sql"}},
	{"outbox_open", {"pending", "sending", "resolving", "dead"}},
	{"outbox_status", {"pending", "sending", "resolving", "dead", "done", "declined", "refused", "obsolete",
			"too_late", "withdrawn", "expired", "discarded"}},
	{"balance_status", {"pending", "available"}},
	{"event_status", {"received", "processed", "ignored", "failed", "rejected"}},
};

static const char *const *
find_list(const char *list)
{
	for (size_t l = 0; l < lengthof(lists); l++)
	{
		if (strcmp(lists[l].list, list) == 0)
			return lists[l].words;
	}
	return NULL;
}

static bool
text_is(const text *t, const char *word)
{
	return VARSIZE_ANY_EXHDR(t) == strlen(word) && memcmp(VARDATA_ANY(t), word, strlen(word)) == 0;
}

bool
pc_word_is_known(const char *list, const text *word)
{
	const char *const *words = find_list(list);

	for (int w = 0; words != NULL && w < MAX_WORDS && words[w] != NULL; w++)
	{
		if (text_is(word, words[w]))
			return true;
	}
	return false;
}

char *
pc_words(const char *list)
{
	const char *const *words = find_list(list);
	StringInfoData all;

	initStringInfo(&all);
	for (int w = 0; words != NULL && w < MAX_WORDS && words[w] != NULL; w++)
		appendStringInfo(&all, "%s%s", w > 0 ? ", " : "", words[w]);
	return all.data;
}

/* is_known(word, list) */
PG_FUNCTION_INFO_V1(paycore_is_known);
PGDLLEXPORT Datum
paycore_is_known(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(pc_word_is_known(text_to_cstring(PG_GETARG_TEXT_PP(1)), PG_GETARG_TEXT_PP(0)));
}
