#!/usr/bin/env python3
"""Reference runner: executes conformance scenarios on CPython 3.13's asyncio.

The program and trace formats are described in SPEC.md.  The runner interprets
a scenario with the real asyncio primitives on an event loop whose clock is
virtual: the stock BaseEventLoop (its _run_once is used unchanged) with a
selector that never waits and moves the clock to the next deadline instead.

Usage:
  asyncio_runner.py scenario.json [...]        print the traces as text
  asyncio_runner.py -                          one scenario on standard input
  asyncio_runner.py --jsonl in.jsonl           one JSON answer a line: {"name", "trace"}
  asyncio_runner.py --jsonl - --digest         {"name", "sha256", "lines"}
Options: --impl c|py  --mutant NAME  --ticks  --no-messages
"""
import contextvars
import hashlib
import heapq
import json
import os
import signal
import sys


def _early(flag, default):
    """Options that must be known before asyncio is imported."""
    for i, a in enumerate(sys.argv):
        if a == flag and i + 1 < len(sys.argv):
            return sys.argv[i + 1]
        if a.startswith(flag + '='):
            return a[len(flag) + 1:]
    return default


IMPL = _early('--impl', os.environ.get('CONF_IMPL', 'c'))
MUTANT = _early('--mutant', os.environ.get('CONF_MUTANT', ''))

if MUTANT:
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import asyncio_mutants as mutants
    if mutants.install(MUTANT) == 'py':
        IMPL = 'py'
if IMPL == 'py':
    # Importing _asyncio fails, so asyncio falls back to its pure-Python
    # Task and Future everywhere (also as the base of gather's future).
    sys.modules['_asyncio'] = None

import asyncio                                        # noqa: E402
from asyncio import events, futures, locks, queues, tasks, taskgroups  # noqa: E402,F401

if sys.version_info[:2] != (3, 13):
    sys.stderr.write('warning: the reference is CPython 3.13, this is %s\n' % sys.version.split()[0])
if IMPL == 'py':
    assert asyncio.Task is tasks._PyTask, 'the pure-Python Task was asked for'
elif not MUTANT:
    assert asyncio.Task.__module__ == '_asyncio', 'the C Task was asked for'

CancelledError = asyncio.CancelledError

MAX_STEPS = 1000          # default bound on executed instructions
MAX_TICKS = 50000         # guard against a broken implementation; never reached by CPython
CANCEL_MESSAGES = True


class Boom(Exception):
    """The application error of a scenario: Boom(n)."""


class Deadlock(BaseException):
    """Raised out of the selector: nothing is ready and no timer is set."""


class Halt(BaseException):
    """Raised to unwind everything once the trace is closed."""


class Skip(Exception):
    """An instruction that cannot be carried out (unbound name...)."""


class Ret:
    __slots__ = ('value',)

    def __init__(self, value):
        self.value = value


# --------------------------------------------------------------------------
# The loop

class SeqTimerHandle(events.TimerHandle):
    """A timer ordered by (deadline, order of creation)."""

    __slots__ = ('seq',)

    def __lt__(self, other):
        if self._when != other._when:
            return self._when < other._when
        return self.seq < other.seq


class VirtualLoop(asyncio.BaseEventLoop):
    """asyncio's own loop on a virtual clock counting whole milliseconds.

    loop.time() is an int; every delay given to asyncio is an int number of
    milliseconds.  The clock resolution is 1, so that exactly the timers with
    deadline <= now are due.  Timers with equal deadlines run in the order in
    which they were set (asyncio leaves that order undefined).
    """

    def __init__(self):
        super().__init__()
        self._selector = self
        self._clock_resolution = 1
        self._now = 0
        self._timer_seq = 0
        self.ticks = 0
        self.halted = False
        self.slow_callback_duration = 1 << 60

    def time(self):
        return self._now

    def select(self, timeout):
        if self.halted:
            raise Halt
        if timeout is None:
            raise Deadlock
        if timeout > 0:
            self._now += timeout
        self.ticks += 1
        if self.ticks > MAX_TICKS:
            raise RuntimeError('runaway: too many loop iterations')
        return ()

    def _write_to_self(self):       # wakes a selector that waits: ours never does
        pass

    def _process_events(self, event_list):
        pass

    def call_at(self, when, callback, *args, context=None):
        self._check_closed()
        timer = SeqTimerHandle(when, callback, args, self, context)
        self._timer_seq += 1
        timer.seq = self._timer_seq
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer


class OrderedSet(dict):
    """Stands in for sets of tasks whose order asyncio leaves to hashing."""

    __slots__ = ()

    def add(self, x):
        self[x] = None

    def discard(self, x):
        self.pop(x, None)

    def remove(self, x):
        del self[x]


