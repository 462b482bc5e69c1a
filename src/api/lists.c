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

#define TENANT_PAGE(table) \
	"SELECT %s FROM paycore." table " WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
#define ACCOUNT_PAGE(table) \
	"SELECT %s FROM paycore." table " WHERE tenant_id = $1 AND id < $2 AND billing_account_id = $4 ORDER BY id DESC LIMIT $3"

#define PAYMENT_PAGE(table) \
	"SELECT %s FROM paycore." table " WHERE tenant_id = $1 AND id < $2 AND payment_id = $4 ORDER BY id DESC LIMIT $3"

typedef struct PcList
{
	PcTable		table;
	PcPlan		of_tenant;
	PcPlan		of_account;
	PcPlan		of_payment;
} PcList;

#define PAYMENTS_LIST(tab, name) { \
	.table = (tab), \
	.of_tenant = PC_PLAN_ROW("tu8", TENANT_PAGE(name), (tab)), \
	.of_account = PC_PLAN_ROW("tu8u", ACCOUNT_PAGE(name), (tab)), \
	.of_payment = PC_PLAN_ROW("tu8u", PAYMENT_PAGE(name), (tab)), \
}

static PcList accounts = {
	.table = PC_BILLING_ACCOUNTS,
	.of_tenant = PC_PLAN_ROW("tu8", TENANT_PAGE("billing_accounts"), PC_BILLING_ACCOUNTS),
};
static PcList methods = {
	.table = PC_PAYMENT_METHODS,
	.of_tenant = PC_PLAN_ROW("tu8", TENANT_PAGE("payment_methods"), PC_PAYMENT_METHODS),
	.of_account = PC_PLAN_ROW("tu8u", ACCOUNT_PAGE("payment_methods"), PC_PAYMENT_METHODS),
};
static PcList intents = {
	.table = PC_PAYMENT_INTENTS,
	.of_tenant = PC_PLAN_ROW("tu8", TENANT_PAGE("payment_intents"), PC_PAYMENT_INTENTS),
	.of_account = PC_PLAN_ROW("tu8u", ACCOUNT_PAGE("payment_intents"), PC_PAYMENT_INTENTS),
};
static PcList payments = {
	.table = PC_PAYMENTS,
	.of_tenant = PC_PLAN_ROW("tu8", TENANT_PAGE("payments"), PC_PAYMENTS),
	.of_account = PC_PLAN_ROW("tu8u", ACCOUNT_PAGE("payments"), PC_PAYMENTS),
};
static PcList transactions = {
	.table = PC_ACCOUNT_TRANSACTIONS,
	.of_tenant = PC_PLAN_ROW("tu8", TENANT_PAGE("account_transactions"), PC_ACCOUNT_TRANSACTIONS),
	.of_account = PC_PLAN_ROW("tu8u", ACCOUNT_PAGE("account_transactions"), PC_ACCOUNT_TRANSACTIONS),
};
static PcList ledger_accounts = {
	.table = PC_LEDGER_ACCOUNTS,
	.of_tenant = PC_PLAN_ROW("tu8", TENANT_PAGE("ledger_accounts"), PC_LEDGER_ACCOUNTS),
};

/* Two indexes lead to an account's entries, each by transaction. */
#define ENTRIES_OF(side) 	"(SELECT e.id, e.txn FROM paycore.ledger_entries e WHERE e." side " = $4 AND e.tenant_id = $1" 	" AND (e.txn, e.id) < (coalesce((SELECT c.txn FROM paycore.ledger_entries c WHERE c.id = $2 AND c.tenant_id = $1)," 	" 9223372036854775807), $2) ORDER BY e.txn DESC, e.id DESC LIMIT $3)"
static PcList entries = {
	.table = PC_LEDGER_ENTRIES,
	.of_account = PC_PLAN_ROW("tu8u", "SELECT %s FROM paycore.ledger_entries WHERE tenant_id = $1 AND id IN ("
							  "SELECT u.id FROM (" ENTRIES_OF("debit_account_id") " UNION ALL " ENTRIES_OF("credit_account_id")
							  ") u ORDER BY u.txn DESC, u.id DESC LIMIT $3) ORDER BY txn DESC, id DESC", PC_LEDGER_ENTRIES),
};
static PcList refunds = {
	.table = PC_REFUNDS,
	.of_tenant = PC_PLAN_ROW("tu8", TENANT_PAGE("refunds"), PC_REFUNDS),
	.of_account = PC_PLAN_ROW("tu8u", ACCOUNT_PAGE("refunds"), PC_REFUNDS),
};

