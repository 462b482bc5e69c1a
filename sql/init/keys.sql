--
-- Foreign keys: each carries the tenant, so no row can point into another.
--

ALTER TABLE paycore.payment_methods ADD CONSTRAINT payment_methods_account_fkey
	FOREIGN KEY (billing_account_id, tenant_id) REFERENCES paycore.billing_accounts (id, tenant_id);
ALTER TABLE paycore.payment_intents ADD CONSTRAINT payment_intents_account_fkey
	FOREIGN KEY (billing_account_id, tenant_id) REFERENCES paycore.billing_accounts (id, tenant_id);
ALTER TABLE paycore.payment_attempts ADD CONSTRAINT payment_attempts_intent_fkey
	FOREIGN KEY (payment_intent_id, tenant_id) REFERENCES paycore.payment_intents (id, tenant_id);
ALTER TABLE paycore.payments ADD CONSTRAINT payments_account_fkey
	FOREIGN KEY (billing_account_id, tenant_id) REFERENCES paycore.billing_accounts (id, tenant_id);
ALTER TABLE paycore.payments ADD CONSTRAINT payments_intent_fkey
	FOREIGN KEY (payment_intent_id, tenant_id) REFERENCES paycore.payment_intents (id, tenant_id);
ALTER TABLE paycore.payment_intents ADD CONSTRAINT payment_intents_payment_fkey
	FOREIGN KEY (payment_id, tenant_id) REFERENCES paycore.payments (id, tenant_id);
ALTER TABLE paycore.payment_intents ALTER CONSTRAINT payment_intents_payment_fkey DEFERRABLE;
ALTER TABLE paycore.refunds ADD CONSTRAINT refunds_payment_fkey
	FOREIGN KEY (payment_id, tenant_id) REFERENCES paycore.payments (id, tenant_id);

ALTER TABLE paycore.balance_transactions ADD CONSTRAINT balance_transactions_payment_fkey
	FOREIGN KEY (payment_id, tenant_id) REFERENCES paycore.payments (id, tenant_id);
ALTER TABLE paycore.balance_transactions ADD CONSTRAINT balance_transactions_refund_fkey
	FOREIGN KEY (refund_id, tenant_id) REFERENCES paycore.refunds (id, tenant_id);
ALTER TABLE paycore.balance_transactions ADD CONSTRAINT balance_transactions_source_payout_fkey
	FOREIGN KEY (source_payout_id, tenant_id) REFERENCES paycore.payouts (id, tenant_id);
ALTER TABLE paycore.balance_transactions ADD CONSTRAINT balance_transactions_payout_fkey
	FOREIGN KEY (payout_id, tenant_id) REFERENCES paycore.payouts (id, tenant_id);
ALTER TABLE paycore.account_transactions ADD CONSTRAINT account_transactions_account_fkey
	FOREIGN KEY (billing_account_id, tenant_id) REFERENCES paycore.billing_accounts (id, tenant_id);
-- ledger_entries name their accounts without a foreign key: its share lock on the account's row would be the hot row
-- that the ledger avoids. A guard looks, and rows of ledger_accounts never go away.
ALTER TABLE paycore.setup_intents ADD CONSTRAINT setup_intents_account_fkey
	FOREIGN KEY (billing_account_id, tenant_id) REFERENCES paycore.billing_accounts (id, tenant_id);
ALTER TABLE paycore.mandates ADD CONSTRAINT mandates_account_fkey
	FOREIGN KEY (billing_account_id, tenant_id) REFERENCES paycore.billing_accounts (id, tenant_id);
ALTER TABLE paycore.disputes ADD CONSTRAINT disputes_payment_fkey
	FOREIGN KEY (payment_id, tenant_id) REFERENCES paycore.payments (id, tenant_id);
ALTER TABLE paycore.early_fraud_warnings ADD CONSTRAINT early_fraud_warnings_payment_fkey
	FOREIGN KEY (payment_id, tenant_id) REFERENCES paycore.payments (id, tenant_id);
ALTER TABLE paycore.balance_transactions ADD CONSTRAINT balance_transactions_dispute_fkey
	FOREIGN KEY (dispute_id, tenant_id) REFERENCES paycore.disputes (id, tenant_id);
ALTER TABLE paycore.reviews ADD CONSTRAINT reviews_payment_fkey
	FOREIGN KEY (payment_id, tenant_id) REFERENCES paycore.payments (id, tenant_id);
ALTER TABLE paycore.reviews ADD CONSTRAINT reviews_intent_fkey
	FOREIGN KEY (payment_intent_id, tenant_id) REFERENCES paycore.payment_intents (id, tenant_id);
ALTER TABLE paycore.receipts ADD CONSTRAINT receipts_payment_fkey
	FOREIGN KEY (payment_id, tenant_id) REFERENCES paycore.payments (id, tenant_id);
ALTER TABLE paycore.receipts ADD CONSTRAINT receipts_refund_fkey
	FOREIGN KEY (refund_id, tenant_id) REFERENCES paycore.refunds (id, tenant_id);
ALTER TABLE paycore.webhook_endpoints ADD CONSTRAINT webhook_endpoints_account_fkey
	FOREIGN KEY (id, tenant_id) REFERENCES paycore.gateway_accounts (id, tenant_id);
