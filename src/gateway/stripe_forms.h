/*
 * stripe_forms.h
 *		What each of Stripe's requests carries: one function for each that
 *		carries more than its path.  What cannot be sent is the form's problem.
 */
#ifndef PAYCORE_STRIPE_FORMS_H
#define PAYCORE_STRIPE_FORMS_H

#include "gateway/form.h"
#include "gateway/stripe.h"

extern void gw_fill_customer(const GwCall *call, GwForm *form);
extern void gw_fill_attach(const GwCall *call, GwForm *form);
extern void gw_fill_intent_create(const GwCall *call, GwForm *form);
extern void gw_fill_intent_update(const GwCall *call, GwForm *form);
extern void gw_fill_intent_confirm(const GwCall *call, GwForm *form);
extern void gw_fill_intent_capture(const GwCall *call, GwForm *form);
extern void gw_fill_intent_cancel(const GwCall *call, GwForm *form);
extern void gw_fill_refund_create(const GwCall *call, GwForm *form);
extern void gw_fill_setup_create(const GwCall *call, GwForm *form);
extern void gw_fill_setup_confirm(const GwCall *call, GwForm *form);
extern void gw_fill_setup_cancel(const GwCall *call, GwForm *form);
extern void gw_fill_list(const GwCall *call, GwForm *form);
extern void gw_fill_intent_list(const GwCall *call, GwForm *form);
extern void gw_fill_refund_list(const GwCall *call, GwForm *form);
extern void gw_fill_balance_list(const GwCall *call, GwForm *form);
extern void gw_fill_dispute(const GwCall *call, GwForm *form);
extern void gw_fill_dispute_list(const GwCall *call, GwForm *form);
extern void gw_fill_large_list(const GwCall *call, GwForm *form);

#endif							/* PAYCORE_STRIPE_FORMS_H */
