/*
 * lists.c
 *		Pages of a tenant's rows, or of one account's or payment's, newest first.
 *
 * A page goes on after the last id of the one before: ids are ordered by time,
 * and an index (tenant, account or payment; id) leads to the place at once, however
 * far back it is.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"

#define MAX_PAGE 1000

#define PAGE(table, filter) \
	"SELECT %s FROM paycore." table " WHERE tenant_id = $1 AND id < $2" filter " ORDER BY id DESC LIMIT $3"

#define OF_TENANT(tab, table)	.of_tenant = PC_PLAN_ROW("tu8", PAGE(table, ""), tab)
#define OF(tab, table, column)	PC_PLAN_ROW("tu8u", PAGE(table, " AND " column " = $4"), tab)

#define TENANTS(tab, table)		[tab] = {OF_TENANT(tab, table)}
#define ACCOUNTS(tab, table)	[tab] = {OF_TENANT(tab, table), .of = {OF(tab, table, "billing_account_id")}}
#define PAYMENTS(tab, table) \
	[tab] = {OF_TENANT(tab, table), .of = {OF(tab, table, "billing_account_id"), OF(tab, table, "payment_id")}}

/* Two indexes lead to a ledger account's entries, each by transaction. */
#define ENTRIES_OF(side) \
	"(SELECT e.id, e.txn FROM paycore.ledger_entries e WHERE e." side " = $4 AND e.tenant_id = $1" \
	" AND (e.txn, e.id) < (coalesce((SELECT c.txn FROM paycore.ledger_entries c WHERE c.id = $2 AND c.tenant_id = $1)," \
	" 9223372036854775807), $2) ORDER BY e.txn DESC, e.id DESC LIMIT $3)"
#define ENTRIES \
	"SELECT %s FROM paycore.ledger_entries WHERE tenant_id = $1 AND id IN (" \
	"SELECT u.id FROM (" ENTRIES_OF("debit_account_id") " UNION ALL " ENTRIES_OF("credit_account_id") ") u" \
	" ORDER BY u.txn DESC, u.id DESC LIMIT $3) ORDER BY txn DESC, id DESC"

/* The whole tenant's, and those of what the leading arguments say. */
typedef struct PcList
{
	PcPlan		of_tenant;
	PcPlan		of[2];
} PcList;

static PcList lists[PC_NTABLES] = {
	TENANTS(PC_BILLING_ACCOUNTS, "billing_accounts"),
	TENANTS(PC_LEDGER_ACCOUNTS, "ledger_accounts"),
	TENANTS(PC_PAYOUTS, "payouts"),
	TENANTS(PC_PRODUCTS, "products"),
	TENANTS(PC_TAX_RATES, "tax_rates"),
	TENANTS(PC_COUPONS, "coupons"),
	TENANTS(PC_METERS, "meters"),
	[PC_PROMOTION_CODES] = {OF_TENANT(PC_PROMOTION_CODES, "promotion_codes"), .of = {OF(PC_PROMOTION_CODES, "promotion_codes", "coupon_id")}},
	[PC_PRICES] = {OF_TENANT(PC_PRICES, "prices"), .of = {OF(PC_PRICES, "prices", "product_id")}},
	ACCOUNTS(PC_PAYMENT_METHODS, "payment_methods"),
	ACCOUNTS(PC_PAYMENT_INTENTS, "payment_intents"),
	ACCOUNTS(PC_PAYMENTS, "payments"),
	[PC_REFUNDS] = {
		OF_TENANT(PC_REFUNDS, "refunds"),
		.of = {OF(PC_REFUNDS, "refunds", "billing_account_id"), OF(PC_REFUNDS, "refunds", "credit_note_id")},
	},
	ACCOUNTS(PC_ACCOUNT_TRANSACTIONS, "account_transactions"),
	ACCOUNTS(PC_SETUP_INTENTS, "setup_intents"),
	ACCOUNTS(PC_SUBSCRIPTIONS, "subscriptions"),
	ACCOUNTS(PC_DISCOUNTS, "discounts"),
	ACCOUNTS(PC_INVOICES, "invoices"),
	[PC_USAGE_THRESHOLDS] = {
		OF_TENANT(PC_USAGE_THRESHOLDS, "usage_thresholds"),
		.of = {OF(PC_USAGE_THRESHOLDS, "usage_thresholds", "billing_account_id"), OF(PC_USAGE_THRESHOLDS, "usage_thresholds", "subscription_id")},
	},
	[PC_USAGE_ALERTS] = {
		OF_TENANT(PC_USAGE_ALERTS, "usage_alerts"),
		.of = {OF(PC_USAGE_ALERTS, "usage_alerts", "billing_account_id"), OF(PC_USAGE_ALERTS, "usage_alerts", "subscription_id")},
	},
	[PC_INVOICE_LINES] = {.of = {OF(PC_INVOICE_LINES, "invoice_lines", "invoice_id")}},
	[PC_INVOICE_LINE_DISCOUNTS] = {.of = {OF(PC_INVOICE_LINE_DISCOUNTS, "invoice_line_discounts", "invoice_id")}},
	ACCOUNTS(PC_EXTRA_CHARGES, "extra_charges"),
	ACCOUNTS(PC_MRR_MOVEMENTS, "mrr_movements"),
	[PC_SUBSCRIPTION_CHANGES] = {.of = {OF(PC_SUBSCRIPTION_CHANGES, "subscription_changes", "subscription_id")}},
	ACCOUNTS(PC_COLLECTIONS, "collections"),
	[PC_INVOICE_PAYMENTS] = {.of = {OF(PC_INVOICE_PAYMENTS, "invoice_payments", "invoice_id")}},
	[PC_CREDIT_NOTES] = {
		OF_TENANT(PC_CREDIT_NOTES, "credit_notes"),
		.of = {OF(PC_CREDIT_NOTES, "credit_notes", "billing_account_id"), OF(PC_CREDIT_NOTES, "credit_notes", "invoice_id")},
	},
	[PC_CREDIT_NOTE_LINES] = {.of = {OF(PC_CREDIT_NOTE_LINES, "credit_note_lines", "credit_note_id")}},
	ACCOUNTS(PC_MANDATES, "mandates"),
	PAYMENTS(PC_DISPUTES, "disputes"),
	PAYMENTS(PC_EARLY_FRAUD_WARNINGS, "early_fraud_warnings"),
	PAYMENTS(PC_REVIEWS, "reviews"),
	PAYMENTS(PC_RECEIPTS, "receipts"),
	[PC_BALANCE_TRANSACTIONS] = {
		OF_TENANT(PC_BALANCE_TRANSACTIONS, "balance_transactions"),
		.of = {OF(PC_BALANCE_TRANSACTIONS, "balance_transactions", "payout_id")},
	},
	[PC_LEDGER_ENTRIES] = {.of = {PC_PLAN_ROW("tu8u", ENTRIES, PC_LEDGER_ENTRIES)}},
};

