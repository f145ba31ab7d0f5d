"""Bugs planted in CPython's asyncio, to measure what the generator can find.

Each mutant is a textual patch of one asyncio module, applied while the module
is imported (nothing on disk changes).  install(name) must be called before
asyncio is imported; it returns 'py' when the mutant needs the pure-Python
Task and Future, else 'c'.

  python3.13 asyncio_mutants.py             list the mutants
  python3.13 asyncio_mutants.py --check     check that every patch still applies
"""
import importlib.abc
import importlib.machinery
import sys

L, Q, T, G, O, F, B = ('asyncio.locks', 'asyncio.queues', 'asyncio.tasks', 'asyncio.taskgroups',
                       'asyncio.timeouts', 'asyncio.futures', 'asyncio.base_events')

# name: (what the bug is, module, [(old, new)...], which occurrence (0-based, None = the only one))
MUTANTS = {
    # -- Lock
    'lock_lost_wakeup': (
        'a cancelled waiter does not pass the wake-up on', L,
        [('            if not self._locked:\n                self._wake_up_first()\n            raise',
          '            raise')]),
    'lock_barging': (
        'acquire() takes a free lock although others queue for it', L,
        [('if (not self._locked and (self._waiters is None or\n'
          '                all(w.cancelled() for w in self._waiters))):', 'if not self._locked:')]),
    'lock_lifo': (
        'the latest waiter is woken first', L,
        [('fut = next(iter(self._waiters))', 'fut = next(reversed(self._waiters))')]),
    'lock_wakes_all': (
        'release() wakes every waiter', L,
        [('        if not fut.done():\n            fut.set_result(True)\n\n\nclass Event',
          '        for fut in self._waiters:\n            if not fut.done():\n'
          '                fut.set_result(True)\n\n\nclass Event')]),
    'lock_swallows_cancel': (
        'a waiter cancelled in the same iteration as its wake-up takes the lock and loses the cancellation', L,
        [('            if not self._locked:\n                self._wake_up_first()\n            raise',
          '            if not (fut.done() and not fut.cancelled() and not self._locked):\n'
          '                if not self._locked:\n                    self._wake_up_first()\n'
          '                raise')]),
    'lock_handoff': (
        'release() keeps the lock locked for the first waiter (ownership handed over at once)', L,
        [('        if self._locked:\n            self._locked = False\n            self._wake_up_first()',
          '        if self._locked:\n'
          '            self._locked = any(not w.done() for w in self._waiters or ())\n'
          '            self._wake_up_first()'),
         ('            if not self._locked:\n                self._wake_up_first()\n            raise',
          '            if fut.done() and not fut.cancelled():\n'
          '                self._locked = any(not w.done() for w in self._waiters)\n'
          '                self._wake_up_first()\n            raise')]),
    # -- Event
    'event_rechecks': (
        'wait() re-checks the flag when woken (set(); clear() wakes nobody)', L,
        [('            await fut\n            return True\n        finally:\n'
          '            self._waiters.remove(fut)\n\n\nclass Condition',
          '            await fut\n        finally:\n            self._waiters.remove(fut)\n'
          '        return True if self._value else await self.wait()\n\n\nclass Condition')]),
    'event_wakes_one': (
        'set() wakes only the first waiter', L,
        [('                if not fut.done():\n                    fut.set_result(True)\n\n    def clear',
          '                if not fut.done():\n                    fut.set_result(True)\n'
          '                    break\n\n    def clear')]),
    # -- Condition
    'cond_no_reacquire': (
        'wait() does not take the lock again when it is cancelled', L,
        [('                err = None\n                while True:',
          '                err = None\n                import sys\n'
          '                while not isinstance(sys.exception(), exceptions.CancelledError):')]),
    'cond_lost_notify': (
        'a notified waiter that is cancelled does not pass the notification on', L,
        [('            self._notify(1)\n            raise', '            raise')]),
    'cond_swallows_cancel': (
        'a cancellation while the lock is taken again is lost', L,
        [('                    except exceptions.CancelledError as e:\n                        err = e',
          '                    except exceptions.CancelledError as e:\n                        pass')]),
    'cond_reacquire_gives_up': (
        'a cancellation while the lock is taken again leaves wait() without the lock', L,
        [('                    except exceptions.CancelledError as e:\n                        err = e',
          '                    except exceptions.CancelledError as e:\n                        raise')]),
    'cond_notify_counts_dead': (
        'notify(n) counts waiters that are cancelled already', L,
        [('            if not fut.done():\n                idx += 1\n                fut.set_result(False)',
          '            idx += 1\n            if not fut.done():\n                fut.set_result(False)')]),
    'cond_no_lock_check': (
        'notify() without the lock is not an error', L,
        [("            raise RuntimeError('cannot notify on un-acquired lock')", '            pass')]),
    # -- Semaphore
    'sem_barging': (
        'acquire() takes a free permit although others queue for it', L,
        [('        if not self.locked():\n            # Maintain FIFO', '        if self._value > 0:\n            # Maintain FIFO')]),
    'sem_lost_permit': (
        'a woken waiter that is cancelled does not give its permit back', L,
        [('                self._value += 1\n            raise', '                pass\n            raise')]),
    'sem_no_chain': (
        'permits left over after a wake-up are not passed to the next waiters', L,
        [('            while self._value > 0:\n                if not self._wake_up_next():\n'
          '                    break  # There was no-one to wake up.', '            pass')]),
    'sem_old_locked': (
        'locked() looks at the value only', L,
        [('        return self._value == 0 or (\n            any(not w.cancelled() for w in (self._waiters or ())))',
          '        return self._value == 0')]),
    'bounded_unbounded': (
        'BoundedSemaphore.release() never complains', L,
        [('        if self._value >= self._bound_value:', '        if False:')]),
    # -- Barrier
    'barrier_no_drain': (
        'a newcomer enters a barrier that is still draining', L,
        [('                _BarrierState.DRAINING, _BarrierState.RESETTING\n', '                _BarrierState.RESETTING,\n')]),
    'barrier_reset_silent': (
        'reset() releases the waiters without an error', L,
        [('        if self._state in (_BarrierState.BROKEN, _BarrierState.RESETTING):',
          '        if self._state is _BarrierState.BROKEN:')]),
    'barrier_cancel_counts': (
        'a cancelled waiter still counts as a party', L,
        [('                self._count -= 1\n',
          '                import sys\n'
          '                if not isinstance(sys.exception(), exceptions.CancelledError):\n'
          '                    self._count -= 1\n')]),
    'barrier_abort_sticky_off': (
        'abort() on an empty barrier is forgotten', L,
        [('            self._state = _BarrierState.BROKEN\n            self._cond.notify_all()',
          '            if self._count > 0:\n                self._state = _BarrierState.BROKEN\n'
          '            self._cond.notify_all()')]),
    # -- Queue
    'queue_get_lost_wakeup': (
        'a woken getter that is cancelled does not wake the next', Q,
        [('                    self._wakeup_next(self._getters)\n                raise', '                    pass\n                raise')]),
    'queue_put_lost_wakeup': (
        'a woken putter that is cancelled does not wake the next', Q,
        [('                    self._wakeup_next(self._putters)\n                raise', '                    pass\n                raise')]),
    'queue_item_lost': (
        'the item a getter was woken for is lost when that getter is cancelled', Q,
        [('                if not self.empty() and not getter.cancelled():',
          '                if getter.done() and not getter.cancelled() and not self.empty():\n'
          '                    self._get()\n'
          '                if not self.empty() and not getter.cancelled():')]),
    'queue_get_if_not_while': (
        'a woken getter does not check again whether there is an item', Q,
        [('        while self.empty():\n            if self._is_shutdown and self.empty():',
          '        if self.empty():\n            if self._is_shutdown and self.empty():')]),
    'queue_put_if_not_while': (
        'a woken putter does not check again whether there is room', Q,
        [('        while self.full():\n            if self._is_shutdown:', '        if self.full():\n            if self._is_shutdown:')]),
    'queue_shutdown_forgets_putters': (
        'shutdown() does not wake blocked putters', Q,
        [('        while self._putters:\n            putter', '        while False:\n            putter')]),
    'queue_shutdown_join': (
        'shutdown(immediate) does not count the dropped items as done', Q,
        [('                if self._unfinished_tasks > 0:\n                    self._unfinished_tasks -= 1\n            if',
          '                pass\n            if')]),
    'queue_shutdown_refuses_rest': (
        'after shutdown() even the items still in the queue are refused', Q,
        [('        if self.empty():\n            if self._is_shutdown:\n                raise QueueShutDown\n            raise QueueEmpty',
          '        if self._is_shutdown:\n            raise QueueShutDown\n        if self.empty():\n            raise QueueEmpty')]),
    'queue_join_once': (
        'put() does not rearm join()', Q,
        [('        self._finished.clear()\n', '')]),
    'queue_priority_fifo': (
        'the priority queue is first in, first out', Q,
        [('        return heappop(self._queue)', '        return self._queue.pop(0)')]),
    'queue_put_wakes_all': (
        'put() wakes every getter', Q,
        [('                waiter.set_result(None)\n                break', '                waiter.set_result(None)')]),
    # -- timeout, wait_for
    'timeout_no_uncancel': (
        'an expired timeout() leaves cancelling() raised', O,
        [('            if self._task.uncancel() <= self._cancelling and', '            if self._task.cancelling() - 1 <= self._cancelling and')]),
    'timeout_eats_cancel': (
        'an expired timeout() turns a cancellation from outside into Timeout', O,
        [('            if self._task.uncancel() <= self._cancelling and', '            if (self._task.uncancel() or True) and')]),
    'timeout_ignores_level': (
        'timeout() entered by a task being cancelled compares with 0 instead of the level at entry', O,
        [('self._cancelling = self._task.cancelling()', 'self._cancelling = 0')]),
    'timeout_zero_at_once': (
        'timeout(0) cancels at entry instead of in the next iteration', O,
        [('self._timeout_handler = loop.call_soon(self._on_timeout)', 'self._on_timeout()')]),
    'timeout_late': (
        'a timeout that is already due waits for the timer queue', O,
        [('            if when <= loop.time():', '            if False:')]),
    'wait_for_swallows_cancel': (
        'wait_for() returns the result of a finished task although its caller was cancelled in the same iteration (the bug of 3.8)', T,
        [('    async with timeouts.timeout(timeout):\n        return await fut',
          '    try:\n        async with timeouts.timeout(timeout):\n'
          '            return await fut\n    except exceptions.CancelledError:\n'
          '        if futures.isfuture(fut) and fut.done() and not fut.cancelled() and fut.exception() is None:\n'
          '            return fut.result()\n        raise')]),
    'wait_for_as_task': (
        'wait_for() runs an inline body as a task of its own (as before 3.12)', T,
        [('    async with timeouts.timeout(timeout):\n        return await fut',
          '    fut = ensure_future(fut)\n    async with timeouts.timeout(timeout):\n        return await fut')]),
    'wait_for_no_cancel': (
        'wait_for() does not cancel the target when it times out', T,
        [('    async with timeouts.timeout(timeout):\n        return await fut',
          '    fut = shield(fut)\n    async with timeouts.timeout(timeout):\n        return await fut')]),
    'wait_for_zero_no_wait': (
        'wait_for(timeout <= 0) does not wait for the cancelled target to end', T,
        [('        await _cancel_and_wait(fut)\n        try:',
          '        fut.cancel()\n        raise TimeoutError\n        try:')]),
    # -- TaskGroup
    'group_no_uncancel': (
        'the cancellation the group itself sent to its parent stays counted', G,
        [('            if self._parent_task.uncancel() == 0:', '            if self._parent_task.cancelling() - 1 == 0:')]),
    'group_eats_cancel': (
        'a cancellation of the parent that cancels the children is not raised at the end', G,
        [('        if propagate_cancellation_error is not None and not self._errors:', '        if False:')]),
    'group_no_recancel': (
        'errors hide a pending cancellation of the parent (no uncancel + cancel)', G,
        [('                self._parent_task.uncancel()\n                self._parent_task.cancel()', '                pass')]),
    'group_no_abort': (
        'a failing child does not cancel its siblings', G,
        [('            self._abort()\n            self._parent_cancel_requested = True', '            self._parent_cancel_requested = True')]),
    'group_body_error_no_abort': (
        'an error in the body does not cancel the children', G,
        [('            if not self._aborting:\n                # Our parent task is being cancelled:\n                #\n                #    async with TaskGroup() as g:',
          '            if False:\n                # Our parent task is being cancelled:\n                #\n                #    async with TaskGroup() as g:')]),
    'group_spawns_when_aborting': (
        'a group that is shutting down accepts new tasks', G,
        [('        if self._aborting:\n            coro.close()', '        if False:\n            coro.close()')]),
    'group_first_error_only': (
        'only the first error is reported', G,
        [('        self._errors.append(exc)\n        if self._is_base', '        self._errors or self._errors.append(exc)\n        if self._is_base')]),
    'group_waits_once': (
        'a second cancellation while waiting for the children ends the wait', G,
        [('                    propagate_cancellation_error = ex\n                    self._abort()\n',
          '                    propagate_cancellation_error = ex\n                    self._abort()\n'
          '                else:\n                    self._tasks.clear()\n')]),
    # -- gather, wait, shield, as_completed
    'gather_no_cancel': (
        'cancelling gather() does not cancel the children', T,
        [('            if child.cancel(msg=msg):\n                ret = True', '            ret = True')]),
    'gather_returns_cancel': (
        'a cancelled gather(return_exceptions=True) returns a list', T,
        [('            if outer._cancel_requested:', '            if False:')]),
    'gather_cancels_rest': (
        'the first error cancels the other children', T,
        [('                if exc is not None:\n                    outer.set_exception(exc)\n                    return\n\n        if nfinished',
          '                if exc is not None:\n                    outer.set_exception(exc)\n'
          '                    for c in children:\n                        c.cancel()\n                    return\n\n        if nfinished')]),
    'gather_child_cancel_is_ours': (
        'a cancelled child cancels the outer future instead of failing it', T,
        [('                exc = fut._make_cancelled_error()\n                outer.set_exception(exc)\n                return\n            else',
          '                futures.Future.cancel(outer)\n                return\n            else')]),
    'shield_leaks_cancel': (
        'shield() passes a cancellation on', T,
        [('        if not inner.done():\n            inner.remove_done_callback(_inner_done_callback)',
          '        if not inner.done():\n            inner.cancel()')]),
    'shield_deaf': (
        'shield() does not notice that the inner task was cancelled', T,
        [('        if inner.cancelled():\n            outer.cancel()\n', '        if inner.cancelled():\n            outer.set_result(None)\n')]),
    'wait_first_exception_cancel': (
        'FIRST_EXCEPTION takes a cancelled task for a failed one', T,
        [('return_when == FIRST_EXCEPTION and (not f.cancelled() and\n                                                f.exception() is not None)',
          'return_when == FIRST_EXCEPTION and (f.cancelled() or\n                                                f.exception() is not None)')]),
    'wait_first_exception_all': (
        'FIRST_EXCEPTION means ALL_COMPLETED', T,
        [('            return_when == FIRST_EXCEPTION and', '            False and')]),
    'wait_cancels': (
        'wait() cancels its tasks when it is cancelled', T,
        [('    try:\n        await waiter\n    finally:\n        if timeout_handle',
          '    try:\n        await waiter\n    except exceptions.CancelledError:\n        for f in fs:\n'
          '            f.cancel()\n        raise\n    finally:\n        if timeout_handle')]),
    'as_completed_sorted': (
        'as_completed() yields the newest completion first', T,
        [('        self._done = queues.Queue()', '        self._done = queues.LifoQueue()')]),
    'as_completed_one_timeout': (
        'as_completed() reports a timeout once, not for every one left', T,
        [('            self._done.put_nowait(None)  # Sentinel for _wait_for_one().',
          '            self._done.empty() and self._done.put_nowait(None)')]),
    'sleep_zero_is_nothing': (
        'sleep(0) does not yield', T,
        [('    if delay <= 0:\n        await __sleep0()\n', '    if delay <= 0:\n')]),
    'sleep_zero_is_timer': (
        'sleep(0) goes through the timer queue', T,
        [('    if delay <= 0:\n        await __sleep0()\n        return result\n', '')]),
    'sleep_leaks_timer': (
        'a cancelled sleep leaves its timer set', T,
        [('        return await future\n    finally:\n        h.cancel()', '        return await future\n    finally:\n        pass')]),
    # -- Task (pure-Python Task needed)
    'task_cancel_when_ready_lost': (
        'cancel() on a task that is ready to run is lost', T,
        [('        self._must_cancel = True\n        self._cancel_message = msg\n        return True',
          '        self._cancel_message = msg\n        return True')], 'py'),
    'task_cancel_ready_delivered_late': (
        'cancel() on a ready task strikes at its next await instead of now', T,
        [('        if self._must_cancel:\n            if not isinstance(exc, exceptions.CancelledError):\n'
          '                exc = self._make_cancelled_error()\n            self._must_cancel = False\n        self._fut_waiter = None',
          '        self._fut_waiter = None')], 'py'),
    'task_cancel_once': (
        'a second cancel() while one is pending is refused', T,
        [('        # if self._num_cancels_requested > 1:\n        #     return False',
          '        if self._num_cancels_requested > 1:\n            return False')], 'py'),
    'task_uncancel_keeps_must': (
        'uncancel() to 0 does not drop a cancellation not yet delivered', T,
        [('            if self._num_cancels_requested == 0:\n                self._must_cancel = False\n', '')], 'py'),
    'task_uncancel_never_zero': (
        'uncancel() goes below zero', T,
        [('        if self._num_cancels_requested > 0:\n            self._num_cancels_requested -= 1',
          '        if True:\n            self._num_cancels_requested -= 1')], 'py'),
    'task_cancel_last_step': (
        'cancel() during the last step of a task is ignored', T,
        [('            if self._must_cancel:\n                # Task is cancelled right before coro stops.',
          '            if False:\n                # Task is cancelled right before coro stops.')], 'py'),
    'task_message_lost': (
        'cancel(msg) drops the message', T,
        [('            if self._fut_waiter.cancel(msg=msg):', '            if self._fut_waiter.cancel():')], 'py'),
    'task_first_step_soon': (
        'create_task() runs the first step at once', T,
        [('            self._loop.call_soon(self.__step, context=self._context)\n            _register_task(self)',
          '            _register_task(self)\n            if current_task(self._loop) is None:\n'
          '                self._loop.call_soon(self.__step, context=self._context)\n            else:\n'
          '                prev = _swap_current_task(self._loop, None)\n'
          '                try:\n                    self.__step()\n'
          '                finally:\n                    _swap_current_task(self._loop, prev)')], 'py'),
    'task_started_cancel': (
        'a task cancelled before its first step runs up to its first await', T,
        [('        if self._must_cancel:\n            if not isinstance(exc, exceptions.CancelledError):',
          '        import inspect as _i\n'
          '        if self._must_cancel and _i.getcoroutinestate(self._coro) != "CORO_CREATED":\n'
          '            if not isinstance(exc, exceptions.CancelledError):')], 'py'),
    # -- Future, loop
    'future_callbacks_now': (
        'a future runs its callbacks at once instead of in the next iteration', F,
        [('        for callback, ctx in callbacks:\n            self._loop.call_soon(callback, self, context=ctx)',
          '        for callback, ctx in callbacks:\n            if hasattr(callback, "__self__"):\n'
          '                self._loop.call_soon(callback, self, context=ctx)\n            else:\n'
          '                ctx.run(callback, self)')], 'py'),
    'future_callbacks_lifo': (
        'the callbacks of a future run in reverse order', F,
        [('        for callback, ctx in callbacks:', '        for callback, ctx in reversed(callbacks):')], 'py'),
    'future_await_done_yields': (
        'awaiting a future that is done gives up one iteration', F,
        [('    def __await__(self):\n        if not self.done():',
          '    def __await__(self):\n        if self.done():\n            yield\n        if not self.done():')], 'py'),
    'future_cancel_done_true': (
        'cancel() on a finished future answers true', F,
        [('        self.__log_traceback = False\n        if self._state != _PENDING:\n            return False',
          '        self.__log_traceback = False\n        if self._state != _PENDING:\n            return True')], 'py'),
    'loop_no_batch': (
        'the loop looks at the timers after every callback, not once an iteration', B,
        [('        ntodo = len(self._ready)\n', '        ntodo = min(1, len(self._ready))\n')]),
    'loop_timers_first': (
        'timers that are due run before what is ready already', B,
        [('            handle._scheduled = False\n            self._ready.append(handle)',
          '            handle._scheduled = False\n            self._ready.insert(self._due, handle)\n            self._due += 1'),
         ('        end_time = self.time() + self._clock_resolution\n',
          '        end_time = self.time() + self._clock_resolution\n        self._due = 0\n')]),
    'loop_lifo': (
        'the ready queue is last in, first out', B,
        [('            handle = self._ready.popleft()', '            handle = self._ready.pop()')]),
    'loop_posts_overtaken': (
        'call_soon_threadsafe() in the turn is overtaken by what is scheduled later in that iteration', B,
        [('        handle = self._call_soon(callback, args, context)\n        if handle._source_traceback:\n'
          '            del handle._source_traceback[-1]\n        self._write_to_self()',
          '        handle = events.Handle(callback, args, self, context)\n'
          '        self.__dict__.setdefault("_posts", []).append(handle)'),
         ('        end_time = self.time() + self._clock_resolution\n',
          '        self._ready.extend(self.__dict__.pop("_posts", ()))\n'
          '        end_time = self.time() + self._clock_resolution\n')]),
    'loop_cancelled_handle_runs': (
        'a timer cancelled after it became due, but before it ran, runs nevertheless', 'asyncio.events',
        [('    def cancel(self):\n        if not self._cancelled:\n            self._cancelled = True',
          '    def cancel(self):\n        if not self._cancelled and getattr(self, "_scheduled", True):\n'
          '            self._cancelled = True')]),
}