class OrderedTaskGroup(taskgroups.TaskGroup):
    """A TaskGroup whose tasks have an order, and which can start them eagerly."""

    def __init__(self):
        super().__init__()
        self._tasks = OrderedSet()

    def create_eager_task(self, coro, name):
        """create_task() as from CPython 3.13.2 on, with an eager start.

        3.13.0 treats a task that is done already as if its callback had run,
        which cancels the parent too early (gh-128588) and forgets to cancel a
        child that is still being created (gh-128550).
        """
        if self._exiting and not self._tasks or self._aborting:
            coro.close()
            raise RuntimeError('the group is finished or shutting down')
        task = asyncio.Task(coro, loop=self._loop, name=name, eager_start=True)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_done)
        return task


class OrderedAsCompleted(tasks._AsCompletedIterator):
    """as_completed with its set of futures replaced by one in argument order."""

    def __init__(self, aws, timeout):
        super().__init__((), None)
        loop = asyncio.get_running_loop()
        todo = OrderedSet()
        for aw in dict.fromkeys(aws):
            todo.add(aw)
        for f in todo:
            f.add_done_callback(self._handle_completion)
        if todo and timeout is not None:
            self._timeout_handle = loop.call_later(timeout, self._handle_timeout)
        self._todo = todo
        self._todo_left = len(todo)


# --------------------------------------------------------------------------
# Rendering

NAMES = {
    'TimeoutError': 'Timeout',
    'QueueFull': 'QueueFull',
    'QueueEmpty': 'QueueEmpty',
    'QueueShutDown': 'QueueShutDown',
    'InvalidStateError': 'InvalidState',
    'BrokenBarrierError': 'BrokenBarrier',
    'RuntimeError': 'RuntimeError',
    'ValueError': 'ValueError',
}


def kind(e):
    if isinstance(e, CancelledError):
        if CANCEL_MESSAGES and e.args and e.args[0]:
            return 'Cancelled(%s)' % json.dumps(e.args[0])
        return 'Cancelled'
    if isinstance(e, Boom):
        return 'Boom(%d)' % e.args[0]
    if isinstance(e, BaseExceptionGroup):
        return 'ExceptionGroup[%s]' % ','.join(kind(x) for x in e.exceptions)
    n = type(e).__name__
    return NAMES.get(n) or 'Other(%s: %s)' % (n, e)


def show(v):
    if v is None:
        return 'null'
    if v is True:
        return 'true'
    if v is False:
        return 'false'
    if isinstance(v, int):
        return str(v)
    if isinstance(v, str):
        return json.dumps(v)
    if isinstance(v, list):
        return '[%s]' % ','.join(show(x) for x in v)
    if isinstance(v, BaseException):
        return '!' + kind(v)
    return 'Other(%s)' % type(v).__name__


def good(v):
    return 'ok' if v is None else 'ok:' + show(v)


def blocked(waiters):
    """The number of callers that are blocked and not yet woken or cancelled."""
    return sum(not w.done() for w in waiters or ())


def fut_state(f):
    if not f.done():
        return 'pending'
    if f.cancelled():
        return 'cancelled'
    e = f.exception()
    return '!' + kind(e) if e is not None else good(f.result())


def obj_state(k, o):
    if k == 'lock':
        return '%s waiters=%d' % ('locked' if o.locked() else 'unlocked', blocked(o._waiters))
    if k == 'event':
        return '%s waiters=%d' % ('set' if o.is_set() else 'unset', blocked(o._waiters))
    if k == 'condition':
        return '%s waiters=%d' % ('locked' if o.locked() else 'unlocked', blocked(o._waiters))
    if k in ('semaphore', 'bounded_semaphore'):
        return 'value=%d locked=%s waiters=%d' % (o._value, show(o.locked()), blocked(o._waiters))
    if k == 'barrier':
        return '%s n_waiting=%d' % (o._state.value, o.n_waiting)
    if k == 'queue':
        items = list(o._queue)
        if type(o) is queues.PriorityQueue:
            items.sort()
        return 'items=%s getters=%d putters=%d unfinished=%d%s' % (
            show(items), blocked(o._getters), blocked(o._putters),
            o._unfinished_tasks, ' shutdown' if o._is_shutdown else '')
    if k == 'future':
        return fut_state(o)
    raise AssertionError(k)


CMP = {
    '>=': lambda a, b: a >= b,
    '<=': lambda a, b: a <= b,
    '==': lambda a, b: a == b,
    '!=': lambda a, b: a != b,
    '>': lambda a, b: a > b,
    '<': lambda a, b: a < b,
}

