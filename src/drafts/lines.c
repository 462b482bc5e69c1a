/*
 * lines.c
 *		add_invoice_line(), update_invoice_line() and remove_invoice_line().
 */
#include "common/paycore.h"

#include "api/details.h"
#include "billing/zone.h"
#include "common/args.h"
#include "common/time_text.h"
#include "drafts/drafts.h"

static const char add_lines[] =
#include "drafts/line_values.inc"
#include "drafts/line_add.inc"
;
static const char change_line[] =
#include "drafts/line_values.inc"
#include "drafts/line_change.inc"
;
static const char present_line[] =
#include "drafts/line_present.inc"
;

static const PcDetail known[] = {
	{"price", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 100},
	{"product", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 100},
	{"tax_inclusive", PC_DETAIL_BOOL, PC_DETAIL_GIVEN, 0},
	{"amount", PC_DETAIL_SIGNED, PC_DETAIL_ALWAYS, 0},
	{"unit_price", PC_DETAIL_SIGNED, PC_DETAIL_ALWAYS, 0},
	{"quantity", PC_DETAIL_NUMBER, PC_DETAIL_ALWAYS, 0},
	{"description", PC_DETAIL_NAME, PC_DETAIL_ALWAYS, 500},
	{"period_start", PC_DETAIL_NAME, PC_DETAIL_ALWAYS, 0},
	{"period_end", PC_DETAIL_NAME, PC_DETAIL_ALWAYS, 0},
	{"tax_rates", PC_DETAIL_TEXTS, PC_DETAIL_ALWAYS, 0},
	{"metadata", PC_DETAIL_METADATA, PC_DETAIL_ALWAYS, 0},
};

static TimestampTz
given_time(const Jsonb *given, const char *key)
{
	TimestampTz at = pc_time_in(pc_json_string(given, key));

	pc_check_finite(at);
	return at;
}

void
draft_check_period(const Jsonb *given)
{
	bool		starts = pc_json_string(given, "period_start") != NULL;
	bool		ends = pc_json_string(given, "period_end") != NULL;

	if (starts != ends || (starts && given_time(given, "period_start") >= given_time(given, "period_end")))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a period begins before it ends"),
				 errhint("Give both period_start and period_end, or neither.")));
}

static int
given(const Jsonb *line, const char *key)
{
	return pc_json_text(line, key) != NULL ? 1 : 0;
}

static void
check_line(const Jsonb *line)
{
	if (given(line, "price") + given(line, "amount") + given(line, "unit_price") != 1)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a line of an invoice has a price, an amount or a unit_price"),
				 errhint("Give one of them, such as {\"price\": \"pro\", \"quantity\": 2} or {\"description\": \"Set-up\", \"amount\": \"100.00\"}.")));
	if (given(line, "price") && (given(line, "product") || given(line, "tax_inclusive")))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a line with a price has the product of its price, and includes tax as it does")));
	draft_check_period(line);
}

void
draft_check_lines(const Jsonb *lines)
{
	if (!JB_ROOT_IS_ARRAY(lines) || JB_ROOT_IS_SCALAR(lines) || JB_ROOT_COUNT(lines) > DRAFT_MAX_LINES)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("lines must be an array of up to %d objects", DRAFT_MAX_LINES)));
	for (int i = 0; i < JB_ROOT_COUNT(lines); i++)
	{
		const Jsonb *line = pc_json_element(lines, i);

		if (line == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("line %d is no object", i + 1)));
		pc_check_details(line, known, lengthof(known), "a line of an invoice", false);
		check_line(line);
	}
}

/* What line_values.sql says is wrong with a line. */
static const struct
{
	const char *what;
	int			sqlstate;
	const char *why;			/* of what it names, and the currency */
}			wrongs[] = {
	{"price", ERRCODE_PC_NOT_FOUND, "There is no price \"%s\"."},
	{"product", ERRCODE_PC_NOT_FOUND, "There is no product \"%s\"."},
	{"tax_rate", ERRCODE_PC_NOT_FOUND, "There is no tax rate \"%s\" that is active."},
	{"currency", ERRCODE_PC_CURRENCY_MISMATCH, "Price \"%s\" has no amount in %s."},
	{"sold", ERRCODE_PC_INVALID_ARGUMENT, "Price \"%s\", or its product, is not sold any more."},
	{"mixed", ERRCODE_PC_INVALID_ARGUMENT, "Some of its tax rates are inclusive and some are not."},
	{"description", ERRCODE_PC_INVALID_ARGUMENT, "It has no description."},
};

pc_noreturn static void
refuse(int64 nth, const char *what, const char *name, PcCurrency currency)
{
	int			i = 0;

	while (i < lengthof(wrongs) - 1 && strcmp(what, wrongs[i].what) != 0)
		i++;
	ereport(ERROR,
			(errcode(wrongs[i].sqlstate),
			 errmsg("line " INT64_FORMAT " cannot be on the invoice", nth),
			 errdetail(wrongs[i].why, name, pc_currency_by_number(currency)->code)));
}

/* Arguments of both plans; of one that is changed its id, of new ones whose they are and the id of the only one. */
static void
write_lines(const PcApiCall *call, const Draft *draft, const Jsonb *lines, const pg_uuid_t *changed, const pg_uuid_t *id)
{
	static PcPlan add = PC_PLAN("tucjuuu", add_lines);
	static PcPlan change = PC_PLAN("tucju", change_line);
	PcPlan	   *plan = changed != NULL ? &change : &add;
	PcArgs		a = {0};

	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, &draft->id);
	pc_arg(&a, PcCurrencyGetDatum(draft->currency), false);
	pc_arg_json(&a, lines);
	pc_arg_uuid(&a, changed);
	if (changed == NULL)
	{
		pc_arg_uuid(&a, &draft->account);
		pc_arg_uuid(&a, id);
	}
	if (pc_api_write_args(plan, &a, NULL) > 0)
		refuse(pc_get_int64(0, 1), pc_get_cstring(0, 2), pc_get_cstring(0, 3), draft->currency);
}

