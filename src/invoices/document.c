/*
 * document.c
 *		invoice_data(), invoice_html(), credit_note_data(), credit_note_html().
 */
#include "common/paycore.h"

#include "documents/invoice.h"
#include "invoices/invoices.h"
#include "utils/datum.h"

/* Whether the words of line "l" of an invoice, of charge "e", are those of items/prorate.sql; else NULL, which data leave out. */
#define PRORATION "CASE WHEN e.kind = 'proration' OR (e.kind = 'rebilled' AND l.price_id IS NOT NULL) THEN true END"

static const char invoice_data[] =
#include "invoices/invoice_data.inc"
;

static const char credit_note_data[] =
#include "invoices/credit_note_data.inc"
;

typedef struct Document
{
	const char *what;
	PcPlan		plan;			/* what it says, and the seller's logo */
} Document;

static Document of_invoice = {.what = "invoice", .plan = PC_PLAN("ut", invoice_data)};
static Document of_credit_note = {.what = "credit note", .plan = PC_PLAN("ut", credit_note_data)};

/* Its data, read; PY040 where there is none. */
static Jsonb *
read_data(const PcApiCall *call, Document *document, const pg_uuid_t *id)
{
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};

	if (pc_execute(&document->plan, values, NULL, true, 1) == 0)
		pc_not_found(document->what, id);
	return pc_get_json(0, 1);
}

/* Ends the call with a value that outlives it. */
static Datum
give(PcApiCall *call, MemoryContext caller, Datum value)
{
	caller = MemoryContextSwitchTo(caller);
	value = PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
	MemoryContextSwitchTo(caller);
	pc_api_end(call);
	return value;
}

static Datum
give_data(FunctionCallInfo fcinfo, Document *document)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	MemoryContext caller = CurrentMemoryContext;
	PcApiCall	call;

	pc_api_begin(&call);
	return give(&call, caller, JsonbPGetDatum(read_data(&call, document, &id)));
}

/* invoice_data(id) */
PG_FUNCTION_INFO_V1(paycore_invoice_data);
PGDLLEXPORT Datum
paycore_invoice_data(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(give_data(fcinfo, &of_invoice));
}

/* credit_note_data(id) */
PG_FUNCTION_INFO_V1(paycore_credit_note_data);
PGDLLEXPORT Datum
paycore_credit_note_data(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(give_data(fcinfo, &of_credit_note));
}

static void
check_pay_url(const char *url)
{
	if (url != NULL && !pc_is_pay_url(url))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("pay_url is no address that a document may link to"),
				 errhint("Give one that begins with https://, in ASCII.")));
}

/* invoice_html(id, locale, pay_url) */
PG_FUNCTION_INFO_V1(paycore_invoice_html);
PGDLLEXPORT Datum
paycore_invoice_html(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	char	   *locale = pc_getarg_text(fcinfo, 1);
	char	   *pay_url = pc_getarg_text(fcinfo, 2);
	MemoryContext caller = CurrentMemoryContext;
	PcApiCall	call;
	Jsonb	   *data;

	pc_check_locale(locale);
	check_pay_url(pay_url);
	pc_api_begin(&call);
	data = read_data(&call, &of_invoice, &id);
	PG_RETURN_DATUM(give(&call, caller, PointerGetDatum(pc_invoice_html(data, locale, pc_get_cstring(0, 2), pay_url))));
}

/* credit_note_html(id, locale) */
PG_FUNCTION_INFO_V1(paycore_credit_note_html);
PGDLLEXPORT Datum
paycore_credit_note_html(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	char	   *locale = pc_getarg_text(fcinfo, 1);
	MemoryContext caller = CurrentMemoryContext;
	PcApiCall	call;
	Jsonb	   *data;

	pc_check_locale(locale);
	pc_api_begin(&call);
	data = read_data(&call, &of_credit_note, &id);
	PG_RETURN_DATUM(give(&call, caller, PointerGetDatum(pc_credit_note_html(data, locale, pc_get_cstring(0, 2)))));
}