# Letters naming the nested blocks in an instruction's path.
BLOCKS = (('body', 'b'), ('handler', 'h'), ('finally', 'f'), ('then', 't'),
          ('else', 'e'), ('do', 'd'))

RETURN_WHEN = {n: n for n in ('FIRST_COMPLETED', 'FIRST_EXCEPTION', 'ALL_COMPLETED')}


# --------------------------------------------------------------------------
# The interpreter

class Run:
    """One execution of one scenario."""

    def __init__(self, scenario, ticks=False):
        self.sc = scenario
        self.trace = []
        self.with_ticks = ticks
        self.steps = 0
        self.max_steps = scenario.get('max_steps', MAX_STEPS)
        self.closed = False
        self.vars = {}
        self.objs = {}            # name -> (kind, object)
        self.names = {}           # awaitable name -> future or task
        self.groups = {}
        self.timeouts = {}
        self.handles = {}
        self.callbacks = {}
        self.tokens = {}          # of context variables
        self.tasks = []           # every task instance in creation order
        self.spawned = {}
        self.keep = []            # strong references to unnamed futures
        self.cb_name = None       # set while a callback runs
        self.caught = {}          # task -> stack of exceptions being handled
        self.bodies = {}
        self.loop = VirtualLoop()

    # -- trace ------------------------------------------------------------

    def line(self, s):
        if not self.closed:
            self.trace.append(s)

    def who(self):
        # A task that starts eagerly inside a callback is the current task there.
        t = tasks.current_task(self.loop)
        return self.cb_name if t is None else t.get_name()

    def emit(self, path, op, outcome):
        if not self.closed:
            t = str(self.loop._now)
            if self.with_ticks:
                t += '@%d' % self.loop.ticks
            self.trace.append('%s %s %s %s %s' % (t, self.who(), path, op, outcome))

    def emit_exc(self, path, op, e, more=''):
        if not self.closed:
            self.emit(path, op, '!' + kind(e) + more)

    # -- loading ----------------------------------------------------------

    def compile(self, body, prefix=''):
        out = []
        for i, ins in enumerate(body):
            path = '%s%d' % (prefix, i)
            op = ins['op']
            sub = {k: self.compile(ins[k], '%s.%s' % (path, c)) for k, c in BLOCKS if k in ins}
            if op in ASYNC:
                fn, is_async = ASYNC[op], True
            elif op in SYNC:
                fn, is_async = SYNC[op], False
            else:
                raise ValueError('unknown op %r at %s' % (op, path))
            out.append((fn, is_async, ins, path, sub))
        return out

    def make_objects(self):
        for o in self.sc.get('objects', ()):
            n, k = o['name'], o['kind']
            if k == 'lock':
                x = asyncio.Lock()
            elif k == 'event':
                x = asyncio.Event()
            elif k == 'condition':
                lk = self.objs.get(o.get('lock'))
                x = asyncio.Condition(lk[1] if lk else None)
            elif k == 'semaphore':
                x = asyncio.Semaphore(o.get('value', 1))
            elif k == 'bounded_semaphore':
                x = asyncio.BoundedSemaphore(o.get('value', 1))
            elif k == 'barrier':
                x = asyncio.Barrier(o['parties'])
            elif k == 'queue':
                cls = {'fifo': asyncio.Queue, 'lifo': asyncio.LifoQueue,
                       'priority': asyncio.PriorityQueue}[o.get('type', 'fifo')]
                x = cls(o.get('maxsize', 0))
            elif k == 'future':
                x = self.loop.create_future()
                self.names[n] = x
            elif k == 'var':
                self.vars[n] = o.get('value', 0)
                continue
            elif k == 'ctxvar':
                x = (contextvars.ContextVar(n, default=o['value']) if o.get('value') is not None
                     else contextvars.ContextVar(n))
            else:
                raise ValueError('unknown kind %r' % k)
            self.objs[n] = (k, x)

    # -- names ------------------------------------------------------------

    def obj(self, ins, *kinds, key='obj'):
        o = self.objs.get(ins[key])
        if o is None or o[0] not in kinds:
            raise Skip('unbound')
        return o[1]

    def var(self, name):
        if name not in self.vars:
            raise Skip('unbound')
        return self.vars[name]

    def ref(self, name):
        if name == 'self':
            t = tasks.current_task(self.loop)
        else:
            t = self.names.get(name)
        if t is None:
            raise Skip('unbound')
        return t

    def aw(self, e):
        """An awaitable expression: a name, {"shield": E} or {"gather": [E...]}."""
        if isinstance(e, str):
            return self.ref(e)
        if 'shield' in e:
            f = asyncio.shield(self.aw(e['shield']))
        elif 'gather' in e:
            fs = [self.aw(x) for x in e['gather']]
            f = asyncio.gather(*fs, return_exceptions=bool(e.get('return_exceptions')))
        else:
            raise ValueError('bad awaitable %r' % (e,))
        self.keep.append(f)
        return f

    def value(self, ins):
        return ins.get('value')

    # -- execution --------------------------------------------------------

    def count(self):
        self.steps += 1
        if self.closed:
            raise Halt
        if self.steps > self.max_steps:
            self.line('= STEP_LIMIT')
            self.closed = True
            self.loop.halted = True
            raise Halt

    async def block(self, code):
        for fn, is_async, ins, path, sub in code:
            self.count()
            if is_async:
                r = await fn(self, ins, path, sub)
            else:
                r = self.sync(fn, ins, path, sub)
            if r is not None:
                return r
        return None

    def sync(self, fn, ins, path, sub):
        op = ins['op']
        try:
            v = fn(self, ins, path, sub)
        except Skip as e:
            self.emit(path, op, 'skip:%s' % e)
            return None
        except (Halt, GeneratorExit):
            raise
        except BaseException as e:
            self.emit_exc(path, op, e)
            if ins.get('soft') and isinstance(e, Exception):
                return None
            raise
        if type(v) is Ret:
            self.emit(path, op, good(v.value))
            return v
        self.emit(path, op, good(v))
        return None

    def run_callback(self, name, code, first=None):
        prev = self.cb_name
        self.cb_name = 'cb:' + name
        try:
            if self.closed:
                return
            self.emit('-', 'callback', first or 'ok')
            for fn, is_async, ins, path, sub in code:
                self.count()
                if is_async:
                    self.emit(path, ins['op'], 'skip:async')
                    continue
                if self.sync(fn, ins, path, sub) is not None:
                    return
        except Halt:
            return
        finally:
            self.cb_name = prev

    async def task_body(self, tdef):
        self.emit('-', 'start', 'ok')
        try:
            r = await self.block(self.bodies[tdef])
        except (Halt, GeneratorExit):
            raise
        except BaseException as e:
            self.emit_exc('-', 'end', e)
            raise
        v = r.value if r is not None else None
        self.emit('-', 'end', good(v))
        return v

    async def inline(self, code):
        r = await self.block(code)
        return r.value if r is not None else None

    def new_task(self, tdef, group=None, eager=False):
        if tdef not in self.bodies:
            raise Skip('unbound')
        n = self.spawned.get(tdef, 0) + 1
        name = tdef if n == 1 else '%s#%d' % (tdef, n)
        coro = self.task_body(tdef)
        if eager:
            t = (asyncio.Task(coro, loop=self.loop, name=name, eager_start=True) if group is None
                 else group.create_eager_task(coro, name))
        elif group is None:
            t = self.loop.create_task(coro, name=name)
        else:
            t = group.create_task(coro, name=name)
        self.spawned[tdef] = n
        self.tasks.append(t)
        self.names[tdef] = t
        return t

    # -- the run ----------------------------------------------------------

    def on_loop_exception(self, loop, context):
        if 'handle' in context and not self.closed:
            self.line('%d loop - exception_handler !%s' % (self.loop._now, kind(context['exception'])))

    def dump(self, title):
        self.line('= %s %d' % (title, self.loop._now))
        for o in self.sc.get('objects', ()):
            n, k = o['name'], o['kind']
            if k == 'ctxvar':
                continue               # its values belong to contexts
            if k == 'var':
                self.line('var %s %d' % (n, self.vars[n]))
            else:
                self.line('obj %s %s %s' % (n, k, obj_state(k, self.objs[n][1])))
        for t in self.tasks:
            self.line('task %s %s cancelling=%d' % (t.get_name(), fut_state(t), t.cancelling()))

    def main(self):
        loop = self.loop
        loop.set_exception_handler(self.on_loop_exception)
        loop.set_debug(False)
        try:
            # Objects are made, and the main task created, before the loop runs.
            self.make_objects()
            for t in self.sc['tasks']:
                self.bodies[t['name']] = self.compile(t['body'])
            main = self.new_task('main')
            try:
                v = loop.run_until_complete(main)
            except Deadlock:
                self.line('= DEADLOCK')
            except (Halt, GeneratorExit):
                raise
            except BaseException as e:
                if not main.done():
                    raise
                self.line('= MAIN !%s' % kind(e))
            else:
                self.line('= MAIN %s' % good(v))
            self.dump('STATE')
            # What asyncio.run() does to the tasks left over, in creation order.
            left = [t for t in self.tasks if not t.done()]
            self.line('= SHUTDOWN' + ''.join(' ' + t.get_name() for t in left))
            if left:
                for t in left:
                    t.cancel()
                g = futures = None
                try:
                    loop.run_until_complete(self.gather_all(left))
                except Deadlock:
                    self.line('= DEADLOCK')
            self.dump('FINAL')
            self.closed = True
        except Halt:
            pass
        finally:
            self.closed = True
            self.teardown()
        return self.trace

    def gather_all(self, left):
        events._set_running_loop(self.loop)     # gather() wants a current loop
        try:
            g = asyncio.gather(*left, return_exceptions=True)
        finally:
            events._set_running_loop(None)
        self.keep.append(g)
        return g

    def teardown(self):
        for t in self.tasks:
            if not t.done():
                t._log_destroy_pending = False
                try:
                    t.get_coro().close()
                except BaseException:
                    pass
        self.loop._ready.clear()
        self.loop._scheduled.clear()
        self.loop.close()