/* An earlier page's last id, or an id after all. */
static pg_uuid_t
start_of(FunctionCallInfo fcinfo, int arg)
{
	pg_uuid_t	id;

	memset(&id, 0xff, sizeof(id));
	return PG_ARGISNULL(arg) ? id : *PG_GETARG_UUID_P(arg);
}

static int64
page_size(FunctionCallInfo fcinfo, int arg)
{
	int			size = PG_ARGISNULL(arg) ? 50 : PG_GETARG_INT32(arg);

	if (size < 1)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("page_size must be above zero")));
	return Min(size, MAX_PAGE);
}

/* Readers may not see what is for the payer's browser: such columns come as null. */
static bool
may_read_all(PcTable table)
{
	Oid			relation = pc_table_oid(table, false);

	return pg_class_aclcheck(relation, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

static char *
readable_columns(PcTable table)
{
	Oid			relation = pc_table_oid(table, false);
	TupleDesc	desc = pc_row_desc(table);
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		AttrNumber	attnum = get_attnum(relation, NameStr(att->attname));

		if (att->attisdropped)
			continue;
		if (list.len > 0)
			appendStringInfoString(&list, ", ");
		if (pg_attribute_aclcheck(relation, attnum, GetUserId(), ACL_SELECT) == ACLCHECK_OK)
			appendStringInfoString(&list, quote_identifier(NameStr(att->attname)));
		else
			appendStringInfo(&list, "NULL::%s", format_type_be_qualified(att->atttypid));
	}
	return list.data;
}

static uint64
run_readable(const PcPlan *plan, Datum *values)
{
	static Oid	types[] = {TEXTOID, UUIDOID, INT8OID, UUIDOID};
	const char *mark = strstr(plan->sql, "%s");
	char	   *sql = psprintf("%.*s%s%s", (int) (mark - plan->sql), plan->sql, readable_columns((PcTable) plan->row_of), mark + 2);

	pc_table_check((PcTable) plan->row_of);
	if (SPI_execute_with_args(sql, (int) strlen(plan->args), types, values, NULL, true, 0) < 0)
		elog(ERROR, "paycore: SPI_execute_with_args failed: %s", SPI_result_code_string(SPI_result));
	pc_table_check((PcTable) plan->row_of);
	return SPI_processed;
}

void
pc_api_give(FunctionCallInfo fcinfo, uint64 found)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	for (uint64 i = 0; i < found; i++)
		tuplestore_puttuple(result->setResult, SPI_tuptable->vals[i]);
}

