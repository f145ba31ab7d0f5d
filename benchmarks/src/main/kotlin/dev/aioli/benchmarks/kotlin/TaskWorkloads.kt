package dev.aioli.benchmarks.kotlin

import dev.aioli.benchmarks.worker.Heap
import dev.aioli.benchmarks.worker.Load
import dev.aioli.benchmarks.worker.Priorities
import dev.aioli.benchmarks.worker.Sample
import dev.aioli.benchmarks.worker.Worker
import java.util.concurrent.atomic.AtomicInteger
import kotlin.coroutines.CoroutineContext
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield

/** Coroutines: switching, starting, sleeping, cancelling, being there. */
internal class TaskWorkloads(private val dispatcher: CoroutineContext) {
  fun addTo(worker: Worker) {
    worker.add("yield", ::yields)
    worker.add("spawn-await", ::spawnAwait)
    worker.add("spawn-many", ::spawnMany)
    worker.add("spawn-cancel", ::spawnCancel)
    worker.add("timers", ::timers)
    worker.add("parked", ::parked)
  }

  private fun yields(load: Load): Sample =
    measureCrew(load, dispatcher) { repeat(load.rounds) { yield() } }

  private fun spawnAwait(load: Load): Sample =
    runBlocking(dispatcher) {
      val start = System.nanoTime()
      repeat(load.rounds) { async { 1 }.await() }
      Sample.since(start, load.rounds.toLong())
    }

  private fun spawnMany(load: Load): Sample =
    runBlocking(dispatcher) {
      val start = System.nanoTime()
      repeat(load.rounds) { List(load.tasks) { async { 1 } }.awaitAll() }
      Sample.since(start, load.operations())
    }

  private fun spawnCancel(load: Load): Sample =
    runBlocking(dispatcher) {
      val start = System.nanoTime()
      repeat(load.rounds) {
        val here = AtomicInteger()
        val allHere = CompletableDeferred<Unit>()
        val jobs =
          List(load.tasks) {
            launch {
              if (here.incrementAndGet() == load.tasks) allHere.complete(Unit)
              awaitCancellation()
            }
          }
        allHere.await()
        jobs.forEach { it.cancel() }
        jobs.joinAll()
      }
      Sample.since(start, load.operations())
    }

  private fun timers(load: Load): Sample =
    measureCrew(load, dispatcher) { index ->
      for (round in 0 until load.rounds) delay(Priorities.sleepMillis(index + round).toLong())
    }

  private fun parked(load: Load): Sample =
    runBlocking(dispatcher) {
      val before = Heap.usedBytes()
      val start = System.nanoTime()
      val here = AtomicInteger()
      val allHere = CompletableDeferred<Unit>()
      val end = CompletableDeferred<Unit>()
      val jobs =
        List(load.tasks) {
          launch {
            if (here.incrementAndGet() == load.tasks) allHere.complete(Unit)
            end.await()
          }
        }
      allHere.await()
      val nanos = System.nanoTime() - start
      val bytes = Heap.usedBytes() - before
      end.complete(Unit)
      jobs.joinAll()
      Sample(load.tasks.toLong(), nanos, bytes)
    }
}
