package dev.aioli.benchmarks.kotlin

import dev.aioli.benchmarks.worker.Load
import dev.aioli.benchmarks.worker.Sample
import dev.aioli.benchmarks.worker.Worker
import java.util.concurrent.atomic.AtomicInteger
import kotlin.coroutines.CoroutineContext
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.Semaphore
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.sync.withPermit
import kotlinx.coroutines.yield

/** Synchronisation. */
internal class SyncWorkloads(private val dispatcher: CoroutineContext) {
  fun addTo(worker: Worker) {
    worker.add("uncontended", ::uncontended)
    worker.add("semaphore", ::semaphore)
    worker.add("lock", ::lock)
    worker.add("condition", ::condition)
    worker.add("event") { EventRounds(it).measure() }
  }

  private fun uncontended(load: Load): Sample {
    val mutex = Mutex()
    return measureCrew(load, dispatcher) {
      repeat(load.rounds) {
        mutex.lock()
        mutex.unlock()
      }
    }
  }

  private fun semaphore(load: Load): Sample {
    val semaphore = Semaphore(PERMITS)
    return measureCrew(load, dispatcher) { repeat(load.rounds) { semaphore.withPermit { yield() } } }
  }

  private fun lock(load: Load): Sample {
    val mutex = Mutex()
    return measureCrew(load, dispatcher) { repeat(load.rounds) { mutex.withLock { yield() } } }
  }

  private fun condition(load: Load): Sample {
    val condition = Condition()
    var turn = 0
    return measureCrew(load, dispatcher) { index ->
      repeat(load.rounds) {
        condition.mutex.withLock {
          while (turn != index) condition.await()
          turn = (index + 1) % load.tasks
          condition.signal()
        }
      }
    }
  }

  /** kotlinx.coroutines has none: the usual one made of a mutex and the deferreds of those who wait. */
  private class Condition {
    val mutex = Mutex()
    private val waiters = ArrayDeque<CompletableDeferred<Unit>>()

    suspend fun await() {
      val woken = CompletableDeferred<Unit>()
      waiters.addLast(woken)
      mutex.unlock()
      try {
        woken.await()
      } finally {
        mutex.lock()
      }
    }

    fun signal() {
      waiters.removeFirstOrNull()?.complete(Unit)
    }
  }

  /** In each round all coroutines wait for a deferred, which is completed when the last one has come. */
  private inner class EventRounds(private val load: Load) {
    private val allHere = Channel<Unit>(1)
    private val here = AtomicInteger()
    @Volatile private var wake = CompletableDeferred<Unit>()

    fun measure(): Sample =
      measureCrew(load, dispatcher, ::wakeInEachRound) {
        repeat(load.rounds) {
          val current = wake
          if (here.incrementAndGet() == load.tasks) allHere.send(Unit)
          current.await()
        }
      }

    private suspend fun wakeInEachRound() {
      repeat(load.rounds) {
        allHere.receive()
        here.set(0)
        val current = wake
        wake = CompletableDeferred()
        current.complete(Unit)
      }
    }
  }

  private companion object {
    const val PERMITS = 6
  }
}