# --------------------------------------------------------------------------
# Instructions.  ASYNC[op](run, ins, path, sub) may block; SYNC may not.

SYNC = {}
ASYNC = {}


def sync(name):
    def deco(f):
        SYNC[name] = f
        return f
    return deco


def scope(name):
    def deco(f):
        ASYNC[name] = f
        return f
    return deco


def simple(name, make):
    """A blocking instruction: one await, one trace line."""
    async def fn(run, ins, path, sub):
        try:
            v = await make(run, ins, sub)
        except Skip as e:
            run.emit(path, name, 'skip:%s' % e)
            return None
        except (Halt, GeneratorExit):
            raise
        except BaseException as e:
            run.emit_exc(path, name, e)
            if ins.get('soft') and isinstance(e, Exception):
                return None
            raise
        run.emit(path, name, good(v))
        return None
    ASYNC[name] = fn


ACQ = ('lock', 'condition', 'semaphore', 'bounded_semaphore')

simple('sleep', lambda r, i, s: asyncio.sleep(i['ms']))
simple('yield', lambda r, i, s: asyncio.sleep(0))
simple('acquire', lambda r, i, s: r.obj(i, *ACQ).acquire())
simple('cond_wait', lambda r, i, s: r.obj(i, 'condition').wait())
simple('event_wait', lambda r, i, s: r.obj(i, 'event').wait())
simple('barrier_wait', lambda r, i, s: r.obj(i, 'barrier').wait())
simple('barrier_abort', lambda r, i, s: r.obj(i, 'barrier').abort())
simple('barrier_reset', lambda r, i, s: r.obj(i, 'barrier').reset())
simple('put', lambda r, i, s: r.obj(i, 'queue').put(i['value']))
simple('get', lambda r, i, s: r.obj(i, 'queue').get())
simple('join', lambda r, i, s: r.obj(i, 'queue').join())


