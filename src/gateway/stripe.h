/*
 * stripe.h
 *		What the files of the stripe gateway share; mock answers in the same
 *		shapes and so reads with the same functions.
 */
#ifndef PAYCORE_STRIPE_H
#define PAYCORE_STRIPE_H

#include "common/json.h"
#include "gateway/gateway.h"

#define STRIPE_VERSION "2026-07-29.dahlia"

/* stripe_render.c, stripe_read.c, stripe_webhook.c, stripe_money.c: see Gateway. */
extern bool gw_stripe_render(const GwCall *call, GwRequest *request, const char **why);
extern void gw_stripe_read_response(const GwCall *call, const GwResponse *response,
									GwAnswer *answer);
extern bool gw_stripe_verify_webhook(const char *payload, size_t len, const char *signature,
									 const PcSecrets *secrets, int64 now, int tolerance,
									 const char **why);
extern bool gw_stripe_read_event(const Jsonb *payload, GwEvent *event, const char **why);
extern bool gw_stripe_amount_out(PcMoney money, int64 *amount);
extern bool gw_stripe_amount_in(int64 amount, const char *currency, PcMoney *money);

/* Amounts of this currency must be multiples of this many ISO minor units. */
extern int	gw_stripe_step(const PcCurrencyInfo *currency);

/* The least that it charges, in minor units; 0 where that is not known. */
extern int64 gw_stripe_least(const PcCurrencyInfo *currency);

/* stripe_forms.c: amount and currency of the parameters. */
extern bool gw_params_money(const Jsonb *params, PcMoney *money);

/* stripe_metadata.c: the user's metadata and our own keys on top, for one kind of object. */
extern Jsonb *gw_stripe_metadata(const GwCall *call);

/* stripe_verdict.c: what a response means, given whether its error or object could be read. */
extern GwVerdict gw_stripe_verdict(const GwResponse *response, const GwError *error,
								   bool has_error, bool has_object);

/*
 * stripe_fields.c: single fields.  A value of a wrong type, or out of any
 * sensible range, is absent.
 */
extern char *gw_field_id(const Jsonb *json, const char *key);	/* also of an expanded object */
extern int64 gw_field_time(const Jsonb *json, const char *key);	/* unix seconds, 0 = absent */
extern PcMoney gw_field_money(const Jsonb *json, const char *key);	/* in json's own currency */
extern void gw_read_error(const Jsonb *json, GwError *error);
extern Jsonb *gw_field_metadata(const Jsonb *json);

/* stripe_details.c: what may be stored of a payment method's details. */
extern Jsonb *gw_safe_details(const char *type, const Jsonb *details);
extern Jsonb *gw_safe_json(const Jsonb *json);

/* stripe_balance.c: NULL where the essentials are missing or disagree. */
extern GwBalance *gw_read_balance(const Jsonb *json);
extern GwPayout *gw_read_payout(const Jsonb *json);

/* stripe_disputes.c: NULL where the essentials are missing. */
extern GwDispute *gw_read_dispute(const Jsonb *json);
extern GwWarning *gw_read_warning(const Jsonb *json);
extern GwReview *gw_read_review(const Jsonb *json);

/* stripe_objects.c: of any kind; kind NONE where it is none of ours or lacks its essentials. */
extern void gw_read_object(const Jsonb *json, GwObject *object);

#endif							/* PAYCORE_STRIPE_H */