/* So many lines at most, however they came. */
static void
check_room(const PcApiCall *call, const Draft *draft, int more)
{
	static PcPlan plan = PC_PLAN("ut", "SELECT count(*) FROM paycore.extra_charges WHERE draft_id = $1 AND tenant_id = $2 AND removed_at IS NULL");
	Datum		values[2] = {UUIDPGetDatum(&draft->id), CStringGetTextDatum(call->tenant)};

	pc_execute(&plan, values, NULL, false, 1);
	if (pc_get_int64(0, 1) + more > DRAFT_MAX_LINES)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("an invoice has up to %d lines", DRAFT_MAX_LINES),
				 errdetail("It has " INT64_FORMAT ".", pc_get_int64(0, 1)),
				 errhint("Begin another invoice.")));
}

void
draft_add_lines(const PcApiCall *call, const Draft *draft, const Jsonb *lines, const pg_uuid_t *id)
{
	check_room(call, draft, JB_ROOT_COUNT(lines));
	write_lines(call, draft, lines, NULL, id);
}

static Jsonb *
array_of(const Jsonb *line)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(psprintf("[%s]",
		JsonbToCString(NULL, unconstify(JsonbContainer *, &line->root), VARSIZE(line))))));
}

static Datum
add(const PcApiCall *call, const pg_uuid_t *invoice, const Jsonb *lines, const pg_uuid_t *id)
{
	Draft		draft;

	draft_lock(call, invoice, "changed", &draft);
	draft_check_account(call, &draft);
	draft_add_lines(call, &draft, lines, id);
	draft_sum(call, &draft);
	return pc_api_read(PC_EXTRA_CHARGES, call, id);
}

/* add_invoice_line(invoice_id, line, idempotency_key) */
PG_FUNCTION_INFO_V1(paycore_add_invoice_line);
PGDLLEXPORT Datum
paycore_add_invoice_line(PG_FUNCTION_ARGS)
{
	pg_uuid_t	invoice = pc_getarg_uuid(fcinfo, 0, "invoice_id");
	Jsonb	   *lines;
	PcApiCall	call;
	PcOnce		once;
	Datum		row;

	pc_check_given(fcinfo, 1, "line");
	lines = array_of(PG_GETARG_JSONB_P(1));
	draft_check_lines(lines);
	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, 2, "add_invoice_line", "extra_charge");
	row = once.done ? pc_api_read(PC_EXTRA_CHARGES, &call, &once.id) : add(&call, &invoice, lines, &once.id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* Locks the draft that has the line; PY040 where there is no such line, PY030 where it is of no draft, or taken off. */
static void
lock_of_line(const PcApiCall *call, const pg_uuid_t *id, Draft *draft)
{
	static PcPlan plan = PC_PLAN("ut", "SELECT draft_id, removed_at IS NOT NULL FROM paycore.extra_charges WHERE id = $1 AND tenant_id = $2");
	pg_uuid_t	of;

	pc_api_find(call, &plan, "line", id);
	if (!pc_get_uuid(0, 1, &of))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("charge %s is no line of a draft", pc_uuid_text(id)),
				 errhint("Take it back with paycore.remove_charge().")));
	draft_lock(call, &of, "changed", draft);
	pc_api_find(call, &plan, "line", id);
	if (pc_get_bool(0, 2))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("line %s is not on its draft any more", pc_uuid_text(id)),
				 errhint("Add it again with paycore.add_invoice_line().")));
}

static Jsonb *
changed_line(const PcApiCall *call, const pg_uuid_t *id, const Jsonb *changes)
{
	static PcPlan plan = PC_PLAN("utj", present_line);
	Datum		values[3] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant), JsonbPGetDatum(changes)};

	pc_execute(&plan, values, NULL, false, 1);
	return array_of(pc_get_json(0, 1));
}

/* update_invoice_line(id, changes) */
PG_FUNCTION_INFO_V1(paycore_update_invoice_line);
PGDLLEXPORT Datum
paycore_update_invoice_line(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	Jsonb	   *changes;
	Jsonb	   *lines;
	Draft		draft;
	PcApiCall	call;
	Datum		row;

	pc_check_given(fcinfo, 1, "changes");
	changes = PG_GETARG_JSONB_P(1);
	pc_check_details(changes, known, lengthof(known), "a line of an invoice", true);
	pc_api_begin(&call);
	lock_of_line(&call, &id, &draft);
	draft_check_account(&call, &draft);
	lines = changed_line(&call, &id, changes);
	check_line(pc_json_element(lines, 0));
	write_lines(&call, &draft, lines, &id, NULL);
	draft_sum(&call, &draft);
	row = pc_api_read(PC_EXTRA_CHARGES, &call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* remove_invoice_line(id) */
PG_FUNCTION_INFO_V1(paycore_remove_invoice_line);
PGDLLEXPORT Datum
paycore_remove_invoice_line(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN("utz", "UPDATE paycore.extra_charges SET removed_at = $3 WHERE id = $1 AND tenant_id = $2");
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	Draft		draft;
	PcApiCall	call;
	Datum		values[3];
	Datum		row;

	pc_api_begin(&call);
	lock_of_line(&call, &id, &draft);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = TimestampTzGetDatum(pc_billing_now(&call));
	pc_api_write(&plan, values, NULL, NULL);
	draft_sum(&call, &draft);
	row = pc_api_read(PC_EXTRA_CHARGES, &call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
