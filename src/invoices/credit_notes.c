/*
 * credit_notes.c
 *		create_credit_note(), preview_credit_note() and preview_credit_note_lines().
 */
#include "common/paycore.h"

#include "api/details.h"
#include "common/args.h"
#include "common/guarded.h"
#include "common/settings.h"
#include "funcapi.h"
#include "invoices/credit_notes.h"
#include "types/money_args.h"

static const char make_credit_note[] =
#include "invoices/credit_note.inc"
;

enum
{
	ARG_INVOICE, ARG_LINES, ARG_AMOUNT, ARG_REASON, ARG_CREDIT_TO, ARG_MEMO, ARG_METADATA, ARG_DETAILS, ARG_KEY
};

/* The columns that credit_note.sql gives back. */
enum
{
	MADE = 1, ASKED, LEFT, DUE, MORE_THAN_DUE, UNKNOWN_LINE, TOO_MUCH_OF_LINE, LINE_TWICE, TO_REFUND, WRONG_SPLIT, OVER_DUE
};

static const PcDetail line_details[] = {
	{"line", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 36},
	{"place", PC_DETAIL_COUNT, PC_DETAIL_GIVEN, 0},
	{"amount", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"quantity", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
};

static const PcDetail known[] = {
	{"refund_amount", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"credit_amount", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"out_of_band_amount", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"requested_by", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 255},
	{"requires_approval", PC_DETAIL_BOOL, PC_DETAIL_GIVEN, 0},
};

#define N_AMOUNTS 3				/* of those: how much goes where */

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

static bool
is_split(const Jsonb *details)
{
	for (int i = 0; i < N_AMOUNTS; i++)
	{
		if (pc_json_text(details, known[i].key) != NULL)
			return true;
	}
	return false;
}

static void
check_arguments(const CreditNote *note)
{
	static const char *const ways[] = {"due", "balance", "refund", "out_of_band", NULL};

	pc_check_length(note->reason, "reason", 500);
	pc_check_length(note->memo, "memo", 1000);
	pc_check_one_of(note->credit_to, "credit_to", ways);
	pc_check_metadata(note->metadata, false);
	pc_check_details(note->details, known, lengthof(known), "a credit note", false);
	if (note->amount != 0)
		pc_check_positive(note->amount, "the amount of a credit note");
	if (note->lines != NULL && note->amount != 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a credit note is of lines or of an amount, not both")));
	if (note->lines != NULL)
		check_lines(note->lines);
	if (note->credit_to != NULL && is_split(note->details))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("credit_to says where all of it goes that is not due, and details how much of it where"),
				 errhint("Give credit_to, or refund_amount, credit_amount and out_of_band_amount.")));
}

static void
read_arguments(FunctionCallInfo fcinfo, CreditNote *note)
{
	Jsonb	   *details = pc_getarg_json(fcinfo, ARG_DETAILS);

	note->invoice = pc_getarg_uuid(fcinfo, ARG_INVOICE, "invoice_id");
	note->lines = pc_getarg_json(fcinfo, ARG_LINES);
	note->amount = PG_ARGISNULL(ARG_AMOUNT) ? 0 : PG_GETARG_PC_MONEY(ARG_AMOUNT);
	note->reason = pc_getarg_text(fcinfo, ARG_REASON);
	note->credit_to = pc_getarg_text(fcinfo, ARG_CREDIT_TO);
	note->memo = pc_getarg_text(fcinfo, ARG_MEMO);
	note->metadata = pc_getarg_json(fcinfo, ARG_METADATA);
	note->details = details != NULL ? details : pc_json_empty();
	check_arguments(note);
	note->refunds = (note->credit_to != NULL && strcmp(note->credit_to, "refund") == 0) || pc_json_text(note->details, "refund_amount") != NULL;
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
	char	   *unknown = pc_get_cstring(0, UNKNOWN_LINE);
	char	   *too_many = pc_get_cstring(0, TOO_MUCH_OF_LINE);
	char	   *twice = pc_get_cstring(0, LINE_TWICE);
	char	   *split = pc_get_cstring(0, WRONG_SPLIT);

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
	if (pc_get_bool(0, MORE_THAN_DUE))
		ereport(ERROR,
				(errcode(ERRCODE_PC_OVER_CREDIT),
				 errmsg("the credit note is more than what is due"),
				 errdetail("It comes to %s, and %s is due.", pc_get_cstring(0, ASKED), pc_get_cstring(0, DUE)),
				 errhint("Leave credit_to out: the rest goes to the account's balance.")));
	if (split != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("refund_amount, credit_amount and out_of_band_amount must come to what is more than is due"),
				 errdetail("They come to %s; the credit note is %s more than what is due.", split, pc_get_cstring(0, OVER_DUE)),
				 errhint("See what it comes to with paycore.preview_credit_note().")));
	ereport(ERROR,
			(errcode(ERRCODE_PC_OVER_CREDIT),
			 errmsg("there is not that much to credit"),
			 errdetail("The credit note would come to %s; %s is left of the invoice.", pc_get_cstring(0, ASKED), pc_get_cstring(0, LEFT)),
			 errhint("Credit something, and at most what is left.")));
}

