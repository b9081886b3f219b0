/* SPDX-License-Identifier: Apache-2.0 */
/* How does straight-line code wait on the loop? */
#include "loop/fiber.h"

#include "loop/timers.h"

#include <assert.h>
#include <sys/mman.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif

#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
enum { STACK_BYTES = 256 * 1024 };
#else
enum { STACK_BYTES = 128 * 1024 };
#endif

enum {
	PAGE_BYTES = 4096,
	WARM_STACKS = 64,  /* idle ones that keep their pages, beyond as many as are alive */
	COLD_STACKS = 1024 /* idle ones that keep their mapping */
};

enum fiber_state { FIBER_RUNNING, FIBER_WAITING, FIBER_ENDED };

/* At the top end of its stack, so that an idle one costs no page more. */
struct fiber {
	struct timer timer; /* the deadline of its wait; first, for on_due */
	struct fibers *fibers;
	struct fiber *next_idle;
	enum fiber_state state;
	bool is_woken;
	void (*fn)(void *arg);
	void *arg;
	char *mapping;
	ucontext_t own, back; /* back: of whoever continued it */
	/* AddressSanitizer's view of both */
	void *own_fake;
	const void *back_stack;
	size_t back_bytes;
};

struct fibers {
	uv_loop_t *loop;
	size_t limit, alive, warm_count, cold_count;
	struct fiber *warm, *cold;
	struct timers timers;
};

static _Thread_local struct fiber *current;

static char *stack_bottom(const struct fiber *fiber)
{
	return fiber->mapping + PAGE_BYTES;
}

/* What the fiber's frames may use: up to its struct, aligned as the ABI wants. */
static size_t stack_bytes(const struct fiber *fiber)
{
	return (size_t)((const char *)fiber - stack_bottom(fiber)) & ~(size_t)63;
}

static inline void before_switch(void **fake, const void *bottom, size_t bytes)
{
#ifdef HAS_ASAN
	__sanitizer_start_switch_fiber(fake, bottom, bytes);
#endif
}

static inline void after_switch(void *fake, const void **ret_bottom, size_t *ret_bytes)
{
#ifdef HAS_ASAN
	__sanitizer_finish_switch_fiber(fake, ret_bottom, ret_bytes);
#endif
}

static struct fiber *stack_map(struct fibers *fibers)
{
	size_t bytes = PAGE_BYTES + STACK_BYTES;
	char *mapping =
		mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	struct fiber *fiber;

	if (mapping == MAP_FAILED)
		return NULL;
	if (mprotect(mapping + PAGE_BYTES, STACK_BYTES, PROT_READ | PROT_WRITE) < 0) {
		munmap(mapping, bytes);
		return NULL;
	}
	fiber = (struct fiber *)(mapping + bytes - ((sizeof *fiber + 63) & ~(size_t)63));
	fiber->mapping = mapping;
	fiber->fibers = fibers;
#ifdef HAS_ASAN
	/* What only a waiting fiber holds is no leak. */
	__lsan_register_root_region(mapping + PAGE_BYTES, STACK_BYTES);
#endif
	return fiber;
}

static void stack_unmap(struct fiber *fiber)
{
#ifdef HAS_ASAN
	__lsan_unregister_root_region(stack_bottom(fiber), STACK_BYTES);
#endif
	munmap(fiber->mapping, PAGE_BYTES + STACK_BYTES);
}

static struct fiber *stack_take(struct fibers *fibers)
{
	struct fiber *fiber = fibers->warm;

	if (fiber) {
		fibers->warm = fiber->next_idle;
		fibers->warm_count--;
	} else if ((fiber = fibers->cold)) {
		fibers->cold = fiber->next_idle;
		fibers->cold_count--;
	} else {
		return stack_map(fibers);
	}
#ifdef HAS_ASAN
	__asan_unpoison_memory_region(stack_bottom(fiber), stack_bytes(fiber));
#endif
	return fiber;
}

/* After a burst the idle stacks would keep the burst's memory: their pages go back. */
static void stack_give(struct fibers *fibers, struct fiber *fiber)
{
	struct fiber **list = &fibers->warm;

	if (fibers->warm_count < WARM_STACKS + fibers->alive) {
		fibers->warm_count++;
	} else if (fibers->cold_count < COLD_STACKS) {
		char *bottom = stack_bottom(fiber);
		size_t whole = (size_t)((char *)fiber - bottom) / PAGE_BYTES * PAGE_BYTES;

		madvise(bottom, whole, MADV_DONTNEED);
		list = &fibers->cold;
		fibers->cold_count++;
	} else {
		stack_unmap(fiber);
		return;
	}
	fiber->next_idle = *list;
	*list = fiber;
}

static void fiber_continue(struct fiber *fiber)
{
	struct fiber *self = current;
	void *fake = NULL;

	current = fiber;
	fiber->state = FIBER_RUNNING;
	before_switch(&fake, stack_bottom(fiber), stack_bytes(fiber));
	swapcontext(&fiber->back, &fiber->own);
	after_switch(fake, NULL, NULL);
	current = self;
	if (fiber->state == FIBER_ENDED) {
		fiber->fibers->alive--;
		stack_give(fiber->fibers, fiber);
	}
}