def _cond_wait_for(r, i, s):
    c = r.obj(i, 'condition')
    r.var(i['var'])
    cmp = CMP[i['cmp']]
    return c.wait_for(lambda: cmp(r.vars[i['var']], i['value']))


simple('cond_wait_for', _cond_wait_for)


async def _await(f):
    return await f


def _await_op(r, i, s):
    return _await(r.aw(i['target']))


simple('await', _await_op)


def _wait_for(r, i, s):
    if 'target' in i:
        return asyncio.wait_for(r.aw(i['target']), i.get('ms'))
    return asyncio.wait_for(r.inline(s['body']), i.get('ms'))


simple('wait_for', _wait_for)


def _wait(r, i, s):
    fs = [r.aw(x) for x in i['targets']]

    async def go():
        # asyncio makes a set of the arguments; its order is not observable here.
        done, pending = await asyncio.wait(
            fs, timeout=i.get('ms'), return_when=RETURN_WHEN[i.get('when', 'ALL_COMPLETED')])
        return [k for k, f in enumerate(fs) if f in done]
    return go()


simple('wait', _wait)


@scope('with')
async def _with(run, ins, path, sub):
    try:
        o = run.obj(ins, 'lock', 'condition', 'semaphore', 'bounded_semaphore', 'barrier')
    except Skip as e:
        run.emit(path, 'with.enter', 'skip:%s' % e)
        return await run.block(sub['body'])
    entered = False
    try:
        async with o as v:
            entered = True
            run.emit(path, 'with.enter', good(v))
            r = await run.block(sub['body'])
    except (Halt, GeneratorExit):
        raise
    except BaseException as e:
        run.emit_exc(path, 'with.exit' if entered else 'with.enter', e)
        if ins.get('soft') and isinstance(e, Exception):
            return None
        raise
    run.emit(path, 'with.exit', 'ok')
    return r


