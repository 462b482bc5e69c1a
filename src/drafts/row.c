/*
 * row.c
 *		A draft under a verb's lock, and its sums.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "drafts/drafts.h"
#include "utils/datum.h"

static const char sum_draft[] =
#include "drafts/draft_lines.inc"
#include "invoices/bill_amounts.inc"
#include "drafts/draft_sums.inc"
;

void
draft_lock(const PcApiCall *call, const pg_uuid_t *id, const char *verb, Draft *draft)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT i.billing_account_id, i.currency, i.status, coalesce(i.number, i.id::text) FROM paycore.invoices i "
								 "WHERE i.id = $1 AND i.tenant_id = $2 FOR NO KEY UPDATE");
	bool		isnull;

	pc_api_find(call, &plan, "invoice", id);
	if (pc_get_state(0, 3) != INVOICE_DRAFT)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("invoice %s cannot be %s", pc_get_cstring(0, 4), verb),
				 errdetail("Its status is %s.", pc_state_name(&pc_invoice_lifecycle, pc_get_state(0, 3))),
				 errhint("Only a draft can. Take a final invoice back with paycore.void_invoice(), or by paycore.create_credit_note().")));
	draft->id = *id;
	draft->account = pc_get_id(0, 1);
	draft->currency = DatumGetPcCurrency(pc_get(0, 2, &isnull));
}

void
draft_check_account(const PcApiCall *call, const Draft *draft)
{
	PcAccount	account;

	pc_account_get(call, &draft->account, &account);
	pc_account_check_active(&account);
}

Datum
draft_line_ids(const PcApiCall *call, const Draft *draft)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM paycore.extra_charges "
								 "WHERE draft_id = $1 AND tenant_id = $2 AND removed_at IS NULL");
	bool		isnull;

	pc_api_find(call, &plan, "invoice", &draft->id);
	return datumCopy(pc_get(0, 1, &isnull), false, -1);
}

void
draft_sum(const PcApiCall *call, const Draft *draft)
{
	/* $2, $4 and $5 are for what comes after these parts elsewhere. */
	static PcPlan plan = {.args = "tzUTtu", .sql = sum_draft, .row_of = PC_NO_ROW, .replanned = true};
	PcArgs		a = {0};

	pc_arg_text(&a, call->tenant);
	pc_arg_null(&a);
	pc_arg(&a, draft_line_ids(call, draft), false);
	pc_arg_null(&a);
	pc_arg_null(&a);
	pc_arg_uuid(&a, &draft->id);
	pc_api_write_args(&plan, &a, NULL);
}
