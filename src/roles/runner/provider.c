/* SPDX-License-Identifier: Apache-2.0 */
/* When may a provider be asked? */
#include "roles/runner/provider.h"

static const int64_t day_us = 86400ll * 1000000;

static int64_t gap_us(const struct provider *provider)
{
	uint32_t requests = provider->pace.requests ? provider->pace.requests : 1;
	uint32_t per_s = provider->pace.per_s ? provider->pace.per_s : 1;

	return per_s * INT64_C(1000000) / requests;
}

static bool turn_take(struct provider *provider, int64_t now_us, int64_t *ret_us)
{
	if (now_us - provider->day_us >= day_us) {
		provider->day_us = now_us;
		provider->today = 0;
	}
	if (provider->pace.per_day && provider->today >= provider->pace.per_day)
		return false;
	*ret_us = MAX(provider->next_us, now_us);
	provider->next_us = *ret_us + gap_us(provider);
	provider->today++;
	return true;
}

enum provider_word provider_take(struct provider *provider, bool has_turn, int64_t now_us,
				 int64_t *ret_us)
{
	if (provider->until_us > now_us || provider->is_trying) {
		*ret_us = MAX(provider->until_us, now_us);
		return provider->is_down ? PROVIDER_DOWN : PROVIDER_HELD;
	}
	*ret_us = now_us;
	if (!has_turn && !turn_take(provider, now_us, ret_us))
		return PROVIDER_SPENT;
	if (*ret_us > now_us)
		return PROVIDER_LATER;
	provider->is_trying = provider->is_down;
	return PROVIDER_NOW;
}

void provider_give_back(struct provider *provider)
{
	provider->next_us -= gap_us(provider);
	provider->today--;
}

void provider_answered(struct provider *provider)
{
	provider->failures = 0;
	provider->rest_us = 0;
	provider->is_down = provider->is_trying = false;
}

void provider_failed(struct provider *provider, int64_t now_us)
{
	provider->is_trying = false;
	if (++provider->failures < PROVIDER_FAILURES)
		return;
	provider->rest_us = provider->rest_us ? MIN(provider->rest_us * 2,
						    PROVIDER_REST_MOST_MS * INT64_C(1000))
					      : PROVIDER_REST_MS * INT64_C(1000);
	provider->until_us = now_us + provider->rest_us;
	provider->is_down = true;
}

void provider_hold(struct provider *provider, int64_t now_us, int64_t wait_us)
{
	provider_answered(provider);
	if (wait_us < 0)
		wait_us = PROVIDER_HOLD_MS * INT64_C(1000);
	wait_us = MIN(wait_us, PROVIDER_HOLD_MOST_MS * INT64_C(1000));
	provider->until_us = MAX(provider->until_us, now_us + wait_us);
}
