package dev.aioli.benchmarks.kotlin

import dev.aioli.benchmarks.worker.Load
import dev.aioli.benchmarks.worker.Sample
import java.util.concurrent.atomic.AtomicInteger
import kotlin.coroutines.CoroutineContext
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/** Coroutines that set off together; time counts from then until all have ended. */
internal fun measureCrew(
  load: Load,
  dispatcher: CoroutineContext,
  caller: suspend () -> Unit = {},
  body: suspend (Int) -> Unit,
): Sample =
  runBlocking(dispatcher) {
    val here = AtomicInteger()
    val allHere = CompletableDeferred<Unit>()
    val go = CompletableDeferred<Unit>()
    val jobs =
      List(load.tasks) { index ->
        launch {
          descend(load.depth) {
            if (here.incrementAndGet() == load.tasks) allHere.complete(Unit)
            go.await()
            body(index)
          }
        }
      }
    allHere.await()
    val start = System.nanoTime()
    go.complete(Unit)
    caller()
    jobs.joinAll()
    Sample.since(start, load.operations())
  }

/** Runs the body so many frames further down; none of them is a tail call, so each is kept. */
private suspend fun descend(frames: Int, body: suspend () -> Unit): Int {
  if (frames == 0) {
    body()
    return 0
  }
  return descend(frames - 1, body) + 1
}
