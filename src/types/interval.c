/*
 * interval.c
 *		The SQL type paycore.billing_interval.
 */
#include "types/interval.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/sortsupport.h"
#include "utils/timestamp.h"

/* A month has 487 of what a day has 16 of: 365.25 days in 12 months. */
#define PARTS_OF_DAY	16
#define PARTS_OF_MONTH	487

/* Turns a failure of the parser into an error, soft where the caller can take one. */
static Datum
refuse_text(Node *escontext, PcIntervalParse failure, const char *text)
{
	if (failure == PC_INTERVAL_RANGE)
		pc_soft_error(escontext, (Datum) 0,
					  errcode(ERRCODE_PC_INTERVAL_RANGE),
					  errmsg("billing interval out of range: \"%s\"", text),
					  errdetail("A billing interval has 1 to %d days, or 1 to %d months.",
								PC_INTERVAL_MAX_DAYS, PC_INTERVAL_MAX_MONTHS));
	pc_soft_error(escontext, (Datum) 0,
				  errcode(ERRCODE_PC_INTERVAL_SYNTAX),
				  errmsg("invalid billing interval: \"%s\"", text),
				  errhint("Use day, week, month, quarter or year, with a count before it for several: 2 weeks."));
}

PG_FUNCTION_INFO_V1(paycore_interval_in);
PGDLLEXPORT Datum
paycore_interval_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	PcInterval	interval;
	PcIntervalParse outcome = pc_interval_parse(text, &interval);

	if (outcome != PC_INTERVAL_PARSED)
		return refuse_text(PC_ESCONTEXT(fcinfo), outcome, text);
	PG_RETURN_PC_INTERVAL(interval);
}

PG_FUNCTION_INFO_V1(paycore_interval_out);
PGDLLEXPORT Datum
paycore_interval_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(pc_interval_format(PG_GETARG_PC_INTERVAL(0), palloc(PC_INTERVAL_TEXT_LEN)));
}

PG_FUNCTION_INFO_V1(paycore_interval_recv);
PGDLLEXPORT Datum
paycore_interval_recv(PG_FUNCTION_ARGS)
{
	int32		number = (int32) pq_getmsgint((StringInfo) PG_GETARG_POINTER(0), 4);

	if (number == 0 || number > PC_INTERVAL_MAX_DAYS || number < -PC_INTERVAL_MAX_MONTHS)
		ereport(ERROR,
				errcode(ERRCODE_PC_INTERVAL_RANGE),
				errmsg("billing interval out of range in binary input: %d", number),
				errdetail("The number is 1 to %d for days, or -1 to -%d for months.",
						  PC_INTERVAL_MAX_DAYS, PC_INTERVAL_MAX_MONTHS));
	PG_RETURN_PC_INTERVAL(number);
}

PG_FUNCTION_INFO_V1(paycore_interval_send);
PGDLLEXPORT Datum
paycore_interval_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint32(&buf, PG_GETARG_PC_INTERVAL(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(paycore_every);
PGDLLEXPORT Datum
paycore_every(PG_FUNCTION_ARGS)
{
	text	   *unit = PG_GETARG_TEXT_PP(0);
	int32		count = PG_GETARG_INT32(1);
	PcInterval	interval;
	PcIntervalParse outcome = pc_interval_of(VARDATA_ANY(unit), VARSIZE_ANY_EXHDR(unit), count, &interval);

	if (outcome != PC_INTERVAL_PARSED)
		return refuse_text(NULL, outcome, psprintf("%d %s", count, text_to_cstring(unit)));
	PG_RETURN_PC_INTERVAL(interval);
}

PG_FUNCTION_INFO_V1(paycore_interval_unit);
PGDLLEXPORT Datum
paycore_interval_unit(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(pc_interval_is_months(PG_GETARG_PC_INTERVAL(0)) ? "month" : "day"));
}

PG_FUNCTION_INFO_V1(paycore_interval_count);
PGDLLEXPORT Datum
paycore_interval_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(pc_interval_count(PG_GETARG_PC_INTERVAL(0)));
}

PG_FUNCTION_INFO_V1(paycore_interval_months);
PGDLLEXPORT Datum
paycore_interval_months(PG_FUNCTION_ARGS)
{
	PcInterval	interval = PG_GETARG_PC_INTERVAL(0);
	int64		count = pc_interval_count(interval);

	if (pc_interval_is_months(interval))
		PG_RETURN_NUMERIC(int64_to_numeric(count));
	return DirectFunctionCall2(numeric_div,
							   NumericGetDatum(int64_to_numeric(count * PARTS_OF_DAY)),
							   NumericGetDatum(int64_to_numeric(PARTS_OF_MONTH)));
}

PG_FUNCTION_INFO_V1(paycore_interval_to_interval);
PGDLLEXPORT Datum
paycore_interval_to_interval(PG_FUNCTION_ARGS)
{
	PcInterval	interval = PG_GETARG_PC_INTERVAL(0);
	Interval   *result = palloc0(sizeof(Interval));

	if (pc_interval_is_months(interval))
		result->month = pc_interval_count(interval);
	else
		result->day = pc_interval_count(interval);
	PG_RETURN_INTERVAL_P(result);
}

static inline int32
nominal_length(PcInterval interval)
{
	return pc_interval_count(interval) * (pc_interval_is_months(interval) ? PARTS_OF_MONTH : PARTS_OF_DAY);
}

/* By nominal length; of equals (487 days, 16 months), the one in days first. */
static inline int
interval_order(PcInterval a, PcInterval b)
{
	int32		difference = nominal_length(a) - nominal_length(b);

	return difference != 0 ? difference : (a < b) - (a > b);
}

#define INTERVAL_COMPARISON(name, op) \
	PG_FUNCTION_INFO_V1(paycore_interval_##name); \
	PGDLLEXPORT Datum \
	paycore_interval_##name(PG_FUNCTION_ARGS) \
	{ \
		PG_RETURN_BOOL(interval_order(PG_GETARG_PC_INTERVAL(0), PG_GETARG_PC_INTERVAL(1)) op 0); \
	}

INTERVAL_COMPARISON(eq, ==)
INTERVAL_COMPARISON(ne, !=)
INTERVAL_COMPARISON(lt, <)
INTERVAL_COMPARISON(le, <=)
INTERVAL_COMPARISON(gt, >)
INTERVAL_COMPARISON(ge, >=)

PG_FUNCTION_INFO_V1(paycore_interval_cmp);
PGDLLEXPORT Datum
paycore_interval_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(interval_order(PG_GETARG_PC_INTERVAL(0), PG_GETARG_PC_INTERVAL(1)));
}

static int
interval_sort_order(Datum a, Datum b, SortSupport support)
{
	return interval_order(DatumGetPcInterval(a), DatumGetPcInterval(b));
}

PG_FUNCTION_INFO_V1(paycore_interval_sortsupport);
PGDLLEXPORT Datum
paycore_interval_sortsupport(PG_FUNCTION_ARGS)
{
	((SortSupport) PG_GETARG_POINTER(0))->comparator = interval_sort_order;
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(paycore_interval_hash);
PGDLLEXPORT Datum
paycore_interval_hash(PG_FUNCTION_ARGS)
{
	return hash_uint32(PG_GETARG_PC_INTERVAL(0));
}

PG_FUNCTION_INFO_V1(paycore_interval_hash_extended);
PGDLLEXPORT Datum
paycore_interval_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_uint32_extended(PG_GETARG_PC_INTERVAL(0), PG_GETARG_INT64(1));
}
