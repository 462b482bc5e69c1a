/*
 * testing.h
 *		Neutral snapshots as jsonb, for the tests' doors (test builds).
 */
#ifndef PAYCORE_GATEWAY_TESTING_H
#define PAYCORE_GATEWAY_TESTING_H

#include "common/json.h"
#include "gateway/gateway.h"

extern Jsonb *gw_describe_answer(const GwAnswer *answer);
extern Jsonb *gw_describe_event(const GwEvent *event);

#endif							/* PAYCORE_GATEWAY_TESTING_H */
