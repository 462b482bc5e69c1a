/*
 * backfill.c
 *		Everything that a gateway account has, list after list: payments first,
 *		for they make the accounts that customers and methods belong to.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/args.h"
#include "outbox/feed.h"
#include "outbox/outbox.h"
#include "utils/array.h"

static const struct
{
	const char *feed;
	GwOperation op;
}			lists[] = {
	{"backfill:payment_intents", GW_INTENT_LIST},
	{"backfill:charges", GW_CHARGE_LIST},
	{"backfill:disputes", GW_DISPUTE_LIST},
	{"backfill:customers", GW_CUSTOMER_LIST},	/* each brings its payment methods */
	{"backfill:refunds", GW_REFUND_LIST},
	{"backfill:payouts", GW_PAYOUT_LIST},	/* each brings its balance transactions */
};

/* The first list that is not read from that time on. */
static PcPlan unread_plan = PC_PLAN("ttTz",
	"SELECT pg_catalog.min(u.n)::int4 FROM pg_catalog.unnest($3) WITH ORDINALITY u(feed, n)"
	" WHERE NOT EXISTS (SELECT FROM paycore.gateway_feeds f WHERE f.tenant_id = $1 AND f.gateway_account = $2 AND f.feed = u.feed"
	"  AND f.finished_at IS NOT NULL AND f.error_message IS NULL AND f.reading_from = $4)");

static PcPlan forget_plan = PC_PLAN("tt",
	"DELETE FROM paycore.gateway_feeds WHERE tenant_id = $1 AND gateway_account = $2 AND feed LIKE 'backfill:%'");

/* What the lists have led to. */
static PcPlan sequel_plan = PC_PLAN("t",
	"SELECT 1 FROM paycore.outbox WHERE gateway_account = $1 AND finished_at IS NULL"
	" AND (operation = 'method.list' OR (operation = 'balance.list' AND object_type = 'payout')) LIMIT 1");

static bool
has_sequel(const PcFeedAccount *account)
{
	PcArgs		a = {0};

	pc_arg_text(&a, account->name);
	return pc_execute_args(&sequel_plan, &a, false) > 0;
}

static bool
is_under_way(const PcFeedAccount *account)
{
	for (int i = 0; i < (int) lengthof(lists); i++)
		if (pc_outbox_unfinished(lists[i].op, account->tenant, &account->id, false, NULL, NULL))
			return true;
	return false;
}

static Datum
feed_names(void)
{
	Datum		names[lengthof(lists)];

	for (int i = 0; i < (int) lengthof(lists); i++)
		names[i] = CStringGetTextDatum(lists[i].feed);
	return PointerGetDatum(construct_array(names, lengthof(lists), TEXTOID, -1, false, TYPALIGN_INT));
}

/* The place of the list to begin with; -1 where all are read. */
static int
first_unread(const PcFeedAccount *account, TimestampTz since)
{
	bool		isnull;
	Datum		place;
	PcArgs		a = {0};

	pc_arg_text(&a, account->tenant);
	pc_arg_text(&a, account->name);
	pc_arg(&a, feed_names(), false);
	pc_arg(&a, TimestampTzGetDatum(since), false);
	(void) pc_execute_args(&unread_plan, &a, false);
	place = pc_get(0, 1, &isnull);
	return isnull ? -1 : DatumGetInt32(place) - 1;
}

static void
forget(const PcFeedAccount *account)
{
	PcArgs		a = {0};

	pc_arg_text(&a, account->tenant);
	pc_arg_text(&a, account->name);
	(void) pc_execute_args(&forget_plan, &a, false);
}

bool
pc_backfill_start(const PcFeedAccount *account, TimestampTz since)
{
	int			first;

	pc_feed_lock(account);
	if (is_under_way(account))
		return false;
	first = first_unread(account, since);
	if (first < 0 && has_sequel(account))
		return false;
	if (first <= 0)
	{
		forget(account);
		first = 0;
	}
	return pc_feed_start(account, lists[first].feed, lists[first].op, &since, 0);
}

bool
pc_backfill_is_feed(const char *feed)
{
	for (int i = 0; i < (int) lengthof(lists); i++)
		if (strcmp(lists[i].feed, feed) == 0)
			return true;
	return false;
}

bool
pc_backfill_reads(GwOperation op)
{
	for (int i = 0; i < (int) lengthof(lists); i++)
		if (lists[i].op == op)
			return true;
	return false;
}

void
pc_backfill_next(const char *gateway_account, const char *feed, TimestampTz since)
{
	PcFeedAccount account;

	for (int i = 0; i + 1 < (int) lengthof(lists); i++)
	{
		if (strcmp(lists[i].feed, feed) != 0 || !pc_feed_account(gateway_account, &account))
			continue;
		(void) pc_feed_start(&account, lists[i + 1].feed, lists[i + 1].op, &since, 0);
		return;
	}
}