static PcList payouts = {
	.table = PC_PAYOUTS,
	.of_tenant = PC_PLAN_ROW("tu8", TENANT_PAGE("payouts"), PC_PAYOUTS),
};
static PcList balance_transactions = {
	.table = PC_BALANCE_TRANSACTIONS,
	.of_tenant = PC_PLAN_ROW("tu8", TENANT_PAGE("balance_transactions"), PC_BALANCE_TRANSACTIONS),
	.of_account = PC_PLAN_ROW("tu8u", "SELECT %s FROM paycore.balance_transactions WHERE tenant_id = $1 AND id < $2"
							  " AND payout_id = $4 ORDER BY id DESC LIMIT $3", PC_BALANCE_TRANSACTIONS),
};
static PcList setups = {
	.table = PC_SETUP_INTENTS,
	.of_tenant = PC_PLAN_ROW("tu8", TENANT_PAGE("setup_intents"), PC_SETUP_INTENTS),
	.of_account = PC_PLAN_ROW("tu8u", ACCOUNT_PAGE("setup_intents"), PC_SETUP_INTENTS),
};
static PcList mandates = {
	.table = PC_MANDATES,
	.of_tenant = PC_PLAN_ROW("tu8", TENANT_PAGE("mandates"), PC_MANDATES),
	.of_account = PC_PLAN_ROW("tu8u", ACCOUNT_PAGE("mandates"), PC_MANDATES),
};

static PcList disputes = PAYMENTS_LIST(PC_DISPUTES, "disputes");
static PcList warnings = PAYMENTS_LIST(PC_EARLY_FRAUD_WARNINGS, "early_fraud_warnings");
static PcList reviews = PAYMENTS_LIST(PC_REVIEWS, "reviews");

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
run_readable(const PcList *list, const PcPlan *plan, Datum *values)
{
	static Oid	types[] = {TEXTOID, UUIDOID, INT8OID, UUIDOID};
	const char *mark = strstr(plan->sql, "%s");
	char	   *sql = psprintf("%.*s%s%s", (int) (mark - plan->sql), plan->sql, readable_columns(list->table), mark + 2);

	pc_tables_check();
	if (SPI_execute_with_args(sql, (int) strlen(plan->args), types, values, NULL, true, 0) < 0)
		elog(ERROR, "paycore: SPI_execute_with_args failed: %s", SPI_result_code_string(SPI_result));
	pc_tables_check();
	return SPI_processed;
}

static Datum
give(FunctionCallInfo fcinfo, uint64 found)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	for (uint64 i = 0; i < found; i++)
		tuplestore_puttuple(result->setResult, SPI_tuptable->vals[i]);
	return (Datum) 0;
}

/* Which of the leading arguments, billing_account_id and payment_id, says whose rows; -1 = the tenant's. */
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
					 errmsg("give billing_account_id or payment_id, not both")));
		found = n;
	}
	return found;
}

