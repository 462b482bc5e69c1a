/*
 * digest.h
 *		Sixteen bytes that are equal where two pictures of an object say the
 *		same in every field that we use.
 */
#ifndef PAYCORE_DIGEST_H
#define PAYCORE_DIGEST_H

#include "gateway/gateway.h"

#define PC_DIGEST_LEN 16

/* As a bytea in the current context. What is expanded in an intent has a digest of its own. */
extern bytea *pc_digest_intent(const GwIntent *intent);
extern bytea *pc_digest_charge(const GwCharge *charge);
extern bytea *pc_digest_refund(const GwRefund *refund);
extern bytea *pc_digest_customer(const GwCustomer *customer);
extern bytea *pc_digest_method(const GwMethod *method);
extern bytea *pc_digest_payout(const GwPayout *payout);
extern bytea *pc_digest_setup(const GwSetup *setup);
extern bytea *pc_digest_mandate(const GwMandate *mandate);
extern bytea *pc_digest_dispute(const GwDispute *dispute);
extern bytea *pc_digest_warning(const GwWarning *warning);
extern bytea *pc_digest_review(const GwReview *review);

extern bool pc_digest_equal(const bytea *a, const bytea *b);

#endif							/* PAYCORE_DIGEST_H */