class _Loader(importlib.machinery.SourceFileLoader):
    patches = ()

    def get_code(self, fullname):
        src = self.get_data(self.path).decode()
        return compile(apply(src, self.patches), self.path, 'exec', dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, module, patches):
        self.module = module
        self.patches = patches

    def find_spec(self, fullname, path, target=None):
        if fullname != self.module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        spec.loader = _Loader(fullname, spec.origin)
        spec.loader.patches = self.patches
        return spec


def apply(src, patches):
    for old, new in patches:
        n = src.count(old)
        if n != 1:
            raise SystemExit('patch applies %d times: %r' % (n, old))
        src = src.replace(old, new)
    return src


def install(name):
    if 'asyncio' in sys.modules:
        raise RuntimeError('asyncio is already imported')
    m = MUTANTS[name]
    sys.meta_path.insert(0, _Finder(m[1], m[2]))
    return m[3] if len(m) > 3 else 'c'


def main():
    if '--check' in sys.argv:
        for name, m in MUTANTS.items():
            spec = importlib.util.find_spec(m[1])
            compile(apply(open(spec.origin).read(), m[2]), m[1], 'exec')
        print('%d patches apply' % len(MUTANTS))
        return
    for name, m in MUTANTS.items():
        print('%-32s %s' % (name, m[0]))


if __name__ == '__main__':
    import importlib.util
    main()
