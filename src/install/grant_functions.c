/*
 * grant_functions.c
 *		Which of the functions that are not for everybody each level of
 *		paycore.grant_access() may call.
 *
 * The functions belong to whoever created the extension, the tables to
 * whoever ran init(): so that the latter can hand out the right to call, it is
 * granted in the superuser's name, for exactly this list.
 */
#include "common/paycore.h"

#include "catalog/pg_authid.h"
#include "common/plan.h"
#include "common/writer.h"
#include "install/install.h"
#include "utils/builtins.h"

static const struct
{
	const char *level;
	const char *function;
}			callable[] = {
	{"reader", "receipt_html"},
	{"reader", "invoice_data"},
	{"reader", "invoice_html"},
	{"reader", "credit_note_data"},
	{"reader", "credit_note_html"},
	{"app", "create_billing_account"},
	{"app", "update_billing_account"},
	{"app", "attach_payment_method"},
	{"app", "detach_payment_method"},
	{"app", "set_default_payment_method"},
	{"app", "create_setup_intent"},
	{"app", "confirm_setup_intent"},
	{"app", "cancel_setup_intent"},
	{"app", "refresh_setup_intent"},
	{"app", "await_setup_intent"},
	{"app", "complete_mock_setup"},
	{"app", "refresh_mandate"},
	{"app", "create_payment_intent"},
	{"app", "update_payment_intent"},
	{"app", "confirm_payment_intent"},
	{"app", "capture_payment_intent"},
	{"app", "cancel_payment_intent"},
	{"app", "refresh_payment_intent"},
	{"app", "complete_mock_action"},
	{"app", "await_payment_intent"},
	{"app", "record_payment"},
	{"app", "create_refund"},
	{"app", "approve_refund"},
	{"app", "cancel_refund"},
	{"app", "receive_webhook"},
	{"app", "credit_account"},
	{"app", "debit_account"},
	{"app", "open_ledger_account"},
	{"app", "post_entry"},
	{"app", "post_transfer"},
	{"app", "create_change_consumer"},
	{"app", "read_changes"},
	{"app", "acknowledge_changes"},
	{"app", "drop_change_consumer"},
	{"app", "update_dispute_evidence"},
	{"app", "submit_dispute_evidence"},
	{"app", "close_dispute"},
	{"app", "refresh_dispute"},
	{"app", "acknowledge_dispute"},
	{"app", "issue_receipt"},
	{"app", "issue_refund_receipt"},
	{"operator", "drain_outbox"},
	{"operator", "retry_outbox"},
	{"operator", "pause_gateway"},
	{"operator", "resume_gateway"},
	{"operator", "retry_webhook"},
	{"operator", "instance"},
	{"operator", "health"},
	{"operator", "metrics"},
	{"operator", "worker_status"},
	{"operator", "read_balance"},
	{"operator", "read_payout"},
	{"operator", "poll_events"},
	{"admin", "backfill"},
	{"admin", "adopt_outbox"},
	{"admin", "create_gateway_account"},
	{"admin", "update_gateway_account"},
	{"admin", "set_seller"},
	{"admin", "roll_up_ledger"},
	{"admin", "repair_ledger"},
	{"operator", "discard_delivery"},
	{"admin", "create_webhook_endpoint"},
	{"admin", "update_webhook_endpoint"},
	{"admin", "delete_webhook_endpoint"},
	{"admin", "create_product"},
	{"admin", "update_product"},
	{"admin", "set_product_feature"},
	{"admin", "remove_product_feature"},
	{"admin", "create_price"},
	{"admin", "revise_price"},
	{"admin", "add_price_currency"},
	{"admin", "update_price"},
	{"admin", "create_tax_rate"},
	{"admin", "update_tax_rate"},
	{"admin", "set_product_tax_rates"},
	{"admin", "set_default_tax_rates"},
	{"admin", "create_coupon"},
	{"admin", "update_coupon"},
	{"admin", "create_promotion_code"},
	{"admin", "update_promotion_code"},
	{"app", "apply_coupon"},
	{"app", "apply_account_coupon"},
	{"app", "remove_discount"},
	{"admin", "set_test_clock"},
	{"admin", "remove_test_clock"},
	{"app", "create_subscription"},
	{"app", "update_subscription"},
	{"app", "cancel_subscription"},
	{"app", "keep_subscription"},
	{"app", "pause_subscription"},
	{"app", "resume_subscription"},
	{"app", "change_subscription"},
	{"app", "set_quantity"},
	{"app", "preview_change"},
	{"app", "preview_change_lines"},
	{"app", "cancel_scheduled_change"},
	{"operator", "retry_billing"},
	{"operator", "run_billing"},
	{"operator", "bill_subscriptions"},
	{"operator", "pause_billing"},
	{"operator", "resume_billing"},
	{"operator", "billing_runs"},
	{"admin", "set_invoice_prefix"},
	{"app", "void_invoice"},
	{"app", "rebill_invoice"},
	{"app", "add_charge"},
	{"app", "remove_charge"},
	{"app", "create_invoice"},
	{"app", "update_invoice"},
	{"app", "add_invoice_line"},
	{"app", "update_invoice_line"},
	{"app", "remove_invoice_line"},
	{"app", "apply_invoice_coupon"},
	{"app", "preview_invoice"},
	{"app", "preview_invoice_lines"},
	{"app", "finalize_invoice"},
	{"app", "discard_invoice"},
	{"app", "write_off_invoice"},
	{"app", "pay_invoice"},
	{"app", "record_invoice_payment"},
	{"app", "apply_account_balance"},
	{"admin", "create_meter"},
	{"admin", "update_meter"},
	{"app", "record_usage"},
	{"app", "record_usages"},
	{"app", "record_usage_rows"},
	{"app", "correct_usage"},
	{"app", "void_usage"},
	{"operator", "roll_up_usage"},
	{"app", "set_usage_threshold"},
	{"app", "remove_usage_threshold"},
	{"app", "create_credit_note"},
	{"app", "preview_credit_note"},
	{"app", "preview_credit_note_lines"},
	{"app", "void_credit_note"},
	{"admin", "create_dunning_policy"},
	{"admin", "set_default_dunning_policy"},
	{"operator", "collect_invoices"},
	{"app", "retry_collection"},
};