@scope('timeout')
async def _timeout(run, ins, path, sub):
    cm = asyncio.timeout(ins.get('ms'))
    try:
        async with cm:
            if 'name' in ins:
                run.timeouts[ins['name']] = cm
            run.emit(path, 'timeout.enter', 'ok')
            r = await run.block(sub['body'])
    except (Halt, GeneratorExit):
        raise
    except BaseException as e:
        run.emit_exc(path, 'timeout.exit', e, ' expired=%s' % show(cm.expired()))
        if ins.get('soft') and isinstance(e, Exception):
            return None
        raise
    run.emit(path, 'timeout.exit', 'ok expired=%s' % show(cm.expired()))
    return r


@scope('group')
async def _group(run, ins, path, sub):
    g = OrderedTaskGroup()
    run.keep.append(g)
    try:
        async with g:
            if 'name' in ins:
                run.groups[ins['name']] = g
            run.emit(path, 'group.enter', 'ok')
            r = await run.block(sub['body'])
    except (Halt, GeneratorExit):
        raise
    except BaseException as e:
        run.emit_exc(path, 'group.exit', e)
        if ins.get('soft') and isinstance(e, Exception):
            return None
        raise
    run.emit(path, 'group.exit', 'ok')
    return r


@scope('as_completed')
async def _as_completed(run, ins, path, sub):
    try:
        fs = [run.aw(x) for x in ins['targets']]
    except Skip as e:
        run.emit(path, 'as_completed', 'skip:%s' % e)
        return None
    code = sub.get('body', ())
    try:
        it = OrderedAsCompleted(fs, ins.get('ms'))
        run.keep.append(it)
        if ins.get('mode', 'async') == 'async':
            async for f in it:
                run.emit(path, 'as_completed.item', 'ok:%d' % fs.index(f))
                r = await run.block(code)
                if r is not None:
                    run.emit(path, 'as_completed', 'ok')
                    return r
        else:
            for c in it:
                try:
                    v = await c
                except (Halt, GeneratorExit):
                    raise
                except BaseException as e:
                    run.emit_exc(path, 'as_completed.item', e)
                    if not (ins.get('soft') and isinstance(e, Exception)):
                        raise
                else:
                    run.emit(path, 'as_completed.item', good(v))
                r = await run.block(code)
                if r is not None:
                    run.emit(path, 'as_completed', 'ok')
                    return r
    except (Halt, GeneratorExit):
        raise
    except BaseException as e:
        run.emit_exc(path, 'as_completed', e)
        if ins.get('soft') and isinstance(e, Exception):
            return None
        raise
    run.emit(path, 'as_completed', 'ok')
    return None


def catches(what, e):
    if isinstance(e, (Halt, GeneratorExit)):
        return False
    if what == 'all':
        return True
    if what == 'cancelled':
        return isinstance(e, CancelledError)
    if what == 'error':
        return isinstance(e, Exception)
    if what == 'timeout':
        return isinstance(e, TimeoutError)
    if what == 'group':
        return isinstance(e, BaseExceptionGroup)
    if what == 'boom':
        return isinstance(e, Boom)
    raise ValueError('bad catch %r' % what)


@scope('try')
async def _try(run, ins, path, sub):
    ret = None
    try:
        try:
            ret = await run.block(sub['body'])
        except BaseException as e:
            if not ins.get('catch') or not catches(ins['catch'], e):
                raise
            run.emit(path, 'catch', kind(e))
            t = tasks.current_task(run.loop)
            stack = run.caught.setdefault(t, [])
            stack.append(e)
            try:
                ret = await run.block(sub.get('handler', ()))
            finally:
                stack.pop()
    finally:
        if 'finally' in sub and not run.closed:
            run.emit(path, 'finally', 'ok')
            await run.block(sub['finally'])      # a return in there only ends the block
    return ret


@scope('repeat')
async def _repeat(run, ins, path, sub):
    for _ in range(ins['count']):
        r = await run.block(sub['body'])
        if r is not None:
            return r
    return None


@scope('if')
async def _if(run, ins, path, sub):
    try:
        ok = CMP[ins['cmp']](run.var(ins['var']), ins['value'])
    except Skip as e:
        run.emit(path, 'if', 'skip:%s' % e)
        return None
    run.emit(path, 'if', good(ok))
    return await run.block(sub.get('then' if ok else 'else', ()))


