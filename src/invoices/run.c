/*
 * run.c
 *		CALL paycore.run_billing() and bill_subscriptions().
 *
 * A batch that fails is tried again subscription by subscription: the one at
 * fault is parked with the reason, and stops nobody else.
 */
#include "common/paycore.h"

#include "common/fault.h"
#include "common/guarded.h"
#include "common/procedure.h"
#include "invoices/invoices.h"
#include "miscadmin.h"

#define MAX_BATCH 100000

typedef struct Batch
{
	const PcApiCall *call;
	TimestampTz as_of;
	int			size;
	const pg_uuid_t *only;		/* NULL: whoever is due */
	int64		done;
} Batch;

static void
bill(void *arg)
{
	Batch	   *batch = (Batch *) arg;

	batch->done = inv_bill_batch(batch->call, batch->as_of, batch->size, batch->only);
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

/* Other transactions' doing, the server's, or a lack of rights: no subscription's fault. */
static bool
is_transient(const ErrorData *error)
{
	int			category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	return category == ERRCODE_TRANSACTION_ROLLBACK || category == ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION || category == ERRCODE_INSUFFICIENT_RESOURCES ||
		category == ERRCODE_OPERATOR_INTERVENTION || category == ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
}

static const char *
reason_of(const ErrorData *error)
{
	return error->detail != NULL ? psprintf("%s: %s", error->message, error->detail) : error->message;
}

/* As much as one batch, one at a time. */
static int64
bill_one_by_one(const Batch *batch)
{
	pg_uuid_t	id;
	Batch		one = {.call = batch->call, .as_of = batch->as_of, .size = 1, .only = &id};
	int64		done = 0;

	while (done < batch->size && next_due(batch, &id))
	{
		ErrorData  *error = pc_run_guarded(bill, &one);

		if (error != NULL && is_transient(error))
			ReThrowError(error);
		if (error != NULL)
			inv_park(batch->call, &id, batch->as_of, reason_of(error));
		done++;
		CHECK_FOR_INTERRUPTS();
	}
	return done;
}

static int64
bill_batch(const PcApiCall *call, TimestampTz as_of, int size)
{
	Batch		batch = {.call = call, .as_of = as_of, .size = size};
	ErrorData  *error = pc_run_guarded(bill, &batch);

	if (error == NULL)
		return batch.done;
	if (is_transient(error))
		ReThrowError(error);
	return bill_one_by_one(&batch);
}

void
inv_catch_up(const PcApiCall *call, const pg_uuid_t *subscription)
{
	Batch		one = {.call = call, .as_of = inv_now(call), .size = 1, .only = subscription};
	ErrorData  *error;

	do
	{
		one.done = 0;
		error = pc_run_guarded(bill, &one);
		if (error != NULL && is_transient(error))
			ReThrowError(error);
		if (error != NULL)
			inv_park(call, subscription, one.as_of, reason_of(error));
		CHECK_FOR_INTERRUPTS();
	} while (error == NULL && one.done > 0);
}

/* The time that was asked for, or now; what has not come yet is not billed. */
static TimestampTz
as_of_argument(const PcApiCall *call, FunctionCallInfo fcinfo)
{
	TimestampTz now = inv_now(call);
	TimestampTz as_of = PG_ARGISNULL(0) ? now : PG_GETARG_TIMESTAMPTZ(0);

	pc_check_finite(as_of);
	if (as_of > now)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("as_of is in the future"),
				 errdetail("It is %s by the clock of billing.", timestamptz_to_str(now)),
				 errhint("To try what comes, move the clock of a test tenant with paycore.set_test_clock().")));
	return as_of;
}

static int
batch_size_argument(FunctionCallInfo fcinfo)
{
	int			size = PG_ARGISNULL(1) ? 1000 : PG_GETARG_INT32(1);

	if (size < 1 || size > MAX_BATCH)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("batch_size must be from 1 to %d", MAX_BATCH)));
	return size;
}

/* bill_subscriptions(as_of, batch_size) */
PG_FUNCTION_INFO_V1(paycore_bill_subscriptions);
PGDLLEXPORT Datum
paycore_bill_subscriptions(PG_FUNCTION_ARGS)
{
	int			size = batch_size_argument(fcinfo);
	PcApiCall	call;
	int64		done;

	pc_api_begin(&call);
	done = bill_batch(&call, as_of_argument(&call, fcinfo), size);
	pc_api_end(&call);
	PG_RETURN_INT64(done);
}

/* run_billing(as_of, batch_size) */
PG_FUNCTION_INFO_V1(paycore_run_billing);
PGDLLEXPORT Datum
paycore_run_billing(PG_FUNCTION_ARGS)
{
	int			size = batch_size_argument(fcinfo);
	int64		done;

	pc_refuse_in_transaction(fcinfo, "run_billing");
	SPI_connect_ext(SPI_OPT_NONATOMIC);
	do
	{
		PcApiCall	call;

		pc_api_begin(&call);
		done = bill_batch(&call, as_of_argument(&call, fcinfo), size);
		pc_api_end(&call);
		PC_FAULT("billing_done");
		SPI_commit();
		PC_FAULT("billing_committed");
		CHECK_FOR_INTERRUPTS();
	} while (done > 0);
	SPI_finish();
	PG_RETURN_VOID();
}
