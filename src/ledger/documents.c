/*
 * documents.c
 *		Invoices, what is applied to them, and credit notes: what they say is owed
 *		is posted to the ledger.
 *
 * A billing run writes thousands in a statement, so what is new is read and
 * posted by the statement, not row by row.  What has changed is posted as the
 * difference to what stands in the ledger.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "guards/owner.h"
#include "ledger/internal.h"
#include "types/money_args.h"

/* Entries that are written together. */
#define ROOM 500

#define MAX_FACTS 5

/*
 * Columns of the statements: object, tenant and billing account, then for each
 * fact the amount that is to stand and since when.
 */
#define WHOSE "added"
static const char new_invoices[] =
#include "ledger/invoice_facts.inc"
;
static const char new_applied[] =
#include "ledger/applied_facts.inc"
;
#undef WHOSE

#define WHOSE "paycore.invoices"
static const char one_invoice[] =
#include "ledger/invoice_facts.inc"
" AND i.id = $1 AND i.tenant_id = $2";
#undef WHOSE

#define WHOSE "paycore.credit_notes"
static const char one_credit_note[] =
#include "ledger/credit_note_facts.inc"
" AND n.id = $1 AND n.tenant_id = $2";
#undef WHOSE

typedef struct DocumentKind
{
	const char *name;
	int			nfacts;
	PcFact		facts[MAX_FACTS];
	PcPlan		added;			/* all rows of the statement; without one, each row is read by itself */
	PcPlan		one;			/* as the row is now */
} DocumentKind;

static DocumentKind kinds[] = {
	{"=invoice", 3, {PC_FACT_INVOICE, PC_FACT_INVOICE_TAX, PC_FACT_WRITE_OFF},
	PC_PLAN("", new_invoices), PC_PLAN("ut", one_invoice)},
	{"=invoice_payment", 3, {PC_FACT_INVOICE_PAYMENT, PC_FACT_OVERPAYMENT, PC_FACT_BALANCE_APPLIED},
	PC_PLAN("", new_applied), PC_PLAN("", NULL)},
	{"=credit_note", 5, {PC_FACT_CREDIT_NOTE, PC_FACT_CREDIT_NOTE_TAX, PC_FACT_CREDIT_TO_BALANCE, PC_FACT_CREDIT_TO_REFUND, PC_FACT_CREDIT_OUT_OF_BAND},
	PC_PLAN("", NULL), PC_PLAN("ut", one_credit_note)},
};

static uint64
read_rows(TriggerData *trigger, DocumentKind *kind)
{
	HeapTuple	row;
	Datum		values[2];

	if (!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		return pc_execute(&kind->added, NULL, NULL, false, 0);
	row = pc_guard_new_row(trigger);
	values[0] = pc_guard_value(trigger, row, "id", UUIDOID);
	values[1] = pc_guard_value(trigger, row, "tenant_id", TEXTOID);
	return pc_execute(&kind->one, values, NULL, false, 0);
}

static void
add_row(PcLedgerBatch *batch, const DocumentKind *kind, uint64 r, bool is_new)
{
	PcFactOf	of = {.object_id = pc_get_id(r, 1), .tenant = pc_get_cstring(r, 2)};
	PcPosting	postings[MAX_FACTS];

	of.has_account = pc_get_uuid(r, 3, &of.billing_account_id);
	for (int i = 0; i < kind->nfacts; i++)
		postings[i] = (PcPosting) {
			.fact = kind->facts[i], .amount = pc_get_money(r, 4 + 2 * i), .occurred_at = pc_get_time(r, 5 + 2 * i), .nth = 1, .stands = !is_new
		};
	pc_ledger_add(batch, &of, kind->nfacts, postings);
}

static DocumentKind *
kind_of(TriggerData *trigger)
{
	bool		row = TRIGGER_FIRED_FOR_ROW(trigger->tg_event);

	for (int i = 0; i < (int) lengthof(kinds); i++)
	{
		if (strcmp(trigger->tg_trigger->tgargs[0], kinds[i].name) == 0 && (row ? kinds[i].one.sql : kinds[i].added.sql) != NULL)
			return &kinds[i];
	}
	return NULL;
}

bool
pc_ledger_post_documents(TriggerData *trigger)
{
	DocumentKind *kind = kind_of(trigger);
	bool		is_new = !TRIGGER_FIRED_FOR_ROW(trigger->tg_event);
	PcLedgerBatch *batch;
	PcIdentity	caller;
	uint64		n;

	if (kind == NULL)
		return false;
	pc_guard_enter(trigger, &caller);
	n = read_rows(trigger, kind);
	batch = pc_ledger_begin((int) Min(ROOM, n * kind->nfacts));
	for (uint64 r = 0; r < n; r++)
		add_row(batch, kind, r, is_new);
	pc_ledger_end(batch);
	pc_guard_leave(&caller);
	return true;
}
