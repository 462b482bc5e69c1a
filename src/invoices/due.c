/*
 * due.c
 *		Doing what is due, whatever fails.
 *
 * A batch that fails is done again in parts, smaller and smaller: the one
 * subscription at fault is parked with the reason, and stops nobody else.
 */
#include "common/paycore.h"

#include "common/guarded.h"
#include "invoices/invoices.h"
#include "items/items.h"
#include "usage/usage.h"
#include "miscadmin.h"

typedef struct Batch
{
	const PcApiCall *call;
	TimestampTz as_of;
	int			size;
	const pg_uuid_t *only;		/* NULL: whoever is due, from "reached" on */
	InvPosition *reached;
	InvDone		done;
} Batch;

static void
bill(void *arg)
{
	Batch	   *batch = (Batch *) arg;

	inv_bill_batch(batch->call, batch->as_of, batch->size, batch->only, batch->reached, &batch->done);
}

bool
inv_is_transient(const ErrorData *error)
{
	int			category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	return category == ERRCODE_TRANSACTION_ROLLBACK || category == ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION || category == ERRCODE_INSUFFICIENT_RESOURCES ||
		category == ERRCODE_OPERATOR_INTERVENTION || category == ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
}

static void
change(void *arg)
{
	Batch	   *batch = (Batch *) arg;

	batch->done.steps = item_changes_due(batch->call, batch->as_of, batch->size, batch->only, inv_reckon_mrr);
}

/* NULL where it went through; else what the subscriptions, or one of them, are at fault for. */
static ErrorData *
try(Batch *batch, void (*step) (void *))
{
	ErrorData  *error = pc_run_guarded(step, batch);

	if (error != NULL && inv_is_transient(error))
		ReThrowError(error);
	if (error != NULL)
		memset(&batch->done, 0, sizeof(batch->done));
	return error;
}

const char *
inv_reason_of(const ErrorData *error)
{
	return error->detail != NULL ? psprintf("%s: %s", error->message, error->detail) : error->message;
}

/* The subscription's step by itself; where that fails, the change that it begins with, or without that change; else it is parked. */
static void
bill_one(Batch *one)
{
	ErrorData  *error = try(one, bill);
	ErrorData  *of_change = error != NULL ? try(one, change) : NULL;

	if (error == NULL || (of_change == NULL && one->done.steps > 0))
		return;
	one->done.steps = 1;
	if (of_change != NULL && item_change_take_back(one->call, one->only, one->as_of, of_change, inv_reason_of(of_change)))
		return;
	inv_park(one->call, one->only, one->as_of, inv_reason_of(error));
	one->done.parked = 1;
}

static void
add(InvDone *all, const InvDone *some)
{
	all->steps += some->steps;
	all->invoices += some->invoices;
	all->parked += some->parked;
	all->until = Max(all->until, some->until);
}

/* The subscription that is due longest, locked. */
static bool
next_due(const Batch *batch, pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("tz",
								 "SELECT s.id FROM paycore.subscriptions s WHERE s.tenant_id = $1 AND s.next_bill_at <= $2 "
								 "AND s.parked_at IS NULL ORDER BY s.next_bill_at, s.id LIMIT 1 FOR UPDATE SKIP LOCKED");
	Datum		values[2] = {CStringGetTextDatum(batch->call->tenant), TimestampTzGetDatum(batch->as_of)};

	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		return false;
	*id = pc_get_id(0, 1);
	return true;
}

/* The one that is due longest by itself: done, or parked.  Gives nothing where nothing is due. */
static InvDone
bill_next(const Batch *whole)
{
	pg_uuid_t	id;
	Batch		one = {.call = whole->call, .as_of = whole->as_of, .size = 1, .only = &id};

	if (next_due(whole, &id))
		bill_one(&one);
	return one.done;
}

/* As much as one batch; after the deadline no more than a part. */
static void
bill_in_parts(Batch *whole, TimestampTz deadline)
{
	int			within = whole->size;	/* one at fault is among the next so many; 0: not known of any */
	int			size = 1;

	*whole->reached = (InvPosition) INV_FROM_FIRST;
	while (whole->done.steps < whole->size && (whole->done.steps == 0 || deadline == 0 || GetCurrentTimestamp() < deadline))
	{
		Batch		part = {.call = whole->call, .as_of = whole->as_of, .reached = whole->reached};

		CHECK_FOR_INTERRUPTS();
		part.size = Max(1, Min(within > 0 ? within / 2 : size, whole->size - whole->done.steps));
		if (part.size == 1)
			part.done = bill_next(whole);
		else if (try(&part, bill) != NULL)
		{
			within = part.size;
			continue;
		}
		if (part.done.steps == 0)
			break;
		add(&whole->done, &part.done);
		size = part.size * 2;
		if (part.done.parked > 0)
			within = 0;
		else if (within > 0)
			within = Max(1, within - part.size);
	}
}

InvDone
inv_bill_due(const PcApiCall *call, TimestampTz as_of, int batch_size, TimestampTz deadline, InvPosition *reached)
{
	Batch		batch = {.call = call, .as_of = as_of, .size = batch_size, .reached = reached};

	(void) usg_roll_up(false);
	(void) usg_bill_late(call);
	if (try(&batch, bill) != NULL)
		bill_in_parts(&batch, deadline);
	return batch.done;
}

/* Most often nothing is: then a batch of nothing is spared. */
static bool
is_due(const Batch *one)
{
	static PcPlan plan = PC_PLAN("utz",
								 "SELECT 1 FROM paycore.subscriptions s WHERE s.id = $1 AND s.tenant_id = $2 AND s.next_bill_at <= $3 AND s.parked_at IS NULL");
	Datum		values[3] = {UUIDPGetDatum(one->only), CStringGetTextDatum(one->call->tenant), TimestampTzGetDatum(one->as_of)};

	return pc_execute(&plan, values, NULL, false, 1) > 0;
}

void
inv_catch_up(const PcApiCall *call, const pg_uuid_t *subscription)
{
	Batch		one = {.call = call, .as_of = pc_billing_now(call), .size = 1, .only = subscription};

	while (is_due(&one))
	{
		bill_one(&one);
		if (one.done.steps == 0)
			break;
		CHECK_FOR_INTERRUPTS();
	}
}