/* (billing_account_id, payment_id, after, page_size), of which a list may have only the last three, or two. */
static Datum
page(FunctionCallInfo fcinfo, PcList *list, int nfilters)
{
	int			filter = whose(fcinfo, nfilters);
	PcPlan	   *plan = filter < 0 ? &list->of_tenant : filter == 0 ? &list->of_account : &list->of_payment;
	pg_uuid_t	start = start_of(fcinfo, nfilters);
	PcApiCall	call;
	Datum		values[4];

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	values[1] = UUIDPGetDatum(&start);
	values[2] = Int64GetDatum(page_size(fcinfo, nfilters + 1));
	values[3] = filter >= 0 ? PG_GETARG_DATUM(filter) : (Datum) 0;
	pc_api_begin(&call);
	values[0] = CStringGetTextDatum(call.tenant);
	give(fcinfo, may_read_all(list->table) ? pc_execute(plan, values, NULL, true, 0)
		 : run_readable(list, plan, values));
	pc_api_end(&call);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(paycore_list_billing_accounts);
PGDLLEXPORT Datum
paycore_list_billing_accounts(PG_FUNCTION_ARGS)
{
	return page(fcinfo, &accounts, 0);
}

PG_FUNCTION_INFO_V1(paycore_list_payment_methods);
PGDLLEXPORT Datum
paycore_list_payment_methods(PG_FUNCTION_ARGS)
{
	return page(fcinfo, &methods, 1);
}

PG_FUNCTION_INFO_V1(paycore_list_payment_intents);
PGDLLEXPORT Datum
paycore_list_payment_intents(PG_FUNCTION_ARGS)
{
	return page(fcinfo, &intents, 1);
}

PG_FUNCTION_INFO_V1(paycore_list_payments);
PGDLLEXPORT Datum
paycore_list_payments(PG_FUNCTION_ARGS)
{
	return page(fcinfo, &payments, 1);
}

/* payment_history(billing_account_id, after, page_size): of an account, never of the whole tenant by mistake */
PG_FUNCTION_INFO_V1(paycore_payment_history);
PGDLLEXPORT Datum
paycore_payment_history(PG_FUNCTION_ARGS)
{
	(void) pc_arg_uuid(fcinfo, 0, "billing_account_id");
	return page(fcinfo, &payments, 1);
}

PG_FUNCTION_INFO_V1(paycore_list_refunds);
PGDLLEXPORT Datum
paycore_list_refunds(PG_FUNCTION_ARGS)
{
	return page(fcinfo, &refunds, 1);
}

PG_FUNCTION_INFO_V1(paycore_list_disputes);
PGDLLEXPORT Datum
paycore_list_disputes(PG_FUNCTION_ARGS)
{
	return page(fcinfo, &disputes, 2);
}

PG_FUNCTION_INFO_V1(paycore_list_early_fraud_warnings);
PGDLLEXPORT Datum
paycore_list_early_fraud_warnings(PG_FUNCTION_ARGS)
{
	return page(fcinfo, &warnings, 2);
}

PG_FUNCTION_INFO_V1(paycore_list_reviews);
PGDLLEXPORT Datum
paycore_list_reviews(PG_FUNCTION_ARGS)
{
	return page(fcinfo, &reviews, 2);
}

PG_FUNCTION_INFO_V1(paycore_list_payouts);
PGDLLEXPORT Datum
paycore_list_payouts(PG_FUNCTION_ARGS)
{
	return page(fcinfo, &payouts, false);
}

/* list_balance_transactions(payout_id, after, page_size) */
PG_FUNCTION_INFO_V1(paycore_list_balance_transactions);
PGDLLEXPORT Datum
paycore_list_balance_transactions(PG_FUNCTION_ARGS)
{
	return page(fcinfo, &balance_transactions, true);
}

PG_FUNCTION_INFO_V1(paycore_list_account_transactions);
PGDLLEXPORT Datum
paycore_list_account_transactions(PG_FUNCTION_ARGS)
{
	return page(fcinfo, &transactions, true);
}

PG_FUNCTION_INFO_V1(paycore_list_ledger_accounts);
PGDLLEXPORT Datum
paycore_list_ledger_accounts(PG_FUNCTION_ARGS)
{
	return page(fcinfo, &ledger_accounts, false);
}

/* list_ledger_entries(account_id, after, page_size) */
PG_FUNCTION_INFO_V1(paycore_list_ledger_entries);
PGDLLEXPORT Datum
paycore_list_ledger_entries(PG_FUNCTION_ARGS)
{
	(void) pc_arg_uuid(fcinfo, 0, "account_id");
	return page(fcinfo, &entries, true);
}

PG_FUNCTION_INFO_V1(paycore_list_setup_intents);
PGDLLEXPORT Datum
paycore_list_setup_intents(PG_FUNCTION_ARGS)
{
	return page(fcinfo, &setups, true);
}

PG_FUNCTION_INFO_V1(paycore_list_mandates);
PGDLLEXPORT Datum
paycore_list_mandates(PG_FUNCTION_ARGS)
{
	return page(fcinfo, &mandates, true);
}

/* status_history(object_id): oldest first */
PG_FUNCTION_INFO_V1(paycore_status_history);
PGDLLEXPORT Datum
paycore_status_history(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("tt",
									 "SELECT %s FROM paycore.status_changes WHERE tenant_id = $1 AND object_id = $2 "
									 "ORDER BY seq", PC_STATUS_CHANGES);
	pg_uuid_t	id = pc_arg_uuid(fcinfo, 0, "object_id");
	PcApiCall	call;
	Datum		values[2];

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	pc_api_begin(&call);
	values[0] = CStringGetTextDatum(call.tenant);
	values[1] = CStringGetTextDatum(pc_uuid_text(&id));
	give(fcinfo, pc_execute(&plan, values, NULL, true, 0));
	pc_api_end(&call);
	return (Datum) 0;
}
