/*
 * dunning.c
 *		create_dunning_policy(), set_default_dunning_policy(), retry_collection().
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/json.h"
#include "common/key_lock.h"
#include "invoices/invoices.h"
#include "utils/fmgrprotos.h"

enum
{
	ARG_NAME, ARG_STEPS, ARG_MAX_ATTEMPTS, ARG_GRACE, ARG_FINAL_ACTION, ARG_IS_DEFAULT
};

#define MOST_STEPS 30

/* Raises PY042 where steps does not say, for known classes, how long to wait for each. */
static void
check_steps(const Jsonb *steps)
{
	static PcPlan plan = PC_PLAN("j4",
								 "SELECT e.key FROM jsonb_each($1) e WHERE e.key NOT IN ('retry_later', 'new_method', 'authenticate', 'never', 'invoice') "
								 "OR CASE WHEN jsonb_typeof(e.value) = 'array' THEN jsonb_array_length(e.value) > $2 OR EXISTS (SELECT FROM jsonb_array_elements(e.value) d "
								 "WHERE CASE WHEN jsonb_typeof(d) = 'string' THEN (d #>> '{}')::interval <= '0' ELSE true END) ELSE true END LIMIT 1");
	Datum		values[2] = {JsonbPGetDatum(steps), Int32GetDatum(MOST_STEPS)};

	if (pc_execute(&plan, values, NULL, true, 1) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("the steps of \"%s\" cannot be followed", pc_get_cstring(0, 1)),
				 errdetail("Classes are retry_later, new_method, authenticate, never and invoice; each has an array of at most %d delays above zero.", MOST_STEPS),
				 errhint("Write {\"retry_later\": [\"1 day\", \"3 days\"]}.")));
}

/* Of two that make one the default, the second finds the first's. */
static void
clear_default(const PcApiCall *call)
{
	static PcPlan plan = PC_PLAN("t", "UPDATE paycore.dunning_policies SET is_default = false WHERE tenant_id = $1 AND is_default");
	Datum		tenant = CStringGetTextDatum(call->tenant);

	(void) pc_lock_key(PC_DUNNING_POLICIES, call->tenant, strlen(call->tenant), true);
	pc_api_write(&plan, &tenant, NULL, NULL);
}

static void
check_arguments(FunctionCallInfo fcinfo)
{
	static const char *const actions[] = {"pause", "cancel", "write_off", "nothing", NULL};

	pc_check_length(pc_getarg_given_text(fcinfo, ARG_NAME, "name"), "name", 255);
	pc_check_given(fcinfo, ARG_GRACE, "grace");
	pc_check_one_of(pc_getarg_given_text(fcinfo, ARG_FINAL_ACTION, "final_action"), "final_action", actions);
	pc_check_object(pc_getarg_json(fcinfo, ARG_STEPS), "steps");
	if (PG_ARGISNULL(ARG_MAX_ATTEMPTS) || PG_GETARG_INT32(ARG_MAX_ATTEMPTS) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("max_attempts must be above zero")));
}

/* create_dunning_policy(name, steps, max_attempts, grace, final_action, is_default) */
PG_FUNCTION_INFO_V1(paycore_create_dunning_policy);
PGDLLEXPORT Datum
paycore_create_dunning_policy(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ttj4ttb",
									 "INSERT INTO paycore.dunning_policies (tenant_id, name, steps, max_attempts, grace, final_action, is_default) "
									 "VALUES ($1, $2, $3, $4, $5::interval, $6, $7) "
									 "ON CONFLICT (tenant_id, name) DO NOTHING RETURNING %s", PC_DUNNING_POLICIES);
	const Jsonb *steps = pc_getarg_json(fcinfo, ARG_STEPS);
	bool		is_default = pc_getarg_bool(fcinfo, ARG_IS_DEFAULT, true);
	PcApiCall	call;
	PcArgs		a = {0};
	Datum		row;

	check_arguments(fcinfo);
	if (steps == NULL)
		steps = pc_json_empty();
	pc_api_begin(&call);
	check_steps(steps);
	if (is_default)
		clear_default(&call);
	pc_arg_text(&a, call.tenant);
	pc_arg_text(&a, pc_getarg_text(fcinfo, ARG_NAME));
	pc_arg_json(&a, steps);
	pc_arg(&a, Int32GetDatum(PG_GETARG_INT32(ARG_MAX_ATTEMPTS)), false);
	pc_arg_text(&a, DatumGetCString(DirectFunctionCall1(interval_out, PG_GETARG_DATUM(ARG_GRACE))));
	pc_arg_text(&a, pc_getarg_text(fcinfo, ARG_FINAL_ACTION));
	pc_arg_bool(&a, is_default);
	if (pc_api_write_args(&plan, &a, NULL) == 0)
		pc_api_not_written(PC_DUNNING_POLICIES, "dunning policy", "name", pc_getarg_text(fcinfo, ARG_NAME));
	row = pc_row_datum(0, PC_DUNNING_POLICIES);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* set_default_dunning_policy(id) */
PG_FUNCTION_INFO_V1(paycore_set_default_dunning_policy);
PGDLLEXPORT Datum
paycore_set_default_dunning_policy(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ut",
									 "UPDATE paycore.dunning_policies SET is_default = true WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_DUNNING_POLICIES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	Datum		row;

	pc_api_begin(&call);
	clear_default(&call);
	row = pc_api_change(&call, &plan, "dunning policy", &id, NULL);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* retry_collection(invoice_id) */
PG_FUNCTION_INFO_V1(paycore_retry_collection);
PGDLLEXPORT Datum
paycore_retry_collection(PG_FUNCTION_ARGS)
{
	/* One that nobody has tried yet stays so; a sent invoice is not charged. */
	static PcPlan plan = PC_PLAN_ROW("utz",
									 "UPDATE paycore.collections SET status = CASE WHEN status = 'collecting' THEN status ELSE 'retrying' END, "
									 "next_action_at = $3, note = 'asked for' "
									 "WHERE invoice_id = $1 AND tenant_id = $2 AND ended_at IS NULL AND class IS DISTINCT FROM 'invoice' RETURNING %s", PC_COLLECTIONS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "invoice_id");
	PcApiCall	call;
	Datum		values[3];
	Datum		row;

	pc_api_begin(&call);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = TimestampTzGetDatum(pc_billing_now(&call));
	pc_api_write(&plan, values, NULL, NULL);
	row = pc_api_row(PC_COLLECTIONS, "collection of invoice", &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
