/*
 * accounts.h
 *		A billing account as the gateway's customer.
 */
#ifndef PAYCORE_API_ACCOUNTS_H
#define PAYCORE_API_ACCOUNTS_H

/* SQL over a row of billing_accounts: what customer.create and customer.update send. */
#define PC_CUSTOMER_OBJECT \
	"jsonb_build_object('name', name, 'email', email, 'phone', phone, 'locale', locale, " \
	"'tax_exempt', tax_exempt, 'metadata', metadata, 'address', jsonb_build_object(" \
	"'line1', address_line1, 'line2', address_line2, 'city', city, 'state', state, " \
	"'postal_code', postal_code, 'country', country))"

#endif							/* PAYCORE_API_ACCOUNTS_H */
