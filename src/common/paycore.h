/*
 * paycore.h
 *		What every file of the extension starts with.
 */
#ifndef PAYCORE_H
#define PAYCORE_H

#include "common/compat.h"
#include "common/errors.h"
#include "fmgr.h"

#define PC_SCHEMA "paycore"

#endif							/* PAYCORE_H */