/* Which of the leading arguments, billing_account_id and payment_id, invoice_id or credit_note_id, says whose rows; -1 = the tenant's. */
static int
whose(FunctionCallInfo fcinfo, int nfilters)
{
	int			found = -1;

	for (int n = 0; n < nfilters; n++)
	{
		if (PG_ARGISNULL(n))
			continue;
		if (found >= 0)
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("give one of the ids that say whose rows, not both")));
		found = n;
	}
	return found;
}

/* A list is known by the type of its rows. */
static PcTable
table_of(FunctionCallInfo fcinfo)
{
	char	   *row_type = get_rel_name(get_typ_typrelid(get_func_rettype(fcinfo->flinfo->fn_oid)));
	PcTable		table = row_type != NULL ? pc_table_of_row_type(row_type) : PC_NTABLES;

	if (table == PC_NTABLES)
		elog(ERROR, "paycore: function %u does not return rows of a table", fcinfo->flinfo->fn_oid);
	return table;
}

/* list_*([billing_account_id, [payment_id,]] after, page_size) */
PG_FUNCTION_INFO_V1(paycore_list);
PGDLLEXPORT Datum
paycore_list(PG_FUNCTION_ARGS)
{
	PcTable		table = table_of(fcinfo);
	int			nfilters = PG_NARGS() - 2;
	int			filter = whose(fcinfo, nfilters);
	PcPlan	   *plan = filter < 0 ? &lists[table].of_tenant : &lists[table].of[filter];
	pg_uuid_t	start = start_of(fcinfo, nfilters);
	PcApiCall	call;
	Datum		values[4];

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	values[1] = UUIDPGetDatum(&start);
	values[2] = Int64GetDatum(page_size(fcinfo, nfilters + 1));
	values[3] = filter >= 0 ? PG_GETARG_DATUM(filter) : (Datum) 0;
	pc_api_begin(&call);
	values[0] = CStringGetTextDatum(call.tenant);
	pc_api_give(fcinfo, may_read_all(table) ? pc_execute(plan, values, NULL, true, 0) : run_readable(plan, values));
	pc_api_end(&call);
	return (Datum) 0;
}

/* payment_history(billing_account_id, after, page_size): of an account, never of the whole tenant by mistake */
PG_FUNCTION_INFO_V1(paycore_payment_history);
PGDLLEXPORT Datum
paycore_payment_history(PG_FUNCTION_ARGS)
{
	(void) pc_getarg_uuid(fcinfo, 0, "billing_account_id");
	return paycore_list(fcinfo);
}

/* list_ledger_entries(account_id, after, page_size) */
PG_FUNCTION_INFO_V1(paycore_list_ledger_entries);
PGDLLEXPORT Datum
paycore_list_ledger_entries(PG_FUNCTION_ARGS)
{
	(void) pc_getarg_uuid(fcinfo, 0, "account_id");
	return paycore_list(fcinfo);
}

/* list_credit_note_lines(credit_note_id, after, page_size) */
PG_FUNCTION_INFO_V1(paycore_list_credit_note_lines);
PGDLLEXPORT Datum
paycore_list_credit_note_lines(PG_FUNCTION_ARGS)
{
	(void) pc_getarg_uuid(fcinfo, 0, "credit_note_id");
	return paycore_list(fcinfo);
}

/* list_invoice_lines(), list_invoice_line_discounts() and list_invoice_payments(invoice_id, after, page_size) */
PG_FUNCTION_INFO_V1(paycore_list_invoice_lines);
PGDLLEXPORT Datum
paycore_list_invoice_lines(PG_FUNCTION_ARGS)
{
	(void) pc_getarg_uuid(fcinfo, 0, "invoice_id");
	return paycore_list(fcinfo);
}

/* list_subscription_changes(subscription_id, after, page_size) */
PG_FUNCTION_INFO_V1(paycore_list_subscription_changes);
PGDLLEXPORT Datum
paycore_list_subscription_changes(PG_FUNCTION_ARGS)
{
	(void) pc_getarg_uuid(fcinfo, 0, "subscription_id");
	return paycore_list(fcinfo);
}

/* status_history(object_id): oldest first */
PG_FUNCTION_INFO_V1(paycore_status_history);
PGDLLEXPORT Datum
paycore_status_history(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("tt",
									 "SELECT %s FROM paycore.status_changes WHERE tenant_id = $1 AND object_id = $2 "
									 "ORDER BY seq", PC_STATUS_CHANGES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "object_id");
	PcApiCall	call;
	Datum		values[2];

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	pc_api_begin(&call);
	values[0] = CStringGetTextDatum(call.tenant);
	values[1] = CStringGetTextDatum(pc_uuid_text(&id));
	pc_api_give(fcinfo, pc_execute(&plan, values, NULL, true, 0));
	pc_api_end(&call);
	return (Datum) 0;
}
