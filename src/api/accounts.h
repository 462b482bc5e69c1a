/*
 * accounts.h
 *		A billing account as the gateway's customer.
 */
#ifndef PAYCORE_API_ACCOUNTS_H
#define PAYCORE_API_ACCOUNTS_H

#include "api/api.h"

/* SQL over a row of billing_accounts: what customer.create and customer.update send. */
#define PC_CUSTOMER_OBJECT \
	"jsonb_build_object('name', name, 'email', email, 'phone', phone, 'locale', locale, " \
	"'tax_exempt', tax_exempt, 'metadata', metadata, 'address', jsonb_build_object(" \
	"'line1', address_line1, 'line2', address_line2, 'city', city, 'state', state, " \
	"'postal_code', postal_code, 'country', country))"

/* SQL: the id of the dunning policy that details name, in that tenant, and its part of an UPDATE from changes $3 in tenant $2. */
#define PC_DUNNING_POLICY(details, tenant) \
	"(SELECT d.id FROM paycore.dunning_policies d WHERE d.name = " details "->>'dunning_policy' AND d.tenant_id = " tenant ")"
#define PC_CHANGED_DUNNING_POLICY \
	"dunning_policy_id = CASE WHEN $3 ? 'dunning_policy' THEN " PC_DUNNING_POLICY("$3", "$2") " ELSE r.dunning_policy_id END"

/* PY040 where details name a dunning policy that is not there. */
extern void pc_check_dunning_policy(const PcApiCall *call, const Jsonb *details);

#endif							/* PAYCORE_API_ACCOUNTS_H */
