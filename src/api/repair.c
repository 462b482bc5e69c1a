/*
 * repair.c
 *		verify(), and repair_counters(): counters that a data-only restore put
 *		off, recounted.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "funcapi.h"
#include "miscadmin.h"

#define VERIFY_COLUMNS 6

/* The rows of all tables that there are rules for; PY075 where the caller may not read one of them. */
static uint64
find_violations(void)
{
	static PcPlan plan = PC_PLAN("",
								 "SELECT v.severity, v.rule, v.object_type, v.object_id, v.tenant_id, v.detail "
								 "FROM paycore.find_violations() v");
	MemoryContext caller = CurrentMemoryContext;
	volatile uint64 n = 0;

	PG_TRY();
	{
		n = pc_execute(&plan, NULL, NULL, true, 0);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		if (geterrcode() != ERRCODE_INSUFFICIENT_PRIVILEGE)
			PG_RE_THROW();
		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		FlushErrorState();
		ereport(ERROR,
				(errcode(ERRCODE_PC_ACCESS_LEVEL),
				 errmsg("role \"%s\" may not read all that verify() looks at", GetUserNameFromId(GetUserId(), false)),
				 errdetail("%s.", error->message),
				 errhint("Call it as the owner, who sees every tenant, or with access of level operator or above: see paycore.grant_access().")));
	}
	PG_END_TRY();
	return n;
}

PG_FUNCTION_INFO_V1(paycore_verify);
PGDLLEXPORT Datum
paycore_verify(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	PcApiCall	call;
	uint64		n;

	InitMaterializedSRF(fcinfo, 0);
	pc_tables_check();
	pc_api_begin(&call);
	n = find_violations();
	for (uint64 r = 0; r < n; r++)
	{
		Datum		values[VERIFY_COLUMNS];
		bool		nulls[VERIFY_COLUMNS];

		for (int i = 0; i < VERIFY_COLUMNS; i++)
			values[i] = pc_get(r, i + 1, &nulls[i]);
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	pc_api_end(&call);
	return (Datum) 0;
}

void
pc_check_owner(const char *what)
{
	if (!pc_has_owner_rights())
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_OWNER),
				 errmsg("only the owner of paycore's tables may %s", what),
				 errhint("SET ROLE %s first.", quote_identifier(GetUserNameFromId(pc_owner(false), false)))));
}

static const char repair_payments[] =
#include "api/repair_payments.inc"
;
static const char repair_credited[] =
#include "api/repair_credited.inc"
;
static const char repair_refund_failed[] =
#include "api/repair_refund_failed.inc"
;

#define RECOUNT(table, column) \
	"UPDATE paycore." table " t SET times_redeemed = s.n FROM (SELECT c.id, c.tenant_id, count(d.id)::integer AS n " \
	"FROM paycore." table " c LEFT JOIN paycore.discounts d ON d." column " = c.id AND d.tenant_id = c.tenant_id " \
	"GROUP BY c.id, c.tenant_id) s WHERE s.id = t.id AND s.tenant_id = t.tenant_id AND t.times_redeemed <> s.n"

PG_FUNCTION_INFO_V1(paycore_repair_counters);
PGDLLEXPORT Datum
paycore_repair_counters(PG_FUNCTION_ARGS)
{
	/* The payments are locked first: a refund that is under way is in the sums or waits for them. */
	static PcPlan lock = PC_PLAN("", "LOCK TABLE paycore.payments, paycore.refunds, paycore.disputes IN SHARE ROW EXCLUSIVE MODE");
	static PcPlan payments = PC_PLAN("", repair_payments);
	static PcPlan lock_discounts = PC_PLAN("", "LOCK TABLE paycore.coupons, paycore.promotion_codes, paycore.discounts IN SHARE ROW EXCLUSIVE MODE");
	static PcPlan coupons = PC_PLAN("", RECOUNT("coupons", "coupon_id"));
	static PcPlan promotion_codes = PC_PLAN("", RECOUNT("promotion_codes", "promotion_code_id"));
	static PcPlan lock_credit_notes = PC_PLAN("", "LOCK TABLE paycore.invoices, paycore.credit_notes IN SHARE ROW EXCLUSIVE MODE");
	static PcPlan credited = PC_PLAN("", repair_credited);
	static PcPlan refund_failed = PC_PLAN("", repair_refund_failed);
	PcApiCall	call;
	volatile uint64 repaired;

	pc_check_owner("repair counters");
	pc_api_begin(&call);
	PC_WRITE_AS(.source = PC_SOURCE_SQL, .through_api = true, .observed = true, .counters = true, .reason = "repair_counters");
	{
		pc_execute(&lock, NULL, NULL, false, 0);
		repaired = pc_execute(&payments, NULL, NULL, false, 0);
		pc_execute(&lock_discounts, NULL, NULL, false, 0);
		repaired += pc_execute(&coupons, NULL, NULL, false, 0);
		repaired += pc_execute(&promotion_codes, NULL, NULL, false, 0);
		pc_execute(&lock_credit_notes, NULL, NULL, false, 0);
		repaired += pc_execute(&credited, NULL, NULL, false, 0);
		repaired += pc_execute(&refund_failed, NULL, NULL, false, 0);
	}
	PC_WRITE_END;
	pc_api_end(&call);
	PG_RETURN_INT64((int64) repaired);
}
