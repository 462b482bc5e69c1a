/*
 * create.c
 *		create_invoice(), update_invoice() and apply_invoice_coupon().
 */
#include "common/paycore.h"

#include "api/details.h"
#include "common/args.h"
#include "drafts/drafts.h"
#include "subscriptions/subscriptions.h"

enum
{
	ARG_ACCOUNT, ARG_LINES, ARG_DETAILS, ARG_KEY
};

static const PcDetail known[] = {
	{"collection", PC_DETAIL_NAME, PC_DETAIL_ALWAYS, 0},
	{"days_until_due", PC_DETAIL_COUNT, PC_DETAIL_ALWAYS, 3650},
	{"description", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 1000},
	{"period_start", PC_DETAIL_NAME, PC_DETAIL_ALWAYS, 0},
	{"period_end", PC_DETAIL_NAME, PC_DETAIL_ALWAYS, 0},
	{"coupons", PC_DETAIL_TEXTS, PC_DETAIL_GIVEN, 0},
	{"metadata", PC_DETAIL_METADATA, PC_DETAIL_ALWAYS, 0},
};

static void
check_details(const Jsonb *details, bool change)
{
	static const char *const collections[] = {"charge_automatically", "send_invoice", NULL};

	pc_check_details(details, known, lengthof(known), "an invoice", change);
	pc_check_one_of(pc_json_string(details, "collection"), "collection", collections);
	draft_check_period(details);
}

static void
insert_row(const PcApiCall *call, const Draft *draft, const Jsonb *details)
{
	static PcPlan plan = PC_PLAN("utucj",
								 "INSERT INTO paycore.invoices (id, tenant_id, billing_account_id, status, series, reason, currency, period_start, period_end, subtotal, "
								 "discount, tax, tax_included, total, balance_applied, amount_paid, amount_credited, amount_due, total_credited, collection, "
								 "days_until_due, description, metadata) "
								 "SELECT $1, $2, $3, 'draft', 'invoice', 'manual', $4, ($5->>'period_start')::timestamptz, ($5->>'period_end')::timestamptz, z.zero, "
								 "z.zero, z.zero, z.zero, z.zero, z.zero, z.zero, z.zero, z.zero, z.zero, coalesce($5->>'collection', 'charge_automatically'), "
								 "($5->>'days_until_due')::integer, $5->>'description', coalesce($5->'metadata', '{}') "
								 "FROM (SELECT paycore.money_cents(0, $4) AS zero) z");
	PcArgs		a = {0};

	pc_arg_uuid(&a, &draft->id);
	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, &draft->account);
	pc_arg(&a, PcCurrencyGetDatum(draft->currency), false);
	pc_arg_json(&a, details);
	if (pc_api_write_args(&plan, &a, NULL) == 0)
		pc_row_vetoed(PC_INVOICES);
}

static void
apply_coupons(const PcApiCall *call, const Draft *draft, const Jsonb *details)
{
	static PcPlan plan = PC_PLAN("j", "SELECT c.code FROM jsonb_array_elements_text($1->'coupons') WITH ORDINALITY c(code, nth) ORDER BY c.nth");
	Datum		value = JsonbPGetDatum(details);
	List	   *codes = NIL;
	ListCell   *lc;
	uint64		n;

	if (pc_json_object(details, "coupons") == NULL)
		return;
	n = pc_execute(&plan, &value, NULL, false, 0);
	for (uint64 i = 0; i < n; i++)
		codes = lappend(codes, pc_get_cstring(i, 1));
	foreach(lc, codes)
		(void) sub_apply_draft_coupon(call, &draft->account, &draft->id, lfirst(lc), false);
}

static Datum
create(const PcApiCall *call, Draft *draft, const Jsonb *lines, const Jsonb *details)
{
	PcAccount	account;

	pc_account_get(call, &draft->account, &account);
	pc_account_check_active(&account);
	draft->currency = account.currency;
	insert_row(call, draft, details);
	if (JB_ROOT_COUNT(lines) > 0)
		draft_add_lines(call, draft, lines, NULL);
	apply_coupons(call, draft, details);
	draft_sum(call, draft);
	return pc_api_read(PC_INVOICES, call, &draft->id);
}

static const Jsonb *
no_lines(void)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("[]")));
}

/* create_invoice(billing_account_id, lines, details, idempotency_key) */
PG_FUNCTION_INFO_V1(paycore_create_invoice);
PGDLLEXPORT Datum
paycore_create_invoice(PG_FUNCTION_ARGS)
{
	Draft		draft = {.account = pc_getarg_uuid(fcinfo, ARG_ACCOUNT, "billing_account_id")};
	const Jsonb *lines = PG_ARGISNULL(ARG_LINES) ? no_lines() : PG_GETARG_JSONB_P(ARG_LINES);
	const Jsonb *details = PG_ARGISNULL(ARG_DETAILS) ? pc_json_empty() : PG_GETARG_JSONB_P(ARG_DETAILS);
	PcApiCall	call;
	PcOnce		once;
	Datum		row;

	draft_check_lines(lines);
	check_details(details, false);
	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, ARG_KEY, "create_invoice", "invoice");
	draft.id = once.id;
	row = once.done ? pc_api_read(PC_INVOICES, &call, &once.id) : create(&call, &draft, lines, details);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* Whether changes name anything but metadata. */
static bool
changes_more(const Jsonb *changes)
{
	for (int i = 0; i < lengthof(known); i++)
	{
		if (known[i].kind != PC_DETAIL_METADATA && findJsonbValueFromContainer(unconstify(JsonbContainer *, &changes->root), JB_FOBJECT,
			&(JsonbValue) {.type = jbvString, .val.string = {(int) strlen(known[i].key), unconstify(char *, known[i].key)}}) != NULL)
			return true;
	}
	return false;
}

/* update_invoice(id, changes) */
PG_FUNCTION_INFO_V1(paycore_update_invoice);
PGDLLEXPORT Datum
paycore_update_invoice(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utj",
									 "UPDATE paycore.invoices r SET " PC_CHANGED_TEXT(collection) ", " PC_CHANGED_AS(days_until_due, "::integer") ", "
									 PC_CHANGED_TEXT(description) ", " PC_CHANGED_AS(period_start, "::timestamptz") ", "
									 PC_CHANGED_AS(period_end, "::timestamptz") ", " PC_CHANGED_METADATA
									 " WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_INVOICES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	Jsonb	   *changes;
	Draft		draft;
	PcApiCall	call;
	Datum		row;

	pc_check_given(fcinfo, 1, "changes");
	changes = PG_GETARG_JSONB_P(1);
	check_details(changes, true);
	pc_api_begin(&call);
	if (changes_more(changes))
		draft_lock(&call, &id, "changed", &draft);
	row = pc_api_change(&call, &plan, "invoice", &id, changes);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* apply_invoice_coupon(invoice_id, code, promotion_only) */
PG_FUNCTION_INFO_V1(paycore_apply_invoice_coupon);
PGDLLEXPORT Datum
paycore_apply_invoice_coupon(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "invoice_id");
	char	   *code = pc_getarg_given_text(fcinfo, 1, "code");
	Draft		draft;
	PcApiCall	call;
	Datum		row;

	pc_api_begin(&call);
	draft_lock(&call, &id, "discounted", &draft);
	row = sub_apply_draft_coupon(&call, &draft.account, &draft.id, code, pc_getarg_bool(fcinfo, 2, false));
	draft_sum(&call, &draft);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
