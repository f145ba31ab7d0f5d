package dev.aioli.benchmarks.kotlin

import dev.aioli.benchmarks.worker.Load
import dev.aioli.benchmarks.worker.Sample
import dev.aioli.benchmarks.worker.Worker
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executors
import java.util.concurrent.Semaphore
import kotlin.concurrent.thread
import kotlin.coroutines.CoroutineContext
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.future.asCompletableFuture
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext

/** Between coroutines and other threads. */
internal class ThreadWorkloads(private val dispatcher: CoroutineContext) {
  fun addTo(worker: Worker) {
    worker.add("executor", ::executor)
    worker.add("posts", ::posts)
    worker.add("from-outside", ::fromOutside)
  }

  private fun executor(load: Load): Sample =
    Executors.newSingleThreadExecutor().asCoroutineDispatcher().use { executor ->
      measureCrew(load, dispatcher) { repeat(load.rounds) { withContext(executor) { 1 } } }
    }

  private fun fromOutside(load: Load): Sample {
    val scopes = CompletableFuture<CoroutineScope>()
    val end = CompletableDeferred<Unit>()
    val loop =
      thread {
        runBlocking(dispatcher) {
          scopes.complete(this)
          end.await()
        }
      }
    val scope = scopes.get()
    val start = System.nanoTime()
    repeat(load.rounds) { scope.async { 1 }.asCompletableFuture().get() }
    val sample = Sample.since(start, load.rounds.toLong())
    end.complete(Unit)
    loop.join()
    return sample
  }

  /** Another thread sends, a batch after the other: never more than two are under way. */
  private fun posts(load: Load): Sample =
    runBlocking(dispatcher) {
      val channel = Channel<Int>(Channel.UNLIMITED)
      val batches = Semaphore(2)
      val start = System.nanoTime()
      val poster =
        thread {
          repeat(load.rounds) {
            batches.acquireUninterruptibly()
            for (i in 0 until load.tasks) channel.trySend(i)
          }
        }
      for (received in 1..load.operations()) {
        channel.receive()
        if (received % load.tasks == 0L) batches.release()
      }
      val sample = Sample.since(start, load.operations())
      poster.join()
      sample
    }
}
