/*
 * reduce.c
 *		Applies a gateway's object to our rows.
 */
#include "common/paycore.h"

#include "common/guarded.h"
#include "common/unix_time.h"
#include "reduce/internal.h"

TimestampTz
pc_seen_second(const PcSighting *s)
{
	return s->seen_at - s->seen_at % USECS_PER_SEC;
}

TimestampTz
pc_from_unix(int64 seconds)
{
	return seconds <= 0 ? 0 : pc_unix_time(seconds);
}

void
pc_read_known(PcKnown *known, int first_column)
{
	bool		isnull;
	Datum		digest = pc_get(0, first_column + 1, &isnull);

	known->time = pc_get_time(0, first_column);
	known->digest = isnull ? NULL : DatumGetByteaPCopy(digest);
	known->doubt = pc_get_bool(0, first_column + 2);
}

PcPictures
pc_pictures(const PcKnown *known, const bytea *digest, const PcSighting *s)
{
	PcPictures	p = {0};

	p.known = known->time != 0;
	p.known_time = known->time;
	p.seen_time = pc_seen_second(s);
	p.same_digest = p.known && pc_digest_equal(known->digest, digest);
	p.doubt = known->doubt;
	p.is_creation = s->is_creation;
	return p;
}

bool
pc_previous_status_is(const PcSighting *s, const char *status)
{
	char	   *previous = s->previous != NULL ? pc_json_text(s->previous, "status") : NULL;

	return previous != NULL && strcmp(previous, status) == 0;
}

bool
pc_same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static GwOperation
retrieve_of(GwKind kind)
{
	switch (kind)
	{
		case GW_KIND_INTENT:
			return GW_INTENT_RETRIEVE;
		case GW_KIND_CHARGE:
			return GW_CHARGE_RETRIEVE;
		case GW_KIND_REFUND:
			return GW_REFUND_RETRIEVE;
		case GW_KIND_DISPUTE:
			return GW_DISPUTE_RETRIEVE;
		default:
			return GW_NOPERATIONS;
	}
}

/* What came before its parent, which was asked for, is asked for after it. */
static void
come_back(const GwObject *object, const PcSighting *s)
{
	GwOperation op = retrieve_of(object->kind);

	if (op != GW_NOPERATIONS && object->id != NULL)
		pc_look_at_unknown_later(op, object->id, s, PC_PARENT_DELAY_MS);
}

/* What passes by itself, and what nobody can be asked for alone, is the whole list's error. */
static bool
is_of_object(const ErrorData *error, const GwObject *object)
{
	return ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_TRANSACTION_ROLLBACK &&
		ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_OPERATOR_INTERVENTION &&
		error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE &&
		retrieve_of(object->kind) != GW_NOPERATIONS && object->id != NULL;
}

static void
ask_again(const GwObject *object, const ErrorData *error, const PcSighting *s)
{
	ereport(LOG,
			(errmsg("paycore: %s of a list could not be recorded: %s", object->id, error->message),
			 errdetail("SQLSTATE %s; it is asked for again, by itself.", unpack_sql_state(error->sqlerrcode))));
	come_back(object, s);
}

typedef struct Listed
{
	const GwObject *object;
	const PcSighting *sighting;
	PcReduced	result;
} Listed;

static void
reduce_item(void *arg)
{
	Listed	   *item = arg;

	item->result = pc_reduce(item->object, item->sighting);
}

static PcReduced
reduce_apart(const GwObject *object, const PcSighting *s)
{
	Listed		item = {object, s, PC_REDUCED_IGNORED};
	ErrorData  *error = pc_run_guarded(reduce_item, &item);

	if (error == NULL)
		return item.result;
	if (!is_of_object(error, object))
		ReThrowError(error);
	ask_again(object, error, s);
	return PC_REDUCED_IGNORED;
}

/* A kind that we keep no rows of is nothing to us. */
static PcReduced
reduce_list(const GwObject *list, const PcSighting *s)
{
	PcReduced	result = PC_REDUCED_IGNORED;

	for (int i = 0; i < list->nitems; i++)
	{
		const GwObject *object = &list->items[i];
		PcReduced	one = s->in_parts ? reduce_apart(object, s) : pc_reduce(object, s);

		if (one == PC_REDUCED_PARENT_MISSING)
			come_back(object, s);
		if (one == PC_REDUCED_APPLIED || i == 0)
			result = one;
	}
	return result;
}

PcReduced
pc_reduce(const GwObject *object, const PcSighting *s)
{
	switch (object->kind)
	{
		case GW_KIND_INTENT:
			return pc_reduce_intent(object->u.intent, s);
		case GW_KIND_CHARGE:
			return pc_reduce_charge(object->u.charge, s);
		case GW_KIND_REFUND:
			return pc_reduce_refund(object->u.refund, s);
		case GW_KIND_CUSTOMER:
			return pc_reduce_customer(object->u.customer, s);
		case GW_KIND_METHOD:
			return pc_reduce_method(object->u.method, s);
		case GW_KIND_SETUP:
			return pc_reduce_setup(object->u.setup, s);
		case GW_KIND_MANDATE:
			return pc_reduce_mandate(object->u.mandate, s);
		case GW_KIND_DISPUTE:
			return pc_reduce_dispute(object->u.dispute, s);
		case GW_KIND_WARNING:
			return pc_reduce_warning(object->u.warning, s);
		case GW_KIND_REVIEW:
			return pc_reduce_review(object->u.review, s);
		case GW_KIND_LIST:
			return reduce_list(object, s);
		case GW_KIND_PAYOUT:
			return pc_reduce_payout(object->u.payout, s);
		case GW_KIND_BALANCE:
			return pc_reduce_balance(object->u.balance, s);
		case GW_KIND_NONE:
		case GW_KIND_ACCOUNT:
			break;
	}
	return PC_REDUCED_IGNORED;
}

const char *
pc_reduced_name(PcReduced reduced)
{
	switch (reduced)
	{
		case PC_REDUCED_APPLIED:
			return "applied";
		case PC_REDUCED_UNCHANGED:
			return "unchanged";
		case PC_REDUCED_STALE:
			return "stale";
		case PC_REDUCED_DOUBT:
			return "doubt";
		case PC_REDUCED_IGNORED:
			return "ignored";
		case PC_REDUCED_PARENT_MISSING:
			return "parent_missing";
	}
	return "unknown";
}
