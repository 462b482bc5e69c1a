/*
 * meters.c
 *		create_meter(), update_meter().
 */
#include "common/paycore.h"

#include "api/details.h"
#include "common/args.h"
#include "usage/usage.h"

static const PcDetail details_of_meter[] = {
	{"name", PC_DETAIL_NAME, PC_DETAIL_CHANGED, 256},
	{"value_key", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 40},
	{"unit", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 100},
	{"late_window", PC_DETAIL_NAME, PC_DETAIL_ALWAYS, 100},
	{"active", PC_DETAIL_BOOL, PC_DETAIL_CHANGED, 0},
	{"description", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 2000},
	{"metadata", PC_DETAIL_METADATA, PC_DETAIL_ALWAYS, 0},
};

const char *const usg_aggregations[] = {
	[USG_COUNT] = "count",
	[USG_SUM] = "sum",
	[USG_MAX] = "max",
	[USG_LAST] = "last",
	[USG_UNIQUE_COUNT] = "unique_count",
	[USG_WEIGHTED_SUM] = "weighted_sum",
	[USG_NAGGREGATIONS] = NULL
};

UsgAggregation
usg_aggregation_of(const char *name)
{
	UsgAggregation aggregation = USG_COUNT;

	while (aggregation < USG_NAGGREGATIONS && strcmp(name, usg_aggregations[aggregation]) != 0)
		aggregation++;
	if (aggregation == USG_NAGGREGATIONS)
		elog(ERROR, "paycore: a meter counts by \"%s\"", name);
	return aggregation;
}

static void
check_details(const Jsonb *details, bool change)
{
	const char *window;
	Interval   *interval;

	pc_check_details(details, details_of_meter, lengthof(details_of_meter), "a meter", change);
	window = pc_json_string(details, "late_window");
	if (window == NULL)
		return;
	interval = DatumGetIntervalP(DirectFunctionCall3(interval_in, CStringGetDatum(window), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	if (interval->month < 0 || interval->day < 0 || interval->time < 0 || interval->month > 120 || interval->day > 3660)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("late_window is not within 0 and 10 years"),
				 errdetail("It is %s.", window)));
}

/* From when on usage of the tenant is added up: from the first event that there will be. */
static void
open_horizon(const PcApiCall *call)
{
	static PcPlan plan = PC_PLAN("t",
								 "INSERT INTO paycore.usage_horizons (tenant_id, horizon, rolled_at) VALUES ($1, 0, now()) "
								 "ON CONFLICT (tenant_id) DO NOTHING");
	Datum		tenant = CStringGetTextDatum(call->tenant);
	PcIdentity	saved;

	pc_identity_assume(&saved, pc_owner(false));
	PC_WRITE_AS(.source = PC_SOURCE_API, .through_api = true, .counters = true)
	{
		pc_execute(&plan, &tenant, NULL, false, 0);
	}
	PC_WRITE_END;
	pc_identity_drop(&saved);
}

/* create_meter(code, name, aggregation, details) */
PG_FUNCTION_INFO_V1(paycore_create_meter);
PGDLLEXPORT Datum
paycore_create_meter(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ttttj",
									 "INSERT INTO paycore.meters (tenant_id, code, name, aggregation, value_key, unit, late_window, description, metadata) "
									 "VALUES ($1, $2, $3, $4, $5->>'value_key', $5->>'unit', coalesce(($5->>'late_window')::interval, '35 days'), "
									 "$5->>'description', coalesce($5->'metadata', '{}')) "
									 "ON CONFLICT (code, tenant_id) DO NOTHING RETURNING %s", PC_METERS);
	char	   *code = pc_getarg_given_text(fcinfo, 0, "code");
	char	   *name = pc_getarg_given_text(fcinfo, 1, "name");
	char	   *aggregation = PG_ARGISNULL(2) ? "sum" : pc_getarg_text(fcinfo, 2);
	Jsonb	   *details = pc_getarg_json(fcinfo, 3);
	PcApiCall	call;
	PcArgs		a = {0};
	Datum		row;

	pc_check_code(code);
	pc_check_length(name, "name", 256);
	pc_check_one_of(aggregation, "aggregation", usg_aggregations);
	check_details(details, false);
	if (strcmp(aggregation, usg_aggregations[USG_UNIQUE_COUNT]) == 0 && pc_json_string(details, "value_key") == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a meter of unique_count needs a value_key"),
				 errhint("Name the property whose different values are counted: details => '{\"value_key\": \"user\"}'.")));
	pc_api_begin(&call);
	pc_arg_text(&a, call.tenant);
	pc_arg_text(&a, code);
	pc_arg_text(&a, name);
	pc_arg_text(&a, aggregation);
	pc_arg_json(&a, details != NULL ? details : pc_json_empty());
	if (pc_api_write_args(&plan, &a, NULL) == 0)
		pc_api_not_written(PC_METERS, "meter", "code", code);
	row = pc_row_datum(0, PC_METERS);
	open_horizon(&call);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* update_meter(id, changes) */
PG_FUNCTION_INFO_V1(paycore_update_meter);
PGDLLEXPORT Datum
paycore_update_meter(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utj",
									 "UPDATE paycore.meters r SET " PC_CHANGED_TEXT(name) ", " PC_CHANGED_TEXT(unit) ", " PC_CHANGED_TEXT(description) ", "
									 PC_CHANGED_GIVEN(late_window, "interval") ", " PC_CHANGED_BOOL(active) ", " PC_CHANGED_METADATA
									 " WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_METERS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	Jsonb	   *changes = pc_getarg_json(fcinfo, 1);
	PcApiCall	call;
	Datum		row;

	check_details(changes, true);
	pc_api_begin(&call);
	row = pc_api_change(&call, &plan, "meter", &id, changes);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