static Datum
create(const PcApiCall *call, const CreditNote *note)
{
	static PcPlan plan = PC_PLAN("utujmtzttjtj", make_credit_note);
	PcArgs		a = {0};
	PcMoney		to_refund;

	if (note->refunds)
		inv_lock_payments(call, &note->invoice);
	lock_invoice(call, note);
	inv_open_series(call, "credit_note", "CN-");
	pc_arg_uuid(&a, &note->id);
	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, &note->invoice);
	pc_arg_json(&a, note->lines);
	pc_arg_money(&a, note->amount);
	pc_arg_text(&a, note->credit_to);
	pc_arg(&a, TimestampTzGetDatum(pc_billing_now(call)), false);
	pc_arg_text(&a, note->reason);
	pc_arg_text(&a, note->memo);
	pc_arg_json(&a, note->metadata);
	pc_arg_text(&a, pc_current_actor());
	pc_arg_json(&a, note->details);
	pc_api_write_args(&plan, &a, note->reason);
	if (!pc_get_bool(0, MADE))
		refuse();
	to_refund = pc_get_money(0, TO_REFUND);
	if (pc_money_amount(to_refund) > 0)
		inv_refund_credit_note(call, note, to_refund);
	inv_align_intent(call, &note->invoice);
	return pc_api_read(PC_CREDIT_NOTES, call, &note->id);
}

/* create_credit_note(invoice_id, lines, amount, reason, credit_to, memo, metadata, details, idempotency_key) */
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

typedef struct Preview
{
	const PcApiCall *call;
	CreditNote	note;
	FunctionCallInfo lines;		/* who wants them, or NULL for the credit note */
	Datum		row;
} Preview;

static void
try(void *arg)
{
	static PcPlan plan = PC_PLAN_ROW("ut",
									 "SELECT %s FROM paycore.credit_note_lines WHERE credit_note_id = $1 AND tenant_id = $2 ORDER BY place",
									 PC_CREDIT_NOTE_LINES);
	Preview    *preview = (Preview *) arg;
	Datum		values[2] = {UUIDPGetDatum(&preview->note.id), CStringGetTextDatum(preview->call->tenant)};

	preview->row = create(preview->call, &preview->note);
	if (preview->lines != NULL)
		pc_api_give(preview->lines, pc_execute(&plan, values, NULL, false, 0));
}

static Datum
preview_of(FunctionCallInfo fcinfo, FunctionCallInfo lines)
{
	PcApiCall	call;
	Preview		preview = {.call = &call,.lines = lines};

	read_arguments(fcinfo, &preview.note);
	pc_uuid_v7(&preview.note.id);
	pc_api_begin(&call);
	pc_run_undone(try, &preview);
	pc_api_end(&call);
	return preview.row;
}

/* preview_credit_note(invoice_id, lines, amount, reason, credit_to, memo, metadata, details) */
PG_FUNCTION_INFO_V1(paycore_preview_credit_note);
PGDLLEXPORT Datum
paycore_preview_credit_note(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(preview_of(fcinfo, NULL));
}

/* preview_credit_note_lines(invoice_id, lines, amount, reason, credit_to, memo, metadata, details) */
PG_FUNCTION_INFO_V1(paycore_preview_credit_note_lines);
PGDLLEXPORT Datum
paycore_preview_credit_note_lines(PG_FUNCTION_ARGS)
{
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	(void) preview_of(fcinfo, fcinfo);
	return (Datum) 0;
}