# -- not blocking

@sync('log')
def _log(r, i, p, s):
    return i.get('value')


@sync('burn')
def _burn(r, i, p, s):
    r.loop._now += max(0, i['ms'])


@sync('release')
def _release(r, i, p, s):
    return r.obj(i, *ACQ).release()


@sync('notify')
def _notify(r, i, p, s):
    return r.obj(i, 'condition').notify(i.get('n', 1))


@sync('notify_all')
def _notify_all(r, i, p, s):
    return r.obj(i, 'condition').notify_all()


@sync('event_set')
def _event_set(r, i, p, s):
    return r.obj(i, 'event').set()


@sync('event_clear')
def _event_clear(r, i, p, s):
    return r.obj(i, 'event').clear()


@sync('put_nowait')
def _put_nowait(r, i, p, s):
    return r.obj(i, 'queue').put_nowait(i['value'])


@sync('get_nowait')
def _get_nowait(r, i, p, s):
    return r.obj(i, 'queue').get_nowait()


@sync('task_done')
def _task_done(r, i, p, s):
    return r.obj(i, 'queue').task_done()


@sync('shutdown')
def _shutdown(r, i, p, s):
    return r.obj(i, 'queue').shutdown(bool(i.get('immediate')))


@sync('state')
def _state(r, i, p, s):
    o = r.objs.get(i['obj'])
    if o is None or o[0] == 'ctxvar':
        raise Skip('unbound')
    return obj_state(*o)


@sync('var_get')
def _var_get(r, i, p, s):
    return r.var(i['var'])


@sync('var_set')
def _var_set(r, i, p, s):
    r.var(i['var'])
    r.vars[i['var']] = i['value']


@sync('var_add')
def _var_add(r, i, p, s):
    r.vars[i['var']] = r.var(i['var']) + i['n']
    return r.vars[i['var']]


@sync('spawn')
def _spawn(r, i, p, s):
    g = None
    if 'group' in i:
        g = r.groups.get(i['group'])
        if g is None:
            raise Skip('unbound')
    r.new_task(i['task'], g, bool(i.get('eager')))


@sync('let')
def _let(r, i, p, s):
    r.names[i['name']] = r.aw(i['aw'])


@sync('cancel')
def _cancel(r, i, p, s):
    t = r.ref(i['target'])
    return t.cancel(i['msg']) if 'msg' in i else t.cancel()


def _task(r, i):
    t = r.ref(i['target'])
    if not hasattr(t, 'uncancel'):
        raise Skip('not-a-task')
    return t


@sync('uncancel')
def _uncancel(r, i, p, s):
    return _task(r, i).uncancel()


@sync('cancelling')
def _cancelling(r, i, p, s):
    return _task(r, i).cancelling()


@sync('query')
def _query(r, i, p, s):
    f = r.ref(i['target'])
    w = i['what']
    if w == 'done':
        return f.done()
    if w == 'cancelled':
        return f.cancelled()
    if w == 'result':
        return f.result()
    if w == 'exception':
        return f.exception()
    raise ValueError(w)


@sync('set_result')
def _set_result(r, i, p, s):
    return r.obj(i, 'future').set_result(i.get('value'))


@sync('set_exception')
def _set_exception(r, i, p, s):
    return r.obj(i, 'future').set_exception(make_exc(i))


def make_exc(i):
    x = i.get('exc', 'boom')
    if x == 'boom':
        return Boom(i.get('n', 0))
    if x == 'cancelled':
        return CancelledError(i['msg']) if 'msg' in i else CancelledError()
    if x == 'timeout':
        return TimeoutError()
    raise ValueError(x)


@sync('raise')
def _raise(r, i, p, s):
    raise make_exc(i)


@sync('reraise')
def _reraise(r, i, p, s):
    stack = r.caught.get(tasks.current_task(r.loop))
    if not stack:
        raise Skip('nothing-caught')
    raise stack[-1]


@sync('return')
def _return(r, i, p, s):
    return Ret(i.get('value'))


@sync('reschedule')
def _reschedule(r, i, p, s):
    cm = r.timeouts.get(i['timeout'])
    if cm is None:
        raise Skip('unbound')
    ms = i.get('ms')
    return cm.reschedule(None if ms is None else r.loop.time() + ms)


@sync('expired')
def _expired(r, i, p, s):
    cm = r.timeouts.get(i['timeout'])
    if cm is None:
        raise Skip('unbound')
    return cm.expired()


@sync('call_soon')
def _call_soon(r, i, p, s):
    r.handles[i['name']] = r.loop.call_soon(r.run_callback, i['name'], s['do'])


