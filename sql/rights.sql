--
-- What is not for everybody: paycore.grant_access() gives it (src/install/grant_functions.c).
--

REVOKE EXECUTE ON FUNCTION paycore.create_gateway_account, paycore.update_gateway_account,
	paycore.create_billing_account,
	paycore.update_billing_account, paycore.attach_payment_method, paycore.detach_payment_method,
	paycore.set_default_payment_method, paycore.create_payment_intent, paycore.update_payment_intent,
	paycore.confirm_payment_intent, paycore.capture_payment_intent, paycore.cancel_payment_intent,
	paycore.refresh_payment_intent, paycore.await_payment_intent, paycore.complete_mock_action,
	paycore.record_payment, paycore.create_refund, paycore.approve_refund, paycore.cancel_refund,
	paycore.create_setup_intent, paycore.confirm_setup_intent, paycore.cancel_setup_intent, paycore.refresh_setup_intent,
	paycore.complete_mock_setup, paycore.refresh_mandate,
	paycore.credit_account, paycore.debit_account, paycore.open_ledger_account,
	paycore.post_entry, paycore.post_transfer, paycore.roll_up_ledger, paycore.repair_ledger,
	paycore.create_change_consumer, paycore.read_changes, paycore.acknowledge_changes, paycore.drop_change_consumer,
	paycore.update_dispute_evidence, paycore.submit_dispute_evidence, paycore.close_dispute, paycore.refresh_dispute,
	paycore.acknowledge_dispute,
	paycore.create_webhook_endpoint, paycore.update_webhook_endpoint, paycore.delete_webhook_endpoint,
	paycore.discard_delivery,
	paycore.create_product, paycore.update_product, paycore.set_product_feature, paycore.remove_product_feature,
	paycore.create_price, paycore.revise_price, paycore.add_price_currency, paycore.update_price,
	paycore.create_tax_rate, paycore.update_tax_rate, paycore.set_product_tax_rates, paycore.set_default_tax_rates,
	paycore.create_coupon, paycore.update_coupon, paycore.create_promotion_code, paycore.update_promotion_code,
	paycore.apply_coupon, paycore.apply_account_coupon, paycore.remove_discount,
	paycore.set_test_clock, paycore.remove_test_clock,
	paycore.create_subscription, paycore.update_subscription, paycore.cancel_subscription, paycore.keep_subscription,
	paycore.pause_subscription, paycore.resume_subscription, paycore.retry_billing(uuid), paycore.retry_billing(),
	paycore.bill_subscriptions, paycore.pause_billing, paycore.resume_billing, paycore.set_invoice_prefix, paycore.void_invoice, paycore.write_off_invoice, paycore.add_charge, paycore.remove_charge FROM PUBLIC;
