/*
 * verbs.c
 *		void_invoice(), write_off_invoice(), set_invoice_prefix(),
 *		document_number().
 */
#include "common/paycore.h"

#include "common/args.h"
#include "invoices/pay.h"

#define MAX_PREFIX 30
#define LEAST_DIGITS 6

/* What was to be given back of its lines, and is on no invoice yet, was never owed. */
static void
take_back_credits(const PcApiCall *call, const pg_uuid_t *id, TimestampTz now)
{
	static PcPlan plan = PC_PLAN("utz",
								 "UPDATE paycore.extra_charges e SET removed_at = $3 FROM paycore.invoice_lines l "
								 "WHERE l.invoice_id = $1 AND l.tenant_id = $2 AND e.credits_line_id = l.id AND e.tenant_id = $2 "
								 "AND e.invoice_id IS NULL AND e.removed_at IS NULL");
	Datum		values[3] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant), TimestampTzGetDatum(now)};

	pc_api_write(&plan, values, NULL, NULL);
}

/* Lest one is just put on an invoice; nobody makes one while the subscription is locked. */
static void
lock_credits(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT FROM paycore.extra_charges e WHERE e.tenant_id = $2 AND e.removed_at IS NULL AND e.credits_line_id = ANY (ARRAY("
								 "SELECT l.id FROM paycore.invoice_lines l WHERE l.invoice_id = $1 AND l.tenant_id = $2)) ORDER BY e.id FOR UPDATE");
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};

	pc_execute(&plan, values, NULL, false, 0);
}

/* What was credited of it came of owing it. */
static void
check_not_credited(const PcApiCall *call, const Payable *payable)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT number FROM paycore.credit_notes WHERE invoice_id = $1 AND tenant_id = $2 AND status = 'issued' LIMIT 1");
	Datum		values[2] = {UUIDPGetDatum(&payable->id), CStringGetTextDatum(call->tenant)};

	if (pc_execute(&plan, values, NULL, false, 1) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("invoice %s cannot be voided", payable->number),
				 errdetail("It has credit note %s.", pc_get_cstring(0, 1)),
				 errhint("Credit the rest of it, or void its credit notes first.")));
}

/* A change of the subscription has given something back of it, on an invoice that stands: without it, that was never owed. */
static void
check_not_given_back(const PcApiCall *call, const Payable *payable, const char *verb)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT i.number FROM paycore.invoice_lines l "
								 "JOIN paycore.extra_charges e ON e.credits_line_id = l.id AND e.tenant_id = l.tenant_id "
								 "JOIN paycore.invoices i ON i.id = e.invoice_id AND i.tenant_id = e.tenant_id AND i.status::text <> 'void' "
								 "WHERE l.invoice_id = $1 AND l.tenant_id = $2 AND i.id <> $1 LIMIT 1");
	Datum		values[2] = {UUIDPGetDatum(&payable->id), CStringGetTextDatum(call->tenant)};

	if (pc_execute(&plan, values, NULL, false, 1) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("invoice %s cannot be %s", payable->number, verb),
				 errdetail("Invoice %s gives back a part of it.", pc_get_cstring(0, 1)),
				 errhint("Credit what is left of it with paycore.create_credit_note(), or void that invoice first.")));
}

/* Takes the invoice to the status that plan writes. */
static Datum
close_invoice(FunctionCallInfo fcinfo, PcPlan *plan, const char *verb, bool is_void)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	char	   *reason = pc_getarg_text(fcinfo, 1);
	Payable		payable;
	PcApiCall	call;
	Datum		values[3];
	Datum		row;

	pc_check_length(reason, "reason", 500);
	pc_api_begin(&call);
	inv_lock_subscription_of(&call, &id);
	lock_credits(&call, &id);
	inv_lock_payable(&call, &id, &payable);
	if (payable.status != INVOICE_OPEN && !(is_void && payable.status == INVOICE_UNCOLLECTIBLE))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("invoice %s cannot be %s", pc_uuid_text(&id), verb),
				 errdetail("Its status is %s.", pc_state_name(&pc_invoice_lifecycle, payable.status)),
				 errhint("Read the row's status and act on that.")));
	check_not_given_back(&call, &payable, verb);
	if (is_void)
	{
		check_not_credited(&call, &payable);
		inv_take_off(&call, &payable);
	}
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = TimestampTzGetDatum(pc_billing_now(&call));
	pc_api_write(plan, values, NULL, reason);
	row = pc_api_row(PC_INVOICES, "invoice", &id);
	if (is_void)
		take_back_credits(&call, &id, DatumGetTimestampTz(values[2]));
	inv_align_intent(&call, &id);
	pc_api_end(&call);
	return row;
}

/* void_invoice(id, reason) */
PG_FUNCTION_INFO_V1(paycore_void_invoice);
PGDLLEXPORT Datum
paycore_void_invoice(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utz",
									 "UPDATE paycore.invoices SET status = 'void', voided_at = $3 "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_INVOICES);

	PG_RETURN_DATUM(close_invoice(fcinfo, &plan, "voided", true));
}

/* write_off_invoice(id, reason) */
PG_FUNCTION_INFO_V1(paycore_write_off_invoice);
PGDLLEXPORT Datum
paycore_write_off_invoice(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utz",
									 "UPDATE paycore.invoices SET status = 'uncollectible', uncollectible_at = $3 "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_INVOICES);

	PG_RETURN_DATUM(close_invoice(fcinfo, &plan, "written off", false));
}

/* set_invoice_prefix(prefix, series) */
PG_FUNCTION_INFO_V1(paycore_set_invoice_prefix);
PGDLLEXPORT Datum
paycore_set_invoice_prefix(PG_FUNCTION_ARGS)
{
	static const char *const known[] = {"invoice", "credit_note", NULL};
	static PcPlan plan = PC_PLAN_ROW("ttt",
									 "INSERT INTO paycore.invoice_series (tenant_id, series, prefix) VALUES ($1, $2, $3) "
									 "ON CONFLICT (tenant_id, series) DO UPDATE SET prefix = excluded.prefix RETURNING %s", PC_INVOICE_SERIES);
	char	   *prefix = pc_getarg_given_text(fcinfo, 0, "prefix");
	char	   *series = pc_getarg_given_text(fcinfo, 1, "series");
	PcApiCall	call;
	PcArgs		a = {0};
	Datum		row;

	if (*prefix != '\0')
		pc_check_length(prefix, "prefix", MAX_PREFIX);
	pc_check_one_of(series, "series", known);
	pc_api_begin(&call);
	pc_arg_text(&a, call.tenant);
	pc_arg_text(&a, series);
	pc_arg_text(&a, prefix);
	pc_api_write_args(&plan, &a, NULL);
	row = pc_row_datum(0, PC_INVOICE_SERIES);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* document_number(prefix, serial) */
PG_FUNCTION_INFO_V1(paycore_document_number);
PGDLLEXPORT Datum
paycore_document_number(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s%0*lld", text_to_cstring(PG_GETARG_TEXT_PP(0)), LEAST_DIGITS,
											  (long long) PG_GETARG_INT64(1))));
}