static void fiber_main(void)
{
	struct fiber *fiber = current;

	after_switch(NULL, &fiber->back_stack, &fiber->back_bytes);
	fiber->fn(fiber->arg);
	fiber->state = FIBER_ENDED;
	before_switch(NULL, fiber->back_stack, fiber->back_bytes);
	setcontext(&fiber->back);
	abort();
}

static void on_deadline(struct timer *timer)
{
	struct fiber *fiber = (struct fiber *)timer;

	if (fiber->state == FIBER_WAITING)
		fiber_continue(fiber);
}

struct fibers *fibers_open(uv_loop_t *loop, size_t limit)
{
	struct fibers *fibers = memory_alloc(sizeof *fibers);

	memset(fibers, 0, sizeof *fibers);
	fibers->loop = loop;
	fibers->limit = limit;
	timers_open(&fibers->timers, loop);
	return fibers;
}

static void stacks_unmap(struct fiber *fiber)
{
	while (fiber) {
		struct fiber *next = fiber->next_idle;

		stack_unmap(fiber);
		fiber = next;
	}
}

int fibers_close(struct fibers *fibers)
{
	if (fibers->alive)
		return -EBUSY;
	stacks_unmap(fibers->warm);
	stacks_unmap(fibers->cold);
	timers_close(&fibers->timers);
	memory_free(fibers);
	return 0;
}

size_t fibers_alive(const struct fibers *fibers)
{
	return fibers->alive;
}

void fibers_idle(const struct fibers *fibers, size_t *ret_warm, size_t *ret_cold)
{
	*ret_warm = fibers->warm_count;
	*ret_cold = fibers->cold_count;
}

/* Apart from its caller: getcontext returns twice as the compiler sees it. */
static __attribute__((noinline)) void context_make(struct fiber *fiber)
{
	getcontext(&fiber->own);
	fiber->own.uc_stack.ss_sp = stack_bottom(fiber);
	fiber->own.uc_stack.ss_size = stack_bytes(fiber);
	fiber->own.uc_link = NULL;
	makecontext(&fiber->own, fiber_main, 0);
}

int fiber_start(struct fibers *fibers, void (*fn)(void *arg), void *arg)
{
	struct fiber *fiber;

	if (fibers->alive >= fibers->limit)
		return -EAGAIN;
	fiber = stack_take(fibers);
	if (!fiber)
		return -ENOMEM;
	fibers->alive++;
	fiber->timer = (struct timer){ .on_due = on_deadline };
	fiber->is_woken = false;
	fiber->fn = fn;
	fiber->arg = arg;
	context_make(fiber);
	fiber_continue(fiber);
	return 0;
}

struct fiber *fiber_current(void)
{
	return current;
}

int fiber_wait_until(int64_t deadline_us)
{
	struct fiber *fiber = current;

	assert(fiber); /* waiting outside of a fiber would stop the loop */
	if (!fiber->is_woken) {
		timer_start(&fiber->fibers->timers, &fiber->timer, deadline_us);
		fiber->state = FIBER_WAITING;
		before_switch(&fiber->own_fake, fiber->back_stack, fiber->back_bytes);
		swapcontext(&fiber->own, &fiber->back);
		after_switch(fiber->own_fake, &fiber->back_stack, &fiber->back_bytes);
		timer_stop(&fiber->fibers->timers, &fiber->timer);
	}
	if (!fiber->is_woken)
		return -ETIMEDOUT;
	fiber->is_woken = false;
	return 0;
}

void fiber_wake(struct fiber *fiber)
{
	fiber->is_woken = true;
	if (fiber->state == FIBER_WAITING)
		fiber_continue(fiber);
}

struct fiber_poll {
	uv_poll_t handle; /* first: libuv gives it back */
	struct fiber *fiber;
	int ready; /* events, or -errno */
};

static void on_poll(uv_poll_t *handle, int status, int events)
{
	struct fiber_poll *poll = (struct fiber_poll *)handle;

	/* libuv reports an error of the descriptor as UV_EBADF: the caller's read finds which. */
	poll->ready = status == UV_EBADF ? UV_READABLE | UV_WRITABLE : status < 0 ? status : events;
	uv_poll_stop(handle);
	if (poll->fiber)
		fiber_wake(poll->fiber);
}

static void on_poll_closed(uv_handle_t *handle)
{
	memory_free(handle);
}

int fiber_poll_open(uv_loop_t *loop, int fd, struct fiber_poll **ret)
{
	struct fiber_poll *poll = memory_alloc(sizeof *poll);
	int code = uv_poll_init(loop, &poll->handle, fd);

	if (code < 0) {
		memory_free(poll);
		return code;
	}
	poll->fiber = NULL;
	*ret = poll;
	return 0;
}

void fiber_poll_close(struct fiber_poll *poll)
{
	if (!poll)
		return;
	poll->fiber = NULL;
	uv_close((uv_handle_t *)&poll->handle, on_poll_closed);
}

int fiber_poll_wait(struct fiber_poll *poll, int events, int64_t deadline_us)
{
	int code = uv_poll_start(&poll->handle, events, on_poll);

	if (code < 0)
		return code;
	poll->ready = 0;
	poll->fiber = current;
	while (!poll->ready) {
		code = fiber_wait_until(deadline_us);
		if (code < 0) {
			uv_poll_stop(&poll->handle);
			break;
		}
	}
	poll->fiber = NULL;
	return poll->ready ? poll->ready : code;
}
