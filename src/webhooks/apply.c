/*
 * apply.c
 *		From a trusted event to our rows.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "common/settings.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "webhooks/internal.h"

#define FIRST_RETRY_MS	(10 * 1000)
#define LAST_RETRY_MS	(24 * 60 * 60 * 1000)
#define MAX_ATTEMPTS	12
#define MAX_PARENT_ATTEMPTS 6

static bool
ignore(PcEventResult *result, const char *code, const char *message)
{
	*result = (PcEventResult) {"ignored", code, message, 0};
	return true;
}

bool
pc_webhook_is_ignored(const PcHome *home, const GwEvent *event, PcEventResult *result)
{
	if (home->has_livemode && home->livemode != event->livemode)
		return ignore(result, "livemode_mismatch", "the event is of the other mode than the gateway account");
	if (event->account != NULL &&
		(home->psp_account_id == NULL || strcmp(home->psp_account_id, event->account) != 0))
		return ignore(result, "account_mismatch", "the event is of another account at the gateway");
	if (event->object.kind == GW_KIND_NONE || event->object.kind == GW_KIND_ACCOUNT ||
		event->object.kind == GW_KIND_LIST)
		return ignore(result, "not_handled", "paycore keeps no rows of this object");
	return false;
}

static int64
pause_before_retry(int attempts)
{
	int64		pause = FIRST_RETRY_MS;

	for (int i = 0; i < attempts && pause < LAST_RETRY_MS; i++)
		pause *= 2;
	return Min(pause, LAST_RETRY_MS);
}

static void
sighting_of(const PcHome *home, const GwEvent *event, int attempts, PcSighting *s)
{
	memset(s, 0, sizeof(*s));
	s->gateway_account = home->name;
	s->source = home->source;
	s->seen_at = event->created > 0 ?
		(event->created - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY) * USECS_PER_SEC : 0;
	s->is_creation = event->is_creation;
	/* Without a time it cannot be put in order. */
	s->only_hint = !event->same_version || event->created <= 0;
	s->parent_sought = attempts > 0;
	s->previous = event->previous;
	s->event_type = event->type;
	s->request_key = event->request_key;
}

static void
set_reduced(PcReduced reduced, int attempts, PcEventResult *result)
{
	*result = (PcEventResult) {"processed", NULL, NULL, 0};
	if (reduced == PC_REDUCED_IGNORED)
		(void) ignore(result, "not_ours", "the object is not ours and gateway_accounts.adopt does not ask for it");
	else if (reduced == PC_REDUCED_PARENT_MISSING && attempts + 1 >= MAX_PARENT_ATTEMPTS)
		(void) ignore(result, "parent_missing", "the object it belongs to is not ours");
	else if (reduced == PC_REDUCED_PARENT_MISSING)
		*result = (PcEventResult) {"received", "parent_missing", "waits for the object it belongs to",
			pause_before_retry(attempts)};
}

/* A cancel or a shutdown is meant for the whole statement. */
static bool
is_for_caller(int sqlstate)
{
	return ERRCODE_TO_CATEGORY(sqlstate) == ERRCODE_OPERATOR_INTERVENTION;
}

static void
set_failed(const ErrorData *error, int attempts, PcEventResult *result)
{
	result->status = "failed";
	result->code = pstrdup(unpack_sql_state(error->sqlerrcode));
	result->message = error->message;
	result->retry_ms = attempts + 1 < MAX_ATTEMPTS ? pause_before_retry(attempts) : 0;
}

void
pc_webhook_apply(const PcHome *home, const GwEvent *event, int attempts, PcEventResult *result)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	PcSighting	sighting;

	sighting_of(home, event, attempts, &sighting);
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		PcReduced	reduced = pc_reduce(&event->object, &sighting);

		/* Not at the caller's COMMIT: what does not fit is this event's error. */
		pc_reduce_check_links();
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		set_reduced(reduced, attempts, result);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (is_for_caller(error->sqlerrcode))
			PG_RE_THROW();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		set_failed(error, attempts, result);
	}
	PG_END_TRY();
}
