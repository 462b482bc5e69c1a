/*
 * balance.h
 *		The balance of an account between payments.
 */
#ifndef PAYCORE_BALANCE_H
#define PAYCORE_BALANCE_H

#include "api/api.h"

/* account_balance.c: the balance in that currency, which nobody else changes until this transaction ends. */
extern PcMoney pc_balance_lock(const PcApiCall *call, const pg_uuid_t *account, PcCurrency currency);

#endif							/* PAYCORE_BALANCE_H */
