/*
 * credit_notes.c
 *		create_credit_note() and void_credit_note().
 */
#include "common/paycore.h"

#include "api/balance.h"
#include "api/details.h"
#include "common/args.h"
#include "common/settings.h"
#include "invoices/pay.h"
#include "types/money_args.h"

static const char make_credit_note[] =
#include "invoices/credit_note.inc"
;

enum
{
	ARG_INVOICE, ARG_LINES, ARG_AMOUNT, ARG_REASON, ARG_CREDIT_TO, ARG_MEMO, ARG_METADATA, ARG_KEY
};

static const PcDetail line_details[] = {
	{"line", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 36},
	{"place", PC_DETAIL_COUNT, PC_DETAIL_GIVEN, 0},
	{"amount", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"quantity", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
};

typedef struct CreditNote
{
	pg_uuid_t	id;
	pg_uuid_t	invoice;
	Jsonb	   *lines;			/* or NULL */
	PcMoney		amount;			/* or 0 */
	char	   *reason;
	char	   *credit_to;
	char	   *memo;
	Jsonb	   *metadata;
} CreditNote;

static void
check_line(const Jsonb *line)
{
	pc_check_details(line, line_details, lengthof(line_details), "a line of a credit note", false);
	if ((pc_json_text(line, "line") == NULL) == (pc_json_text(line, "place") == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a line of a credit note names a line of the invoice"),
				 errhint("Give its id as line, or its place.")));
	if (pc_json_text(line, "amount") != NULL && pc_json_text(line, "quantity") != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a line of a credit note has an amount or a quantity"),
				 errhint("Give one of them, or neither for all that is left of the line.")));
}

static void
check_lines(const Jsonb *lines)
{
	if (!JB_ROOT_IS_ARRAY(lines) || JB_ROOT_IS_SCALAR(lines) || JB_ROOT_COUNT(lines) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("lines must be an array of objects"),
				 errhint("Leave lines out to credit all that is left.")));
	for (int i = 0; i < JB_ROOT_COUNT(lines); i++)
	{
		const Jsonb *line = pc_json_element(lines, i);

		if (line == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("line %d is no object", i + 1)));
		check_line(line);
	}
}

static void
read_arguments(FunctionCallInfo fcinfo, CreditNote *note)
{
	static const char *const ways[] = {"due", "balance", NULL};

	note->invoice = pc_getarg_uuid(fcinfo, ARG_INVOICE, "invoice_id");
	note->lines = pc_getarg_json(fcinfo, ARG_LINES);
	note->amount = PG_ARGISNULL(ARG_AMOUNT) ? 0 : PG_GETARG_PC_MONEY(ARG_AMOUNT);
	note->reason = pc_getarg_text(fcinfo, ARG_REASON);
	note->credit_to = pc_getarg_text(fcinfo, ARG_CREDIT_TO);
	note->memo = pc_getarg_text(fcinfo, ARG_MEMO);
	note->metadata = pc_getarg_json(fcinfo, ARG_METADATA);
	pc_check_length(note->reason, "reason", 500);
	pc_check_length(note->memo, "memo", 1000);
	pc_check_one_of(note->credit_to, "credit_to", ways);
	pc_check_metadata(note->metadata, false);
	if (note->amount != 0)
		pc_check_positive(note->amount, "the amount of a credit note");
	if (note->lines != NULL && note->amount != 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a credit note is of lines or of an amount, not both")));
	if (note->lines != NULL)
		check_lines(note->lines);
}

/* Locked, so that what is left of it stays so. */
static void
lock_invoice(const PcApiCall *call, const CreditNote *note)
{
	Payable		payable;

	inv_lock_payable(call, &note->invoice, &payable);
	if (payable.status != INVOICE_OPEN && payable.status != INVOICE_PAID)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("invoice %s cannot be credited", payable.number),
				 errdetail("Its status is %s.", pc_state_name(&pc_invoice_lifecycle, payable.status)),
				 errhint("Only what is open or paid can.")));
	if (note->amount != 0)
		pc_check_same_currency(note->amount, pc_money_currency(payable.due), "invoice");
}

/* The last statement made no credit note: says why. */
pc_noreturn static void
refuse(void)
{
	char	   *unknown = pc_get_cstring(0, 6);
	char	   *too_many = pc_get_cstring(0, 7);
	char	   *twice = pc_get_cstring(0, 8);

	if (unknown != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("the invoice has no such line"),
				 errdetail("It is asked for by %s.", unknown),
				 errhint("See paycore.list_invoice_lines().")));
	if (twice != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a line of the invoice is named twice"),
				 errdetail("One is %s.", twice)));
	if (too_many != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_OVER_CREDIT),
				 errmsg("more is asked for than what is left of a line, or nothing"),
				 errdetail("It is asked for by %s.", too_many),
				 errhint("Give neither amount nor quantity for all that is left.")));
	if (pc_get_bool(0, 5))
		ereport(ERROR,
				(errcode(ERRCODE_PC_OVER_CREDIT),
				 errmsg("the credit note is more than what is due"),
				 errdetail("It comes to %s, and %s is due.", pc_get_cstring(0, 2), pc_get_cstring(0, 4)),
				 errhint("Leave credit_to out: the rest goes to the account's balance.")));
	ereport(ERROR,
			(errcode(ERRCODE_PC_OVER_CREDIT),
			 errmsg("there is not that much to credit"),
			 errdetail("The credit note would come to %s; %s is left of the invoice.", pc_get_cstring(0, 2), pc_get_cstring(0, 3)),
			 errhint("Credit something, and at most what is left.")));
}

