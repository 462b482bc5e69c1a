/*
 * upkeep.c
 *		What the worker does now and then, beside sending.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "common/secrets.h"
#include "delivery/job.h"
#include "delivery/sweep.h"
#include "feed/feed.h"
#include "ledger/ledger.h"
#include "utils/elog.h"
#include "utils/memutils.h"
#include "usage/usage.h"
#include "worker/identity.h"
#include "worker/upkeep.h"

typedef enum InDrain
{
	NO,
	YES,
	EACH_TURN					/* what it finds to do is to be done by this very drain */
} InDrain;

typedef struct Chore
{
	const char *name;
	int			seconds;		/* between two turns of it */
	InDrain		in_drain;
	bool		(*work) (void);	/* true: there is more, come back at once */
	TimestampTz next;
} Chore;

static bool ask_all = true;
static uint64 secrets = 0;		/* version of the file that is in use */
static uint64 asked_for = 0;	/* version of it */

static bool
reclaim(void)
{
	int			n = pc_outbox_reclaim();

	if (n > 0)
		ereport(LOG, (errmsg("paycore: %d requests of a worker that is gone are in the queue again", n)));
	return false;
}

static bool
check_accounts(void)
{
	if (ask_all && pc_secrets_warning() != NULL)
		ereport(WARNING, (errmsg("paycore: %s", pc_secrets_warning())));
	pc_accounts_ask(ask_all, NULL);
	ask_all = false;
	asked_for = secrets;
	return false;
}

static Chore chores[] = {
	{"leases", 5, YES, reclaim, 0},
	{"accounts", 30, YES, check_accounts, 0},
	{"foreign requests", 3600, YES, pc_warn_of_foreign, 0},
	{"intents", 10, NO, pc_sweep_intents, 0},
	{"refunds", 10, NO, pc_sweep_refunds, 0},
	{"payouts", 60, NO, pc_sweep_payouts, 0},
	{"setup intents", 10, NO, pc_sweep_setups, 0},
	{"webhooks", 5, NO, pc_sweep_webhooks, 0},
	{"lists of gateway accounts", 10, NO, pc_start_feeds, 0},
	{"finished requests", 60, NO, pc_prune_outbox, 0},
	{"idempotency keys", 60, NO, pc_prune_keys, 0},
	{"webhook events", 300, NO, pc_prune_webhooks, 0},
	{"ledger balances", 10, NO, pc_ledger_upkeep, 0},
	{"usage", 5, NO, usg_upkeep, 0},
	{"disputes", 10, NO, pc_sweep_disputes, 0},
	{"hints at changes", 1, NO, pc_feed_hint, 0},
	{"changes for webhook endpoints", 1, EACH_TURN, pc_feed_queue, 0},
};

typedef struct Turn
{
	const Chore *chore;
	bool		more;
} Turn;

static void
work(void *arg)
{
	Turn	   *turn = arg;

	turn->more = turn->chore->work();
}

/* One that fails is tried again at its next turn, and stops nothing else. */
static bool
run(const Chore *chore)
{
	Turn		turn = {.chore = chore};
	ErrorData  *error = pc_worker_run(work, &turn);

	if (error != NULL)
		ereport(LOG, (errmsg("paycore: upkeep of %s failed: %s", chore->name, error->message)));
	return turn.more;
}

/* Whatever key is new, nothing is sent with it before it is known whose it is. */
static void
notice_secrets(void)
{
	uint64		version = pc_secrets_version();

	if (version != secrets)
		pc_upkeep_reloaded();
	secrets = version;
}

void
pc_upkeep(bool drain)
{
	TimestampTz now = GetCurrentTimestamp();

	notice_secrets();
	for (int i = 0; i < lengthof(chores); i++)
	{
		Chore	   *chore = &chores[i];

		if (drain && chore->in_drain == NO)
			continue;
		if (now < chore->next && !(drain && chore->in_drain == EACH_TURN))
			continue;
		if (!run(chore))
			chore->next = TimestampTzPlusMilliseconds(now, chore->seconds * 1000);
	}
}

void
pc_upkeep_reloaded(void)
{
	ask_all = true;
	chores[1].next = 0;
}

uint64
pc_upkeep_secrets(void)
{
	return asked_for;
}

void
pc_upkeep_drained(void)
{
	static Chore hint = {"hints at changes", 0, YES, pc_feed_hint, 0};

	(void) run(&hint);
}