@sync('call_soon_threadsafe')
def _call_soon_threadsafe(r, i, p, s):
    r.handles[i['name']] = r.loop.call_soon_threadsafe(r.run_callback, i['name'], s['do'])


@sync('call_later')
def _call_later(r, i, p, s):
    r.handles[i['name']] = r.loop.call_later(i['ms'], r.run_callback, i['name'], s['do'])


@sync('cancel_handle')
def _cancel_handle(r, i, p, s):
    h = r.handles.get(i['name'])
    if h is None:
        raise Skip('unbound')
    return h.cancel()


@sync('on_done')
def _on_done(r, i, p, s):
    f = r.ref(i['target'])
    code, name = s['do'], i['name']

    def cb(fut):
        r.run_callback(name, code, fut_state(fut))
    r.callbacks[name] = cb
    f.add_done_callback(cb)


@sync('off_done')
def _off_done(r, i, p, s):
    f = r.ref(i['target'])
    cb = r.callbacks.get(i['name'])
    if cb is None:
        raise Skip('unbound')
    return f.remove_done_callback(cb)


@sync('ctx_set')
def _ctx_set(r, i, p, s):
    v = r.obj(i, 'ctxvar')
    token = v.set(i['value'])
    if 'token' in i:
        r.tokens[i['token']] = v, token


@sync('ctx_get')
def _ctx_get(r, i, p, s):
    return r.obj(i, 'ctxvar').get(None)


@sync('ctx_reset')
def _ctx_reset(r, i, p, s):
    if i['token'] not in r.tokens:
        raise Skip('unbound')
    v, token = r.tokens[i['token']]
    return v.reset(token)


# --------------------------------------------------------------------------

def run(scenario, ticks=False):
    """The trace of a scenario, as a list of lines."""
    r = Run(scenario, ticks)
    return r.main()


def digest(trace):
    return hashlib.sha256('\n'.join(trace).encode()).hexdigest()


class Stuck(BaseException):
    pass


def _alarm(*_):
    raise Stuck


def run_guarded(scenario, ticks=False, seconds=0):
    """Like run(), but an error or endless loop of the implementation is an answer."""
    if not seconds:
        return run(scenario, ticks)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return run(scenario, ticks)
    except Stuck:
        return ['= RUNNER stuck']
    except Exception as e:
        return ['= RUNNER %s: %s' % (type(e).__name__, e)]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def main():
    import argparse
    import gc
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('files', nargs='*', help='scenario files; - is standard input')
    ap.add_argument('--jsonl', help='a file with one scenario a line; - is standard input')
    ap.add_argument('--out', help='write here instead of standard output')
    ap.add_argument('--digest', action='store_true', help='with --jsonl: answer a hash instead of the trace')
    ap.add_argument('--ticks', action='store_true', help='times carry the loop iteration: 5@12')
    ap.add_argument('--no-messages', action='store_true', help='leave out cancellation messages')
    ap.add_argument('--guard', type=float, default=0, help='seconds a scenario may take before it counts as stuck')
    ap.add_argument('--impl', choices=('c', 'py'), default='c', help='C or pure-Python Task and Future')
    ap.add_argument('--mutant', default='', help='run with a bug planted (see asyncio_mutants.py)')
    a = ap.parse_args()
    global CANCEL_MESSAGES
    if a.no_messages:
        CANCEL_MESSAGES = False
    if a.guard:
        signal.signal(signal.SIGALRM, _alarm)
    out = open(a.out, 'w') if a.out else sys.stdout
    if a.jsonl:
        gc.disable()
        src = sys.stdin if a.jsonl == '-' else open(a.jsonl)
        for n, text in enumerate(src):
            if not text.strip():
                continue
            sc = json.loads(text)
            tr = run_guarded(sc, a.ticks, a.guard)
            ans = {'name': sc.get('name', str(n))}
            if a.digest:
                ans['sha256'] = digest(tr)
                ans['lines'] = len(tr)
            else:
                ans['trace'] = tr
            out.write(json.dumps(ans, separators=(',', ':')) + '\n')
            if a.jsonl == '-':
                out.flush()
            if n % 200 == 199:
                gc.collect()
    for f in a.files:
        sc = json.load(sys.stdin if f == '-' else open(f))
        if len(a.files) > 1:
            out.write('# %s\n' % sc.get('name', f))
        out.write('\n'.join(run_guarded(sc, a.ticks, a.guard)) + '\n')
    if a.out:
        out.close()     # the exit does not flush it when tasks have been dropped at the step limit


if __name__ == '__main__':
    main()