static Datum
create(const PcApiCall *call, const CreditNote *note)
{
	static PcPlan plan = PC_PLAN("utujmtzttjt", make_credit_note);
	PcArgs		a = {0};

	lock_invoice(call, note);
	inv_open_series(call, "credit_note", "CN-");
	pc_arg_uuid(&a, &note->id);
	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, &note->invoice);
	pc_arg_json(&a, note->lines);
	pc_arg_money(&a, note->amount);
	pc_arg_text(&a, note->credit_to);
	pc_arg(&a, TimestampTzGetDatum(inv_now(call)), false);
	pc_arg_text(&a, note->reason);
	pc_arg_text(&a, note->memo);
	pc_arg_json(&a, note->metadata);
	pc_arg_text(&a, pc_current_actor());
	a.nulls[a.n] = '\0';
	pc_api_write(&plan, a.values, a.nulls, note->reason);
	if (!pc_get_bool(0, 1))
		refuse();
	inv_align_intent(call, &note->invoice);
	return pc_api_read(PC_CREDIT_NOTES, call, &note->id);
}

/* create_credit_note(invoice_id, lines, amount, reason, credit_to, memo, metadata, idempotency_key) */
PG_FUNCTION_INFO_V1(paycore_create_credit_note);
PGDLLEXPORT Datum
paycore_create_credit_note(PG_FUNCTION_ARGS)
{
	CreditNote	note = {0};
	PcApiCall	call;
	PcOnce		once;
	Datum		row;

	read_arguments(fcinfo, &note);
	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, ARG_KEY, "create_credit_note", "credit_note");
	note.id = once.id;
	row = once.done ? pc_api_read(PC_CREDIT_NOTES, &call, &once.id) : create(&call, &note);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* The invoice before the credit note, as where one is made. */
static void
lock_note(const PcApiCall *call, const pg_uuid_t *id, pg_uuid_t *invoice)
{
	static PcPlan find = PC_PLAN("ut", "SELECT invoice_id FROM paycore.credit_notes WHERE id = $1 AND tenant_id = $2");
	static PcPlan lock = PC_PLAN("ut",
								 "SELECT status, number, to_balance, billing_account_id "
								 "FROM paycore.credit_notes WHERE id = $1 AND tenant_id = $2 FOR NO KEY UPDATE");
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};
	Payable		payable;

	if (pc_execute(&find, values, NULL, false, 1) == 0)
		pc_not_found("credit note", id);
	*invoice = pc_get_id(0, 1);
	inv_lock_payable(call, invoice, &payable);
	pc_execute(&lock, values, NULL, false, 1);
}

static void
check_voidable(const PcApiCall *call, const pg_uuid_t *id, pg_uuid_t *invoice)
{
	char	   *number;
	PcMoney		to_balance,
				balance;
	pg_uuid_t	account;
	char		text[2][PC_MONEY_TEXT_LEN];

	lock_note(call, id, invoice);
	number = pc_get_cstring(0, 2);
	to_balance = pc_get_money(0, 3);
	account = pc_get_id(0, 4);
	if (strcmp(pc_get_cstring(0, 1), "void") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("credit note %s cannot be voided", number),
				 errdetail("It is void already.")));
	if (pc_money_amount(to_balance) == 0)
		return;
	balance = pc_balance_lock(call, &account, pc_money_currency(to_balance));
	if (pc_money_amount(balance) < pc_money_amount(to_balance))
		ereport(ERROR,
				(errcode(ERRCODE_PC_BALANCE_EXCEEDED),
				 errmsg("what credit note %s put onto the account's balance is not there any more", number),
				 errdetail("It was %s; the balance is %s.", pc_money_to_text(to_balance, text[0]), pc_money_to_text(balance, text[1])),
				 errhint("Bill what is owed after all, with paycore.add_charge().")));
}

/* void_credit_note(id, reason) */
PG_FUNCTION_INFO_V1(paycore_void_credit_note);
PGDLLEXPORT Datum
paycore_void_credit_note(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utzt",
									 "UPDATE paycore.credit_notes SET status = 'void', voided_at = $3, void_reason = $4 "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_CREDIT_NOTES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	char	   *reason = pc_getarg_text(fcinfo, 1);
	pg_uuid_t	invoice;
	PcApiCall	call;
	PcArgs		a = {0};
	Datum		row;

	pc_check_length(reason, "reason", 500);
	pc_api_begin(&call);
	check_voidable(&call, &id, &invoice);
	pc_arg_uuid(&a, &id);
	pc_arg_text(&a, call.tenant);
	pc_arg(&a, TimestampTzGetDatum(inv_now(&call)), false);
	pc_arg_text(&a, reason);
	a.nulls[a.n] = '\0';
	pc_api_write(&plan, a.values, a.nulls, reason);
	row = pc_api_row(PC_CREDIT_NOTES, "credit note", &id);
	inv_align_intent(&call, &invoice);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
