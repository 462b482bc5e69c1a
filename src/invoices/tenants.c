/*
 * tenants.c
 *		Which tenants of the database have something due, and whose billing is
 *		this server's to do unasked.
 *
 * A copy of the database must not bill by itself what the original bills, for
 * it would charge the same customers again.  So each tenant's schedule bears the
 * instance and the database that it is of, as requests in the outbox do.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/secrets.h"
#include "invoices/invoices.h"
#include "miscadmin.h"

/* Tenants looked at by one statement. */
#define AT_ONCE		1000

/* From one tenant to the next through the index of what is due, however many subscriptions each has. */
static PcPlan look_plan = PC_PLAN("tto4",
	"WITH RECURSIVE named AS ("
	" (SELECT s.tenant_id FROM paycore.subscriptions s WHERE s.tenant_id > $1 AND s.next_bill_at IS NOT NULL AND s.parked_at IS NULL"
	"  ORDER BY s.tenant_id LIMIT 1)"
	" UNION ALL SELECT n.tenant_id FROM named p CROSS JOIN LATERAL (SELECT s.tenant_id FROM paycore.subscriptions s"
	"  WHERE s.tenant_id > p.tenant_id AND s.next_bill_at IS NOT NULL AND s.parked_at IS NULL ORDER BY s.tenant_id LIMIT 1) n)"
	" SELECT t.tenant_id, b.tenant_id IS NULL,"
	" (b.tenant_id IS NULL OR b.status = 'on' AND b.instance = $2 AND b.database_oid = $3)"
	" AND (EXISTS (SELECT FROM paycore.subscriptions s WHERE s.tenant_id = t.tenant_id AND s.parked_at IS NULL AND s.next_bill_at <= w.now)"
	"  OR EXISTS (SELECT FROM paycore.collections c WHERE c.tenant_id = t.tenant_id AND c.stirred)"
	"  OR EXISTS (SELECT FROM paycore.collections c WHERE c.tenant_id = t.tenant_id AND c.next_action_at <= w.now)"
	"  OR EXISTS (SELECT FROM paycore.invoices i WHERE i.tenant_id = t.tenant_id AND i.status OPERATOR(paycore.=) 'open'::paycore.invoice_status"
	"   AND i.due_at <= w.now AND i.collection = 'send_invoice'"
	"   AND NOT EXISTS (SELECT FROM paycore.collections c WHERE c.invoice_id = i.id AND c.tenant_id = t.tenant_id))"
	"  OR EXISTS (SELECT FROM paycore.invoices i JOIN paycore.billing_accounts a ON a.id = i.billing_account_id AND a.tenant_id = i.tenant_id"
	"   JOIN paycore.gateway_accounts g ON g.name = a.gateway_account AND g.tenant_id = i.tenant_id AND g.gateway IN ('stripe', 'mock')"
	"   WHERE i.tenant_id = t.tenant_id AND i.subscription_id IS NULL AND i.status OPERATOR(paycore.=) 'open'::paycore.invoice_status"
	"   AND i.due_at <= w.now AND i.collection = 'charge_automatically'"
	"   AND NOT EXISTS (SELECT FROM paycore.collections c WHERE c.invoice_id = i.id AND c.tenant_id = t.tenant_id)))"
	" FROM (SELECT u.tenant_id FROM ((SELECT n.tenant_id FROM named n LIMIT $4) UNION"
	"  (SELECT DISTINCT c.tenant_id FROM paycore.collections c WHERE c.tenant_id > $1 AND (c.stirred OR c.next_action_at IS NOT NULL)"
	"   ORDER BY c.tenant_id LIMIT $4) UNION (SELECT DISTINCT i.tenant_id FROM paycore.invoices i WHERE i.tenant_id > $1"
	"   AND i.subscription_id IS NULL AND i.status OPERATOR(paycore.=) 'open'::paycore.invoice_status"
	"   ORDER BY i.tenant_id LIMIT $4)) u ORDER BY u.tenant_id LIMIT $4) t"
	" CROSS JOIN LATERAL (SELECT coalesce((SELECT c.shows FROM paycore.test_clocks c WHERE c.tenant_id = t.tenant_id), now()) AS now) w"
	" LEFT JOIN paycore.billing_schedules b ON b.tenant_id = t.tenant_id"
	" ORDER BY t.tenant_id");

static PcPlan claim_plan = PC_PLAN("tto",
	"INSERT INTO paycore.billing_schedules (tenant_id, instance, database_oid) VALUES ($1, $2, $3) ON CONFLICT (tenant_id) DO NOTHING");

void
inv_claim_schedule(const char *tenant)
{
	PcArgs		a = {0};

	/* Without a name of its own a server can claim nothing. */
	if (pc_secrets_error() != NULL)
		return;
	pc_arg_text(&a, tenant);
	pc_arg_text(&a, pc_instance_name());
	pc_arg(&a, ObjectIdGetDatum(MyDatabaseId), false);
	pc_api_plumbing(&claim_plan, a.values, a.nulls);
}

List *
inv_due_tenants(char **after)
{
	MemoryContext context = CurrentMemoryContext;
	PcIdentity	saved;
	PcArgs		a = {0};
	List	   *due = NIL;
	List	   *unclaimed = NIL;
	ListCell   *lc;
	char	   *last = NULL;
	uint64		n;

	SPI_connect();
	pc_identity_assume(&saved, pc_owner(false));

	pc_arg_text(&a, *after != NULL ? *after : "");
	pc_arg_text(&a, pc_instance_name());
	pc_arg(&a, ObjectIdGetDatum(MyDatabaseId), false);
	pc_arg(&a, Int32GetDatum(AT_ONCE), false);
	n = pc_execute_args(&look_plan, &a, false);
	MemoryContextSwitchTo(context);
	for (uint64 r = 0; r < n; r++)
	{
		last = pc_get_cstring(r, 1);
		if (pc_get_bool(r, 2))
			unclaimed = lappend(unclaimed, last);
		if (pc_get_bool(r, 3))
			due = lappend(due, last);
	}
	*after = n < AT_ONCE ? NULL : last;
	foreach(lc, unclaimed)
		inv_claim_schedule(lfirst(lc));
	pc_identity_drop(&saved);
	SPI_finish();
	MemoryContextSwitchTo(context);
	return due;
}