/* All signatures of a name, as text for GRANT. */
static List *
signatures(const char *function)
{
	static PcPlan plan = PC_PLAN("t",
								 "SELECT p.oid::pg_catalog.regprocedure::text FROM pg_catalog.pg_proc p "
								 "JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass "
								 "AND d.objid = p.oid AND d.deptype = 'e' "
								 "JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'paycore' "
								 "WHERE p.proname = $1::name");
	Datum		name = CStringGetTextDatum(function);
	uint64		found = pc_execute(&plan, &name, NULL, true, 0);
	List	   *result = NIL;

	for (uint64 i = 0; i < found; i++)
		result = lappend(result, pc_get_cstring(i, 1));
	return result;
}

int
pc_access_rank(const char *level)
{
	static const char *const levels[] = {"reader", "app", "operator", "admin"};

	for (int i = 0; i < (int) lengthof(levels); i++)
	{
		if (strcmp(level, levels[i]) == 0)
			return i;
	}
	return -1;
}

void
pc_grant_functions(const char *role, int rank)
{
	const char *name = quote_identifier(role);
	PcIdentity	saved;

	pc_identity_assume(&saved, BOOTSTRAP_SUPERUSERID);
	pc_install_run(psprintf("GRANT USAGE ON SCHEMA paycore TO %s", name));
	for (size_t i = 0; i < lengthof(callable); i++)
	{
		bool		may = pc_access_rank(callable[i].level) <= rank;
		ListCell   *cell;

		foreach(cell, signatures(callable[i].function))
			pc_install_run(psprintf("%s EXECUTE ON ROUTINE %s %s %s", may ? "GRANT" : "REVOKE",
									(char *) lfirst(cell), may ? "TO" : "FROM", name));
	}
	pc_identity_drop(&saved);
}
