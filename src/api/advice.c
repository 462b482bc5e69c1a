/*
 * advice.c
 *		explain_error() and gateway_error_codes(): what an error means for the
 *		payer and for the next try.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "funcapi.h"
#include "gateway/advice.h"
#include "utils/timestamp.h"

#define CODE_COLUMNS 8
#define EXPLAIN_COLUMNS 7

static Datum
seconds(int n)
{
	Interval   *span = palloc0(sizeof(Interval));

	span->time = n * USECS_PER_SEC;
	return IntervalPGetDatum(span);
}

/* gateway_error_codes(): the table, a row for each code */
PG_FUNCTION_INFO_V1(paycore_gateway_error_codes);
PGDLLEXPORT Datum
paycore_gateway_error_codes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < gw_advice_count; i++)
	{
		const GwAdvice *a = &gw_advice[i];
		bool		retries = a->class == GW_RETRY_LATER;
		Datum		values[CODE_COLUMNS];
		bool		nulls[CODE_COLUMNS] = {false};

		values[0] = CStringGetTextDatum(gw_code_kind_name(a->kind));
		values[1] = CStringGetTextDatum(a->code);
		values[2] = CStringGetTextDatum(gw_advice_class_name(a->class));
		values[3] = CStringGetTextDatum(gw_advice_party_name(a->party));
		values[4] = Int32GetDatum(a->max_retries);
		values[5] = seconds(a->retry_after);
		nulls[4] = nulls[5] = !retries;
		values[6] = BoolGetDatum(a->hidden);
		values[7] = CStringGetTextDatum(a->message);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

static Datum
explanation_row(const GwExplanation *e, TupleDesc desc)
{
	Datum		values[EXPLAIN_COLUMNS];
	bool		nulls[EXPLAIN_COLUMNS] = {false};

	values[0] = CStringGetTextDatum(gw_advice_class_name(e->class));
	values[1] = CStringGetTextDatum(e->message);
	values[2] = TimestampTzGetDatum(e->retry_at);
	nulls[2] = e->retry_at == 0;
	values[3] = Int32GetDatum(e->retries_left);
	values[4] = CStringGetTextDatum(gw_advice_party_name(e->party));
	values[5] = CStringGetTextDatum(gw_code_kind_name(e->decided_by));
	values[6] = BoolGetDatum(e->known);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* explain_error(code, decline_code, advice_code, network_advice_code, error_type, failures, failed_at) */
PG_FUNCTION_INFO_V1(paycore_explain_error);
PGDLLEXPORT Datum
paycore_explain_error(PG_FUNCTION_ARGS)
{
	const char *codes[GW_NCODE_KINDS] = {
		[GW_CODE_ERROR] = pc_getarg_text(fcinfo, 0),
		[GW_CODE_DECLINE] = pc_getarg_text(fcinfo, 1),
		[GW_CODE_ADVICE] = pc_getarg_text(fcinfo, 2),
		[GW_CODE_NETWORK_ADVICE] = pc_getarg_text(fcinfo, 3),
		[GW_CODE_TYPE] = pc_getarg_text(fcinfo, 4)
	};
	int			failures = PG_ARGISNULL(5) ? 1 : PG_GETARG_INT32(5);
	TimestampTz failed_at = PG_ARGISNULL(6) ? GetCurrentTransactionStartTimestamp() : PG_GETARG_TIMESTAMPTZ(6);
	GwExplanation e;
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "paycore: explain_error() must return a row");
	if (!gw_explain(codes, failures, failed_at, &e))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(explanation_row(&e, BlessTupleDesc(desc)));
}
